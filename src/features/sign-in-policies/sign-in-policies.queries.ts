/** Reads of sign-in policies: every tenant has one, most of them the default. */
import type { TenantRow } from '#features/tenants/tenants.model.ts';
import { TENANT_COLUMNS } from '#features/tenants/tenants.queries.ts';
import type { Context } from '#kernel/context.ts';
import { NotFound } from '#kernel/errors.ts';
import { DEFAULT_POLICY, type SignInPolicyRow } from './sign-in-policies.model.ts';

export const SIGN_IN_POLICY_COLUMNS = `p.tenant_id AS "tenantId", p.registration, p.mfa,
  p.password_min_length AS "passwordMinLength", p.argon2_memory AS "argon2Memory",
  p.argon2_passes AS "argon2Passes", p.argon2_lanes AS "argon2Lanes",
  p.session_idle_seconds AS "sessionIdleSeconds", p.session_seconds AS "sessionSeconds",
  p.max_sessions AS "maxSessions", p.logo_uri AS "logoUri", p.accent_color AS "accentColor", p.version`;

export async function signInPolicyOf(
  ctx: Pick<Context, 'db' | 'tenantId'>,
): Promise<SignInPolicyRow> {
  const [row] = await ctx.db.query<SignInPolicyRow>(
    `SELECT ${SIGN_IN_POLICY_COLUMNS} FROM sign_in_policies p WHERE p.tenant_id = $1`,
    [ctx.tenantId],
  );
  return row ?? { tenantId: ctx.tenantId, ...DEFAULT_POLICY };
}

/** Whose people sign in, and how. */
export interface TenantRules {
  readonly tenant: TenantRow;
  readonly policy: SignInPolicyRow;
}

/** Both by one statement. Throws `NotFound`. */
export async function tenantRulesOf(ctx: Pick<Context, 'db' | 'tenantId'>): Promise<TenantRules> {
  const [row] = await ctx.db.query<TenantRow & { policy: SignInPolicyRow | null }>(RULES, [
    ctx.tenantId,
  ]);
  if (!row) throw new NotFound('Tenant');
  const { policy, ...tenant } = row;
  return { tenant, policy: policy ?? { tenantId: ctx.tenantId, ...DEFAULT_POLICY } };
}

const RULES = `
SELECT ${TENANT_COLUMNS}, (SELECT to_json(r) FROM (
  SELECT ${SIGN_IN_POLICY_COLUMNS} FROM sign_in_policies p WHERE p.tenant_id = t.id) r) AS policy
FROM tenants t WHERE t.id = $1`;
