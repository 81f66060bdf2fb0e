/** The table sign_in_flows. Of two answers to one step, the version lets one count. */
import { hashToken, looksLikeToken, newToken } from '#features/sessions/sessions.model.ts';
import type { Context } from '#kernel/context.ts';
import { idAt } from '#kernel/ids.ts';
import { addressKey, type Bucket } from '#kernel/limits.ts';
import { FLOW_SECONDS, type Flow, type Purpose } from './sign-in.model.ts';

const COLUMNS = 'id, purpose, user_id AS "userId", state, guesses, version';

export function newFlow(ctx: Context, purpose: Purpose): Flow {
  return {
    id: idAt(ctx.clock.now()),
    purpose,
    userId: null,
    state: { amr: [] },
    guesses: 0,
    version: 0,
  };
}

/** Null when there is none with this token, or it is over. */
export async function findFlow(ctx: Context, token: string): Promise<Flow | null> {
  if (!looksLikeToken(token)) return null;
  const [flow] = await ctx.db.query<Flow>(
    `SELECT ${COLUMNS} FROM sign_in_flows
     WHERE tenant_id = $1 AND token_hash = $2 AND ended_at IS NULL AND expires_at > $3`,
    [ctx.tenantId, hashToken(token), ctx.clock.now()],
  );
  return flow ?? null;
}

/** Stores where the flow stands. Answers the token that continues it, or null when another was faster. */
export async function saveFlow(
  ctx: Context,
  flow: Flow,
  token: string | null,
): Promise<string | null> {
  const now = ctx.clock.now();
  if (flow.version === 0 || token === null) {
    await ctx.limits.consume(FLOWS, addressKey(ctx.address));
    const fresh = newToken();
    await ctx.db.query(INSERT, [
      ctx.tenantId,
      flow.id,
      fresh.hash,
      flow.purpose,
      flow.userId,
      JSON.stringify(flow.state),
      now,
      new Date(now.getTime() + FLOW_SECONDS * 1000),
    ]);
    return fresh.token;
  }
  const rows = await ctx.db.query(
    `UPDATE sign_in_flows SET user_id = $4, state = $5, version = version + 1
     WHERE tenant_id = $1 AND id = $2 AND version = $3 AND ended_at IS NULL RETURNING 1`,
    [ctx.tenantId, flow.id, flow.version, flow.userId, JSON.stringify(flow.state)],
  );
  return rows.length > 0 ? token : null;
}

/** Strangers make them. Counted in each process, for a shield and not for a secret. */
const FLOWS: Bucket = { name: 'sign-in-flows', counted: 'local', points: 120, seconds: 60 };

const INSERT = `
INSERT INTO sign_in_flows (tenant_id, id, token_hash, purpose, user_id, state, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

/** False when another answer was faster. What was never stored needs no end. */
export async function endFlow(ctx: Context, flow: Flow): Promise<boolean> {
  if (flow.version === 0) return true;
  const rows = await ctx.db.query(
    `UPDATE sign_in_flows SET ended_at = $4
     WHERE tenant_id = $1 AND id = $2 AND version = $3 AND ended_at IS NULL RETURNING 1`,
    [ctx.tenantId, flow.id, flow.version, ctx.clock.now()],
  );
  return rows.length > 0;
}

/** Ten answers to second factors a sign-in, however they arrive (ASVS 6.6.3). */
const MAX_GUESSES = 10;

/** Counts one before it is looked at; false: there were enough. */
export async function spendGuess(ctx: Context, flow: Flow): Promise<boolean> {
  const rows = await ctx.db.query(
    `UPDATE sign_in_flows SET guesses = guesses + 1
     WHERE tenant_id = $1 AND id = $2 AND guesses < ${MAX_GUESSES} AND ended_at IS NULL RETURNING 1`,
    [ctx.tenantId, flow.id],
  );
  return rows.length > 0;
}
