/** The passkeys among the factors: their keys, and the counters that tell a copy of one. */
import type { Context } from '#kernel/context.ts';
import { onUnique } from '#kernel/db/database-errors.ts';
import { PasskeyTaken } from './mfa.errors.ts';
import { PENDING_MS } from './mfa.model.ts';
import type { Transport } from './passkeys.model.ts';

/** What an authenticator said when it was added. */
export interface NewPasskey {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly Transport[];
  readonly aaguid: string;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  readonly userVerified: boolean;
}

/** False when nothing waits for it any more. Throws `PasskeyTaken`. */
export async function confirmPasskey(
  ctx: Context,
  userId: string,
  id: string,
  passkey: NewPasskey,
): Promise<boolean> {
  const now = ctx.clock.now();
  try {
    const rows = await ctx.db.query(CONFIRM, [
      ctx.tenantId,
      userId,
      id,
      now,
      new Date(now.getTime() - PENDING_MS),
      passkey.credentialId,
      passkey.publicKey,
      passkey.counter,
      passkey.transports,
      passkey.aaguid,
      passkey.backupEligible,
      passkey.backedUp,
      passkey.userVerified,
    ]);
    return rows.length > 0;
  } catch (error) {
    throw onUnique(error, { factors_tenant_id_credential_id_key: () => new PasskeyTaken() });
  }
}

const CONFIRM = `
UPDATE factors SET confirmed_at = $4, credential_id = $6, public_key = $7, counter = $8, transports = $9,
  aaguid = $10, backup_eligible = $11, backed_up = $12, user_verified = $13
WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND kind = 'PASSKEY' AND confirmed_at IS NULL
  AND created_at > $5 RETURNING 1`;

export interface KnownPasskey {
  readonly id: string;
  readonly userId: string;
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly transports: Transport[];
  readonly backupEligible: boolean;
}

const COLUMNS = `id, user_id AS "userId", credential_id AS "credentialId", public_key AS "publicKey",
  transports, backup_eligible AS "backupEligible"`;

export function passkeysOf(ctx: Context, userId: string): Promise<KnownPasskey[]> {
  return ctx.db.query(
    `SELECT ${COLUMNS} FROM factors
     WHERE tenant_id = $1 AND user_id = $2 AND kind = 'PASSKEY' AND confirmed_at IS NOT NULL ORDER BY id`,
    [ctx.tenantId, userId],
  );
}

export async function findPasskey(
  ctx: Context,
  credentialId: Buffer,
): Promise<KnownPasskey | null> {
  const [row] = await ctx.db.query<KnownPasskey>(
    `SELECT ${COLUMNS} FROM factors WHERE tenant_id = $1 AND credential_id = $2`,
    [ctx.tenantId, credentialId],
  );
  return row ?? null;
}

/**
 * False when the counter did not grow: somebody else has used a copy of the key. Authenticators that
 * do not count always say 0 (Web Authentication, section 6.1.1).
 */
export async function advanceCounter(
  ctx: Context,
  id: string,
  used: { readonly counter: number; readonly backedUp: boolean },
): Promise<boolean> {
  const rows = await ctx.db.query(
    `UPDATE factors SET counter = $3, backed_up = $4, last_used_at = $5
     WHERE tenant_id = $1 AND id = $2 AND (counter < $3 OR (counter = 0 AND $3 = 0)) RETURNING 1`,
    [ctx.tenantId, id, used.counter, used.backedUp, ctx.clock.now()],
  );
  return rows.length > 0;
}
