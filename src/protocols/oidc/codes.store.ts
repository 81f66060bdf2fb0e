/** The table oauth_codes: what is good once. Of any number of takers, one statement lets one win. */
import type { AdapterPayload } from 'oidc-provider';
import type { Context } from '#kernel/context.ts';
import { current, engineTime } from './current.ts';
import { POLL_SECONDS } from './device-codes.ts';
import { loadEngine, type ModelAdapter, routeOf } from './engine.ts';
import { hashOf } from './hashes.ts';
import { endGrant } from './protocol-events.ts';

export type CodeKind = 'AuthorizationCode' | 'DeviceCode' | 'PushedAuthorizationRequest';

interface Row {
  readonly payload: AdapterPayload;
  readonly consumedAt: Date | null;
}

export function codes(kind: CodeKind): ModelAdapter {
  return {
    async upsert(id, { jti: _, userCode, ...payload }, expiresIn) {
      const { db, tenantId, clock } = current();
      const [kept] = await db.query(UPSERT, [
        tenantId,
        hashFor(kind, id),
        kind,
        payload.grantId ?? null,
        userCode === undefined ? null : hashOf(userCode),
        JSON.stringify({ ...payload, ...(userCode === undefined ? {} : { userCode }) }),
        new Date(clock.ms() + expiresIn * 1000),
      ]);
      if (kept) return;
      const { errors } = await loadEngine();
      throw new errors.InvalidRequest('the code was used already');
    },

    async find(id) {
      const ctx = current();
      const asked = [ctx.tenantId, hashFor(kind, id), kind];
      const byDevice = kind === 'DeviceCode' && routeOf() === 'token';
      const row = byDevice ? await polled(ctx, asked) : (await ctx.db.query<Row>(FIND, asked))[0];
      return row && payloadOf(id, row);
    },

    /** RFC 8628: the device's own code stays unknown here, so what is found cannot be presented. */
    async findByUserCode(userCode) {
      const { db, tenantId } = current();
      const [row] = await db.query<Row & { hash: Buffer }>(FIND_BY_USER_CODE, [
        tenantId,
        hashOf(userCode),
        kind,
      ]);
      return row && payloadOf(`${KNOWN_BY_HASH}${row.hash.toString('hex')}`, row);
    },

    async consume(id) {
      const { db, tenantId, clock } = current();
      const spent = await db.query(CONSUME, [tenantId, hashFor(kind, id), kind, clock.now()]);
      if (spent.length > 0) return;
      // RFC 6749, 4.1.2: whoever came first may have been a thief.
      if (kind === 'AuthorizationCode') await revokeFamily(id);
      const { errors } = await loadEngine();
      throw new errors.InvalidGrant('the code was used already');
    },

    async destroy(id) {
      const { db, tenantId } = current();
      await db.query(DESTROY, [tenantId, hashFor(kind, id), kind]);
    },
  };

  async function revokeFamily(id: string): Promise<void> {
    const ctx = current();
    const [row] = await ctx.db.query<Row>(FIND, [ctx.tenantId, hashFor(kind, id), kind]);
    if (row?.payload.grantId) await endGrant(row.payload.grantId);
  }
}

/** When a device asked last, in milliseconds. */
interface Polled {
  readonly before: string | null;
}

/** RFC 8628, 3.5: what is pending may not be asked for too fast, but for what the network takes. */
async function polled({ db, clock }: Context, asked: unknown[]): Promise<Row | undefined> {
  const now = clock.ms();
  const [row] = await db.query<Row & Polled>(POLL, [...asked, now]);
  if (!row) return undefined;
  const { payload, before } = row;
  const pending = payload.accountId === undefined && payload['error'] === undefined;
  if (pending && before !== null && now - Number(before) < POLL_SECONDS * 1000 - 500) {
    const { errors } = await loadEngine();
    throw new errors.SlowDown();
  }
  // A device that asked twice at once is no thief: it is refused by `consume`, and its grant goes on.
  const atOnce = row.consumedAt !== null && now - row.consumedAt.getTime() < POLL_SECONDS * 1000;
  return atOnce ? { payload, consumedAt: null } : row;
}

/** Within the approval on another device only: what a device presents is always the code itself. */
const KNOWN_BY_HASH = 'hash:';

function hashFor(kind: CodeKind, id: string): Buffer {
  const approved = kind === 'DeviceCode' && routeOf() !== 'token';
  return approved && id.startsWith(KNOWN_BY_HASH)
    ? Buffer.from(id.slice(KNOWN_BY_HASH.length), 'hex')
    : hashOf(id);
}

/** What was used is told as used, however late it comes: the engine asks first whether it is over. */
function payloadOf(id: string, { payload, consumedAt }: Row): AdapterPayload {
  if (!consumedAt) return { ...payload, jti: id };
  const consumed = Math.floor(consumedAt.getTime() / 1000);
  return { ...payload, consumed, exp: Math.floor(engineTime() / 1000) + 1, jti: id };
}

/** What somebody has approved stays theirs. */
const UPSERT = `
INSERT INTO oauth_codes (tenant_id, hash, kind, grant_id, user_code_hash, payload, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, hash) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
  expires_at = excluded.expires_at
WHERE oauth_codes.consumed_at IS NULL AND oauth_codes.payload ->> 'accountId' IS NULL RETURNING 1`;

const FIND = `
SELECT payload, consumed_at AS "consumedAt" FROM oauth_codes
WHERE tenant_id = $1 AND hash = $2 AND kind = $3`;

/** $4: now. */
const POLL = `
WITH seen AS (
  SELECT hash, payload ->> 'polledAt' AS before FROM oauth_codes
  WHERE tenant_id = $1 AND hash = $2 AND kind = $3 FOR UPDATE
)
UPDATE oauth_codes c SET payload = c.payload || jsonb_build_object('polledAt', $4::bigint)
FROM seen WHERE c.tenant_id = $1 AND c.hash = seen.hash
RETURNING c.payload, c.consumed_at AS "consumedAt", seen.before`;

const FIND_BY_USER_CODE = `
SELECT hash, payload, consumed_at AS "consumedAt" FROM oauth_codes
WHERE tenant_id = $1 AND user_code_hash = $2 AND kind = $3`;

const CONSUME = `
UPDATE oauth_codes SET consumed_at = $4
WHERE tenant_id = $1 AND hash = $2 AND kind = $3 AND consumed_at IS NULL RETURNING 1`;

const DESTROY = 'DELETE FROM oauth_codes WHERE tenant_id = $1 AND hash = $2 AND kind = $3';
