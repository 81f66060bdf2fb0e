/**
 * The table oauth_tokens: what is presented again and again. A refresh token that rotates is spent by
 * the statement that makes its successor, and the successor of one token is always the same value: of
 * two requests that present it, both are told the one lineage that there is, for GRACE_MS; after that,
 * or once the successor was used, the token has been stolen (RFC 9700, 4.14.2).
 */
import type { AccessToken, AdapterPayload } from 'oidc-provider';
import { presentedClient } from '#features/clients/clients.store.ts';
import type { GrantRow } from '#features/grants/grants.model.ts';
import { GRANT_COLUMNS, grantHolders, isLive } from '#features/grants/grants.queries.ts';
import { memoized } from '#kernel/context.ts';
import { decodeId } from '#kernel/ids.ts';
import { rememberPerson, selectPerson, type ToldPerson } from './claims.ts';
import { current } from './current.ts';
import { entitiesOf, loadEngine, type ModelAdapter, type Provider, routeOf } from './engine.ts';
import { rememberGrant } from './grants.adapter.ts';
import { hashOf, newSalt, successorOf } from './hashes.ts';
import { endGrant } from './protocol-events.ts';
import { prolongUsed } from './refresh-lives.ts';

export type TokenKind =
  | 'RefreshToken'
  | 'AccessToken'
  | 'ClientCredentials'
  | 'InitialAccessToken'
  | 'RegistrationAccessToken';

/** How long an honest client may repeat itself. */
const GRACE_MS = 10_000;

/** With its grant, where it has one. */
interface Row extends GrantRow {
  readonly kind: TokenKind;
  readonly payload: AdapterPayload;
  readonly salt: Buffer | null;
  readonly consumedAt: Date | null;
  readonly inGrace: boolean;
  readonly person?: ToldPerson | null;
}

/** A row to be. */
interface Made {
  readonly hash: Buffer;
  readonly payload: string;
  readonly expiresAt: Date;
}

interface Rotation extends Made {
  readonly grantId: string | undefined;
  /** The hash of what it follows. */
  readonly spent: Buffer;
}

/** Within one request: the refresh token that waits for its access token. */
const ROTATION = Symbol('rotation');
/** Within one request: the salts of what was presented. */
const SALTS = Symbol('salts of refresh tokens');

export function tokens(kind: TokenKind): ModelAdapter {
  return {
    async upsert(id, { jti: _, ...payload }, expiresIn) {
      const { db, tenantId, clock, memo } = current();
      const rotated = kind === 'RefreshToken' ? entitiesOf()?.RotatedRefreshToken?.jti : undefined;
      const { grantId } = payload;
      const made = {
        hash: hashOf(id),
        payload: JSON.stringify(payload),
        expiresAt: new Date(clock.ms() + expiresIn * 1000),
      };
      if (rotated !== undefined) memo.set(ROTATION, { ...made, grantId, spent: hashOf(rotated) });
      else if (kind === 'AccessToken' && memo.has(ROTATION)) await rotate(made);
      else
        await db.query(INSERT, [
          tenantId,
          made.hash,
          kind,
          grantId ?? null,
          made.payload,
          kind === 'RefreshToken' ? newSalt() : null,
          made.expiresAt,
        ]);
    },

    async find(id) {
      const row = await rowOf(id);
      if (row?.kind !== kind || !(await mayReach(row.payload))) return undefined;
      if (row.salt) current().memo.set(SALTS, new Map([[id, row.salt]]));
      // What may be repeated counts as not used yet.
      const consumed =
        row.consumedAt && !row.inGrace
          ? { consumed: Math.floor(row.consumedAt.getTime() / 1000) }
          : {};
      return { ...row.payload, ...consumed, jti: id };
    },

    /** It is spent together with the birth of its successor. */
    async consume() {},

    async destroy(id) {
      const { db, tenantId } = current();
      await db.query(DESTROY, [tenantId, hashOf(id), kind]);
    },
  };
}

/** An opaque token ends with its client, and with what the client has of the API; with its grant it has ended before. */
async function mayReach({ aud, clientId = '' }: AdapterPayload): Promise<boolean> {
  if (typeof aud !== 'string') return true;
  const ctx = current();
  const id = decodeId('client', clientId);
  const client = id === null ? null : await presentedClient(ctx, ctx.tenantId, id);
  return client?.disabledAt === null && client.audiences.includes(aud);
}

/** After a refresh token the engine always makes an access token: both are one statement, and so one COMMIT. */
export function rotateWithAccessTokens({ AccessToken }: Provider): void {
  const { save } = AccessToken.prototype;
  AccessToken.prototype.save = async function (this: AccessToken) {
    const value = await save.call(this);
    // One that is a JWT is not stored.
    if (current().memo.has(ROTATION)) await rotate(null);
    await prolongUsed();
    return value;
  };
}

async function rotate(access: Made | null): Promise<void> {
  const { db, tenantId, clock, memo } = current();
  const next = memo.get(ROTATION) as Rotation;
  memo.delete(ROTATION);
  const now = clock.ms();
  const [answer] = await db.query<{ spent: boolean }>(ROTATE, [
    tenantId,
    next.hash,
    next.grantId ?? null,
    next.payload,
    newSalt(),
    next.expiresAt,
    next.spent,
    new Date(now),
    new Date(now - GRACE_MS),
    access?.hash ?? null,
    access?.payload ?? null,
    access?.expiresAt ?? null,
  ]);
  if (!answer?.spent) await stolen(next.grantId);
}

/** Once a request: the engine asks for one kind after the other, and for the grant after that. */
function rowOf(value: string): Promise<Row | undefined> {
  const ctx = current();
  const hash = hashOf(value);
  return memoized(ctx, `token ${hash.toString('base64')}`, async () => {
    const { db, tenantId, clock } = ctx;
    const times = [clock.now(), new Date(clock.ms() - GRACE_MS)];
    // Who refreshes will be told about the person.
    const text = routeOf() === 'token' ? FIND_WITH_PERSON : FIND;
    const [row] = await db.query<Row>(text, [tenantId, hash, ...times]);
    if (row?.id) rememberGrant(ctx, row);
    if (row?.person) rememberPerson(ctx, row.person);
    return row;
  });
}

/** The value of the refresh token that takes the place of the one that was presented. */
export function successor(presented: string): string {
  const salts = current().memo.get(SALTS) as ReadonlyMap<string, Buffer> | undefined;
  const salt = salts?.get(presented);
  if (!salt) throw new Error('a refresh token is rotated that was not found');
  return successorOf(presented, salt);
}

async function stolen(grantId: string | undefined): Promise<never> {
  if (grantId !== undefined) await endGrant(grantId);
  const { errors } = await loadEngine();
  throw new errors.InvalidGrant('the refresh token was used already');
}

const COLUMNS = '(tenant_id, hash, kind, grant_id, payload, salt, expires_at)';

const INSERT = `INSERT INTO oauth_tokens ${COLUMNS} VALUES ($1, $2, $3, $4, $5, $6, $7)`;

/** $7: the hash of what is spent; $8: now; $9: when what was spent may not be repeated any more. */
const ROTATE = `
WITH spent AS (
  UPDATE oauth_tokens t SET consumed_at = coalesce(t.consumed_at, $8), successor_hash = $2
  WHERE t.tenant_id = $1 AND t.hash = $7 AND t.kind = 'RefreshToken'
    AND (t.consumed_at IS NULL OR (t.successor_hash = $2 AND t.consumed_at > $9))
  RETURNING 1),
made AS (
  INSERT INTO oauth_tokens ${COLUMNS} SELECT $1, $2, 'RefreshToken', $3, $4, $5, $6 FROM spent
  ON CONFLICT (tenant_id, hash) DO NOTHING),
access AS (
  INSERT INTO oauth_tokens ${COLUMNS}
  SELECT $1, $10::bytea, 'AccessToken', $3, $11::jsonb, NULL, $12::timestamptz FROM spent WHERE $10::bytea IS NOT NULL)
SELECT EXISTS (SELECT FROM spent) AS spent`;

/** $3: now; $4: when what was spent may not be repeated any more. Nothing of a grant that is not live. */
const find = (more: string) => `
SELECT t.kind, t.payload, t.salt, t.consumed_at AS "consumedAt",
  t.consumed_at > $4 AND NOT EXISTS (
    SELECT FROM oauth_tokens next WHERE next.tenant_id = t.tenant_id AND next.hash = t.successor_hash
      AND next.consumed_at IS NOT NULL) AS "inGrace", ${GRANT_COLUMNS}${more}
FROM oauth_tokens t LEFT JOIN oauth_grants g ON g.tenant_id = t.tenant_id AND g.id = t.grant_id
${grantHolders('$3')}
WHERE t.tenant_id = $1 AND t.hash = $2 AND (t.grant_id IS NULL OR (${isLive('$3')}))`;

const FIND = find('');
const FIND_WITH_PERSON = find(
  `, (SELECT row_to_json(p) FROM (${selectPerson('g.tenant_id', 'g.user_id')}) p) AS person`,
);

const DESTROY = 'DELETE FROM oauth_tokens WHERE tenant_id = $1 AND hash = $2 AND kind = $3';
