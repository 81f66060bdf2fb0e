/**
 * The table challenges: what was asked of a person and waits for its answer. For one user, sign-in,
 * purpose and kind there is one row, whose place a newer challenge takes; answers are counted before
 * they are looked at, and one of them spends it.
 */
import type { Context } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';

/** What the answer will be good for, and nothing else. */
export type ChallengePurpose = 'SIGN_IN' | 'STEP_UP' | 'ENROL';
export type ChallengeKind = 'EMAIL' | 'SMS' | 'PASSKEY';

/** All of it must be the same when the answer comes. */
export interface Asked {
  /** Null before anybody knows who it is: then there is a flow. */
  readonly userId: string | null;
  /** The sign-in that is under way; null for a person who is signed in. */
  readonly flowId: string | null;
  readonly purpose: ChallengePurpose;
  readonly kind: ChallengeKind;
}

export interface NewChallenge extends Asked {
  readonly hash: string;
  readonly factorId: string | null;
}

/** ASVS 6.5.5: what is sent out of band is good for ten minutes at most. */
const SECONDS = 600;
const MAX_GUESSES = 10;

export interface Challenge {
  readonly id: string;
  readonly expiresAt: Date;
}

/** Ends an older one that asks the same. */
export async function putChallenge(ctx: Context, challenge: NewChallenge): Promise<Challenge> {
  const { userId, flowId, purpose, kind, hash, factorId } = challenge;
  const id = newId();
  const now = ctx.clock.now();
  const expiresAt = new Date(now.getTime() + SECONDS * 1000);
  await ctx.db.query(PUT, [
    ctx.tenantId,
    id,
    userId,
    flowId,
    purpose,
    kind,
    hash,
    factorId,
    now,
    expiresAt,
  ]);
  return { id, expiresAt };
}

const PUT = `
INSERT INTO challenges (tenant_id, id, user_id, flow_id, purpose, kind, hash, factor_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant_id, user_id, flow_id, purpose, kind) DO UPDATE
SET id = excluded.id, hash = excluded.hash, factor_id = excluded.factor_id, guesses = 0,
  created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = NULL`;

export interface Counted {
  readonly id: string;
  readonly hash: string;
  readonly factorId: string | null;
}

/**
 * Before a code is looked at. Null when nothing waits for it any more, or it bore all the answers
 * that it may. Not inside a transaction: what is counted must stay counted.
 */
export async function countAnswer(ctx: Context, asked: Asked): Promise<Counted | null> {
  const { userId, flowId, purpose, kind } = asked;
  const values = [ctx.tenantId, userId, flowId, purpose, kind, ctx.clock.now()];
  const [row] = await ctx.db.query<Counted>(COUNT, values);
  return row ?? null;
}

const COUNT = `
UPDATE challenges SET guesses = guesses + 1
WHERE tenant_id = $1 AND user_id = $2 AND flow_id IS NOT DISTINCT FROM $3::uuid
  AND purpose = $4 AND kind = $5 AND used_at IS NULL AND expires_at > $6 AND guesses < ${MAX_GUESSES}
RETURNING id, hash, factor_id AS "factorId"`;

/**
 * Spends the challenge that has this hash, for what it was made for and before the answer is looked
 * at. Null when there is none that is still good.
 */
export async function spendByHash(
  ctx: Context,
  { userId, flowId, purpose, kind }: Asked,
  hash: string,
): Promise<{ readonly factorId: string | null } | null> {
  const values = [ctx.tenantId, hash, userId, flowId, purpose, kind, ctx.clock.now()];
  const [row] = await ctx.db.query<{ factorId: string | null }>(SPEND_BY_HASH, values);
  return row ?? null;
}

const SPEND_BY_HASH = `
UPDATE challenges SET used_at = $7
WHERE tenant_id = $1 AND hash = $2 AND user_id IS NOT DISTINCT FROM $3::uuid
  AND flow_id IS NOT DISTINCT FROM $4::uuid AND purpose = $5 AND kind = $6
  AND used_at IS NULL AND expires_at > $7
RETURNING factor_id AS "factorId"`;

/** False when another answer was faster, or a newer challenge took its place. */
export async function spendChallenge(ctx: Context, { id }: Pick<Counted, 'id'>): Promise<boolean> {
  const rows = await ctx.db.query(
    `UPDATE challenges SET used_at = $3
     WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL AND expires_at > $3 RETURNING 1`,
    [ctx.tenantId, id, ctx.clock.now()],
  );
  return rows.length > 0;
}
