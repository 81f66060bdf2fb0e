/** What a process writes about tenants without being asked, and how it finds them by their names. */
import { LRUCache } from 'lru-cache';
import type { Services } from '#kernel/context.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { issuerOf, type TenantStatusName, tenantHost, tenantSlug } from './tenants.model.ts';

/** The migration makes the platform's tenant but cannot know PUBLIC_URL; the first start does. */
export async function namePlatformIssuer({ db, config }: Services): Promise<void> {
  await db.inTenant(PLATFORM_TENANT_ID, () =>
    db.query(
      'UPDATE tenants SET issuer = $2, version = version + 1 WHERE id = $1 AND issuer IS NULL',
      [PLATFORM_TENANT_ID, issuerOf(config.publicUrl, { slug: 'platform' })],
    ),
  );
}

export interface NamedTenant {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly status: TenantStatusName;
}

export interface NamedTenants {
  /** The tenant of a path such as /t/acme; null when there is none. Remembered for less than a second. */
  find(slug: string): Promise<NamedTenant | null>;
}

const REMEMBERED_MS = 700;

export function namedTenants({ db }: Services): NamedTenants {
  const remembered = new LRUCache<string, Promise<NamedTenant | null>>({
    max: 10_000,
    ttl: REMEMBERED_MS,
  });
  const lookUp = async (slug: string): Promise<NamedTenant | null> => {
    const [row] = await db.inTenant(PLATFORM_TENANT_ID, () =>
      db.query<NamedTenant>(
        "SELECT id, slug, name, status FROM tenants WHERE slug = $1 AND status <> 'DELETED'",
        [slug],
      ),
    );
    return row ?? null;
  };
  return {
    find(slug) {
      const known = remembered.get(slug);
      if (known) return known;
      if (!tenantSlug.safeParse(slug).success) return Promise.resolve(null);
      // Others wait for this answer too: it does not end with the request that asked first.
      const finding = db.until(null, () => lookUp(slug));
      remembered.set(slug, finding);
      finding.catch(() => remembered.delete(slug));
      return finding;
    },
  };
}

export interface HostedTenants {
  /** The tenant whose own host this is; null for PUBLIC_URL's and for one that nobody has. */
  at(host: string): Promise<NamedTenant | null>;
}

/**
 * All hosts are remembered together, for less than a second: whatever names strangers send, it is one
 * look at the database. What is no name of a tenant's host, such as an address, costs none.
 */
export function hostedTenants({ db, config }: Services): HostedTenants {
  const everybody = new URL(config.publicUrl).hostname;
  type Hosts = ReadonlyMap<string, NamedTenant>;
  const remembered = new LRUCache<'hosts', Promise<Hosts>>({ max: 1, ttl: REMEMBERED_MS });
  const lookUp = async (): Promise<Hosts> => {
    const rows = await db.inTenant(PLATFORM_TENANT_ID, () =>
      db.query<NamedTenant & { host: string }>(
        "SELECT id, slug, name, status, host FROM tenants WHERE host IS NOT NULL AND status <> 'DELETED'",
        [],
      ),
    );
    return new Map(rows.map(({ host, ...tenant }) => [host, tenant]));
  };
  const hosts = (): Promise<Hosts> => {
    const known = remembered.get('hosts');
    if (known) return known;
    const finding = db.until(null, lookUp);
    remembered.set('hosts', finding);
    finding.catch(() => remembered.delete('hosts'));
    return finding;
  };
  return {
    async at(host) {
      if (host === everybody || tenantHost.safeParse(host).data !== host) return null;
      return (await hosts()).get(host) ?? null;
    },
  };
}
