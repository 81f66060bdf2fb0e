/**
 * How keys go from state to state. Whoever changes them, command, job or first use, holds the
 * tenant's row meanwhile: two rotations at once are one after the other.
 */
import { z } from 'zod';
import type { Context } from '#kernel/context.ts';
import type { EventDraft } from '#kernel/events/event.ts';
import { declareEvent, told } from '#kernel/events/event-types.ts';
import { recordEvents } from '#kernel/events/record.ts';
import type { NewKey } from './key-pairs.ts';
import { type SigningAlg, type SigningKeyRow, signingAlg, signingKeyState } from './keys.model.ts';
import { SIGNING_KEY_COLUMNS } from './keys.queries.ts';

type Writer = Pick<Context, 'db' | 'tenantId'>;

export interface Rotation {
  readonly alg: SigningAlg;
  readonly now: Date;
  /** How long what the replaced key signed is good; 0: it and all before it are refused at once. */
  readonly overlapSeconds: number;
}

/** Until the end of the transaction. */
export async function lockKeys({ db, tenantId }: Writer): Promise<void> {
  const [tenant] = await db.query('SELECT 1 FROM tenants WHERE id = $1 FOR NO KEY UPDATE', [
    tenantId,
  ]);
  if (!tenant) throw new Error(`there is no tenant ${tenantId}`);
}

/**
 * NEXT signs and CURRENT ceases to; what was made becomes NEXT and, where there was none, CURRENT.
 * Needs `lockKeys`. Answers the keys that changed.
 */
export async function rotateKeys(
  writer: Writer,
  { alg, now, overlapSeconds }: Rotation,
  made: readonly NewKey[],
): Promise<SigningKeyRow[]> {
  const { db, tenantId } = writer;
  const retired =
    overlapSeconds === 0
      ? await db.query<SigningKeyRow>(RETIRE_ALL, [tenantId, alg, now])
      : await db.query<SigningKeyRow>(REPLACE, [
          tenantId,
          alg,
          now,
          new Date(now.getTime() + overlapSeconds * 1000),
        ]);
  const promoted = await db.query<SigningKeyRow>(PROMOTE, [tenantId, alg, now]);
  const [first, second] = made;
  const current = promoted.length > 0 ? [] : await insertKey(writer, 'CURRENT', now, first);
  const next = await insertKey(writer, 'NEXT', now, promoted.length > 0 ? first : second);
  return [...promoted, ...current, ...next, ...retired];
}

/** Nothing when there is one of this state already, or none was made. */
export async function insertKey(
  { db, tenantId }: Writer,
  state: 'CURRENT' | 'NEXT',
  now: Date,
  made: NewKey | undefined,
): Promise<SigningKeyRow[]> {
  if (!made) return [];
  const { id, alg, kid, publicJwk, sealed } = made;
  const promotedAt = state === 'CURRENT' ? now : null;
  const jwk = JSON.stringify(publicJwk);
  const values = [tenantId, id, alg, kid, state, jwk, sealed, now, promotedAt];
  return db.query<SigningKeyRow>(INSERT, values);
}

/** Those whose overlap is over: their private parts are erased. */
export function retireKeys({ db, tenantId }: Writer, now: Date): Promise<SigningKeyRow[]> {
  return db.query<SigningKeyRow>(RETIRE_OVER, [tenantId, now]);
}

/** A change that nobody asked for: the rows and their events are one transaction. */
export async function changeKeys(ctx: Context, change: () => Promise<EventDraft[]>): Promise<void> {
  await ctx.db.transaction(
    async () => {
      await lockKeys(ctx);
      const drafts = await change();
      if (drafts.length > 0) await recordEvents(ctx, drafts);
    },
    { tenantId: ctx.tenantId },
  );
  ctx.outbox.wake();
}

export function keyTargets(keys: readonly SigningKeyRow[]): EventDraft['targets'] {
  return keys.map(({ id }) => ({ type: 'signingkey' as const, id }));
}

const oneKey = { alg: signingAlg, kid: z.string(), state: signingKeyState };

declareEvent({
  name: 'signing-key.create',
  summary: 'A signing key was made, and published.',
  results: ['SUCCESS'],
  about: ['signingkey'],
  tells: oneKey,
});

declareEvent({
  name: 'signing-key.retire',
  summary: 'A signing key was retired when its overlap was over.',
  severity: 'NOTICE',
  results: ['SUCCESS'],
  about: ['signingkey'],
  tells: oneKey,
});

/** One event a key, for what happens to each by itself. */
export function keyEvents(
  type: 'signing-key.create' | 'signing-key.retire',
  keys: readonly SigningKeyRow[],
): EventDraft[] {
  return keys.map((key) => ({
    type,
    severity: type === 'signing-key.retire' ? ('NOTICE' as const) : ('INFO' as const),
    targets: keyTargets([key]),
    details: { alg: key.alg, kid: key.kid, state: key.state },
  }));
}

export const rotationTells = {
  algs: told.names.describe('The algorithms whose keys changed.'),
  current: told.names.describe('Ids (kid) of the keys that sign from now on.'),
  next: told.names.describe('Ids of the keys that will sign next.'),
  retiring: told.names.describe('Ids of those whose signatures are still good.'),
  retired: told.names.describe('Ids of those whose signatures are refused.'),
};

/** Which keys sign from now on, and which ceased to. */
export function rotationDetails(keys: readonly SigningKeyRow[]) {
  const kids = (...states: readonly SigningKeyRow['state'][]) =>
    keys.filter(({ state }) => states.includes(state)).map(({ kid }) => kid);
  return {
    algs: [...new Set(keys.map(({ alg }) => alg))],
    current: kids('CURRENT'),
    next: kids('NEXT'),
    retiring: kids('RETIRING'),
    retired: kids('RETIRED'),
  };
}

const INSERT = `
INSERT INTO signing_keys AS k (tenant_id, id, alg, kid, state, public_jwk, private_key, created_at, promoted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING ${SIGNING_KEY_COLUMNS}`;

const REPLACE = `
UPDATE signing_keys k SET state = 'RETIRING', retiring_at = $3, retires_at = $4
WHERE k.tenant_id = $1 AND k.alg = $2 AND k.state = 'CURRENT' RETURNING ${SIGNING_KEY_COLUMNS}`;

const PROMOTE = `
UPDATE signing_keys k SET state = 'CURRENT', promoted_at = $3
WHERE k.tenant_id = $1 AND k.alg = $2 AND k.state = 'NEXT' RETURNING ${SIGNING_KEY_COLUMNS}`;

const RETIRE_ALL = `
UPDATE signing_keys k SET state = 'RETIRED', private_key = NULL, retiring_at = coalesce(k.retiring_at, $3),
  retires_at = greatest(k.retiring_at, $3), retired_at = $3
WHERE k.tenant_id = $1 AND k.alg = $2 AND k.state IN ('CURRENT', 'RETIRING') RETURNING ${SIGNING_KEY_COLUMNS}`;

const RETIRE_OVER = `
UPDATE signing_keys k SET state = 'RETIRED', private_key = NULL, retired_at = $2
WHERE k.tenant_id = $1 AND k.state = 'RETIRING' AND k.retires_at <= $2 RETURNING ${SIGNING_KEY_COLUMNS}`;
