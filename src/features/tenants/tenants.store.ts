/** What a process writes about tenants without being asked. */
import type { Services } from '#kernel/context.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { issuerOf } from './tenants.model.ts';

/** The migration makes the platform's tenant but cannot know PUBLIC_URL; the first start does. */
export async function namePlatformIssuer({ db, config }: Services): Promise<void> {
  await db.inTenant(PLATFORM_TENANT_ID, () =>
    db.query(
      'UPDATE tenants SET issuer = $2, version = version + 1 WHERE id = $1 AND issuer IS NULL',
      [PLATFORM_TENANT_ID, issuerOf(config.publicUrl, { slug: 'platform' })],
    ),
  );
}
