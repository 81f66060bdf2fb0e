/**
 * Sign-in policies: what a tenant demands of its people when they sign in, how long a session lives,
 * and how its pages look. This room owns the policy; the rooms of passwords, factors and sessions
 * hold to it.
 */
import { z } from 'zod';
import { command } from '#kernel/commands/command.ts';
import { defined } from '#kernel/defined.ts';
import { InvalidInput, VersionMismatch } from '#kernel/errors.ts';
import { expectedVersion } from '#kernel/text.ts';
import { type SignInPolicyRow, signInPolicy } from './sign-in-policies.model.ts';
import { SIGN_IN_POLICY_COLUMNS, signInPolicyOf } from './sign-in-policies.queries.ts';

export const updateSignInPolicy = command({
  name: 'sign-in-policy.update',
  summary: 'Changes how the people of the tenant sign in. What is left out stays.',
  scope: 'sign-in-policy:write',
  maxAge: 900,
  severity: 'WARNING',
  input: z.strictObject({ ...signInPolicy, version: expectedVersion }),
  errors: [VersionMismatch],
  targets: ({ tenantId }: SignInPolicyRow) => [{ type: 'tenant' as const, id: tenantId }],
  about: ['tenant'],
  tells: { changes: z.object(signInPolicy) },
  details: (_, { version: _version, ...changes }) => ({ changes: defined(changes) }),
  async run(ctx, { version, ...changes }) {
    await ctx.db.query(MAKE_ROW, [ctx.tenantId, ctx.clock.now()]);
    const before = await signInPolicyOf(ctx);
    if (version !== undefined && version !== before.version)
      throw new VersionMismatch('The sign-in policy');
    const after = { ...before, ...defined(changes) };
    if (after.sessionIdleSeconds > after.sessionSeconds)
      throw new InvalidInput([
        { path: 'sessionIdleSeconds', message: 'must not be more than sessionSeconds' },
      ]);
    const [row] = await ctx.db.query<SignInPolicyRow>(UPDATE, [
      ctx.tenantId,
      after.registration,
      after.mfa,
      after.passwordMinLength,
      after.argon2Memory,
      after.argon2Passes,
      after.argon2Lanes,
      after.sessionIdleSeconds,
      after.sessionSeconds,
      after.maxSessions,
      after.logoUri,
      after.accentColor,
      ctx.clock.now(),
    ]);
    return row as SignInPolicyRow;
  },
});

/** Also takes the lock under which the version is compared. */
const MAKE_ROW = `
INSERT INTO sign_in_policies (tenant_id, updated_at) VALUES ($1, $2)
ON CONFLICT (tenant_id) DO UPDATE SET updated_at = sign_in_policies.updated_at`;

const UPDATE = `
UPDATE sign_in_policies p SET registration = $2, mfa = $3, password_min_length = $4, argon2_memory = $5,
  argon2_passes = $6, argon2_lanes = $7, session_idle_seconds = $8, session_seconds = $9,
  max_sessions = $10, logo_uri = $11, accent_color = $12, version = p.version + 1, updated_at = $13
WHERE p.tenant_id = $1 RETURNING ${SIGN_IN_POLICY_COLUMNS}`;
