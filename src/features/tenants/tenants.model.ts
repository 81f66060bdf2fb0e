/** Tenants: shapes, limits, and how a slug becomes an issuer. */
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { id } from '#kernel/ids.ts';
import { declareScope } from '#kernel/scopes.ts';
import { line } from '#kernel/text.ts';

declareScope(
  'platform:tenants',
  'Create, read, change, suspend and delete tenants, and act in them',
);

export type TenantStatusName = 'ACTIVE' | 'SUSPENDED' | 'DELETED';

export interface TenantRow {
  readonly id: string;
  readonly slug: string;
  readonly host: string | null;
  readonly issuer: string | null;
  readonly name: string;
  readonly status: TenantStatusName;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const tenantStatus = z.enum(['ACTIVE', 'SUSPENDED', 'DELETED']).meta({
  id: 'TenantStatus',
  description: 'Whether the doors of the tenant are open.',
});

export const tenantId = id('tenant').describe('The tenant.');

export const tenantSlug = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must have 1 to 63 lower-case letters, digits and inner hyphens',
  )
  .describe('Names the tenant in paths such as /t/acme; it never changes.');

export const tenantName = line(200).describe('The name to show.');

/** Two labels or more, of which the last begins with a letter: `example`, `xn--p1ai`. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** A DNS name of the tenant's own, in ASCII. */
export const tenantHost = z
  .string()
  .trim()
  .toLowerCase()
  // domainToASCII drops line breaks, ports and paths and decodes %61: nothing of that gets there.
  .transform((value) => (/^[\p{L}\p{M}\p{N}.-]+$/u.test(value) ? domainToASCII(value) : ''))
  .refine(
    (value) => value.length <= 253 && HOST.test(value),
    'must be a host name, such as login.acme.com',
  )
  .describe("The tenant's own host name, such as login.acme.com; unique on the platform.");

/**
 * The issuer identifier of a tenant (RFC 8414 section 2): its own host, else a path of PUBLIC_URL. A
 * host of its own is reached as PUBLIC_URL is: by https, unless somebody develops.
 */
export function issuerOf(
  publicUrl: string,
  tenant: { slug: string; host?: string | null | undefined },
): string {
  if (!tenant.host) return `${publicUrl}/t/${tenant.slug}`;
  const { protocol, port } = new URL(publicUrl);
  return `${protocol}//${tenant.host}${port && `:${port}`}`;
}
