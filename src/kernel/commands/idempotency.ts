/**
 * Replays: the same Idempotency-Key with the same input answers what the first call answered, for
 * 24 hours, and changes nothing. The row is written first, inside the command's transaction, so that
 * two calls at once are one; the answer is sealed under a key derived from the presented credential,
 * so that secrets shown once are not readable at rest.
 */
import { createHash, createHmac } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { type Context, memoized } from '#kernel/context.ts';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { open, SealBroken, seal } from '#kernel/crypto/envelope.ts';
import { IdempotencyKeyReused } from '#kernel/errors.ts';
import { canonicalJson, type Json } from '#kernel/events/event.ts';

export interface Replay {
  /** The first answer, if there is one; otherwise this call holds the key until its transaction ends. */
  begin<Out>(): Promise<{ readonly value: Out } | null>;
  seal(value: unknown): Buffer;
  finish(sealed: Buffer): Promise<unknown>;
}

const KEPT = "interval '24 hours'";

/** Null when the request has no key or the caller presented no credential. */
export function idempotency(ctx: Context, command: string, raw: unknown): Replay | null {
  const { idempotencyKey, actor, db, tenantId } = ctx;
  if (!idempotencyKey || !actor.credential) return null;
  const parts = [actor.kind, actor.id, command, String(ordinal(ctx, command)), idempotencyKey];
  const id = digest(JSON.stringify(parts));
  const key = deriveKey(actor.credential, 'signet/idempotency');
  // An input may hold a password, which a bare digest would give away to whoever guesses.
  const requestHash = createHmac('sha256', deriveKey(actor.credential, 'signet/idempotency input'))
    .update(canonicalJson((raw ?? null) as Json))
    .digest();
  const aad = Buffer.concat([Buffer.from(tenantId), id]);

  return {
    // The key belongs to the caller's tenant, also when the command writes to another one.
    begin: <Out>() =>
      db.inTenant(tenantId, async () => {
        const fresh = await db.query(CLAIM, [tenantId, id, requestHash]);
        if (fresh.length > 0) return null;
        const [row] = await db.query<{ request_hash: Buffer; answer: Buffer | null }>(
          'SELECT request_hash, answer FROM idempotency_keys WHERE tenant_id = $1 AND id = $2',
          [tenantId, id],
        );
        if (!row?.answer || !row.request_hash.equals(requestHash)) throw new IdempotencyKeyReused();
        return { value: deserialize(opened(key, row.answer, aad)) as Out };
      }),
    seal: (value) => seal(key, serialize(value), aad),
    finish: (sealed) =>
      db.inTenant(tenantId, () =>
        db.query('UPDATE idempotency_keys SET answer = $3 WHERE tenant_id = $1 AND id = $2', [
          tenantId,
          id,
          sealed,
        ]),
      ),
  };
}

/** A conflicting row that is past its day is taken over; a live one answers no row. */
const CLAIM = `
INSERT INTO idempotency_keys (tenant_id, id, request_hash, created_at, expires_at)
VALUES ($1, $2, $3, now(), now() + ${KEPT})
ON CONFLICT (tenant_id, id) DO UPDATE
SET request_hash = excluded.request_hash, answer = NULL, created_at = now(), expires_at = excluded.expires_at
WHERE idempotency_keys.expires_at < now()
RETURNING 1`;

/** Sealed under another secret of the same caller: as good as another request. */
function opened(key: Buffer, sealed: Buffer, aad: Buffer): Buffer {
  try {
    return open(key, sealed, aad);
  } catch (error) {
    if (error instanceof SealBroken) throw new IdempotencyKeyReused();
    throw error;
  }
}

/** The n-th run of the same command in one request has a key of its own. */
function ordinal(ctx: Context, command: string): number {
  const counts = memoized(ctx, idempotency, () => new Map<string, number>());
  const next = (counts.get(command) ?? 0) + 1;
  counts.set(command, next);
  return next;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
