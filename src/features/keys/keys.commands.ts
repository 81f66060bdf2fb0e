/**
 * Signing keys: with which keys a tenant signs its tokens. This room owns the keys, their rotation and
 * the policy of it; what is signed with them, and where they are published, is the protocols' affair.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { defined } from '#kernel/defined.ts';
import { VersionMismatch } from '#kernel/errors.ts';
import { expectedVersion } from '#kernel/text.ts';
import { type NewKey, newKey } from './key-pairs.ts';
import { TooManySigningKeys } from './keys.errors.ts';
import {
  DEFAULT_ALGS,
  MAX_RETIRING,
  PUBLISHED_MS,
  type SigningAlg,
  type SigningKeyPolicyRow,
  type SigningKeyRow,
  signingAlg,
  signingKeyPolicy,
} from './keys.model.ts';
import { liveSigningKeys, SIGNING_KEY_POLICY_COLUMNS, signingKeyPolicyOf } from './keys.queries.ts';
import {
  changeKeys,
  insertKey,
  keyEvents,
  keyTargets,
  lockKeys,
  rotateKeys,
  rotationDetails,
  rotationTells,
} from './rotation.ts';

export const rotateSigningKeys = command({
  name: 'signing-key.rotate',
  summary:
    'Signs with the next keys from now on. What the replaced ones signed stays good for the overlap of the policy, or is refused at once.',
  scope: 'keys:write',
  maxAge: 900,
  severity: 'WARNING',
  otherSeverities: ['NOTICE'],
  input: z.strictObject({
    alg: signingAlg.optional().describe('Of this algorithm; without it, of all that are in use.'),
    retireNow: z
      .boolean()
      .optional()
      .describe(
        'For keys that leaked: the replaced ones and all before them are refused at once, and with them every token that they signed.',
      ),
  }),
  errors: [TooManySigningKeys],
  targets: keyTargets,
  about: ['signingkey'],
  tells: rotationTells,
  details: rotationDetails,
  async prepare(ctx, { alg }) {
    const live = await liveSigningKeys(ctx);
    const used = [...new Set(live.map((key) => key.alg))];
    const algs = alg ? [alg] : used.length > 0 ? used : DEFAULT_ALGS;
    return Promise.all(algs.map(async (one) => [one, await newKeys(ctx, one, live)] as const));
  },
  async run(ctx, { retireNow = false }, made) {
    await lockKeys(ctx);
    const now = ctx.clock.now();
    const { overlapSeconds } = await signingKeyPolicyOf(ctx);
    const live = await liveSigningKeys(ctx);
    const changed: SigningKeyRow[] = [];
    for (const [alg, keys] of made) {
      const retiring = live.filter((key) => key.alg === alg && key.state === 'RETIRING');
      if (!retireNow && retiring.length >= MAX_RETIRING)
        throw new TooManySigningKeys(MAX_RETIRING, alg);
      const rotation = { alg, now, overlapSeconds: retireNow ? 0 : overlapSeconds };
      changed.push(...(await rotateKeys(ctx, rotation, keys)));
    }
    return changed;
  },
});

/** The one after the next and, where there is no next one, that one too. */
function newKeys(
  ctx: Context,
  alg: SigningAlg,
  live: readonly SigningKeyRow[],
): Promise<readonly NewKey[]> {
  const waits = live.some((key) => key.alg === alg && key.state === 'NEXT');
  const make = () => newKey(ctx, ctx.tenantId, alg);
  return Promise.all(waits ? [make()] : [make(), make()]);
}

/**
 * For what is about to sign by an algorithm that not every tenant has: makes its first keys, and waits
 * until every instance knows them. Outside of transactions.
 */
export async function beginToSignBy(ctx: Context, alg: SigningAlg | undefined): Promise<void> {
  if (alg === undefined || DEFAULT_ALGS.includes(alg)) return;
  const live = await liveSigningKeys(ctx);
  if (live.some((key) => key.alg === alg)) return;
  const [current, next] = await newKeys(ctx, alg, live);
  await changeKeys(ctx, async () =>
    keyEvents('signing-key.create', [
      ...(await insertKey(ctx, 'CURRENT', ctx.clock.now(), current)),
      ...(await insertKey(ctx, 'NEXT', ctx.clock.now(), next)),
    ]),
  );
  await delay(PUBLISHED_MS);
}

export const updateSigningKeyPolicy = command({
  name: 'signing-key-policy.update',
  summary: 'Changes when signing keys are replaced. What is left out stays.',
  scope: 'keys:write',
  maxAge: 900,
  severity: 'WARNING',
  input: z.strictObject({ ...signingKeyPolicy, version: expectedVersion }),
  errors: [VersionMismatch],
  targets: ({ tenantId }: SigningKeyPolicyRow) => [{ type: 'tenant' as const, id: tenantId }],
  about: ['tenant'],
  tells: { changes: z.object(signingKeyPolicy) },
  details: (_, { version: _version, ...changes }) => ({ changes: defined(changes) }),
  async run(ctx, { version, ...changes }) {
    await ctx.db.query(MAKE_POLICY, [ctx.tenantId, ctx.clock.now()]);
    const before = await signingKeyPolicyOf(ctx);
    if (version !== undefined && version !== before.version)
      throw new VersionMismatch('The policy of signing keys');
    const { rotationDays, overlapSeconds } = { ...before, ...defined(changes) };
    const values = [ctx.tenantId, rotationDays, overlapSeconds, ctx.clock.now()];
    const [row] = await ctx.db.query<SigningKeyPolicyRow>(UPDATE_POLICY, values);
    return row as SigningKeyPolicyRow;
  },
});

/** Also takes the lock under which the version is compared. */
const MAKE_POLICY = `
INSERT INTO signing_key_policies (tenant_id, updated_at) VALUES ($1, $2)
ON CONFLICT (tenant_id) DO UPDATE SET updated_at = signing_key_policies.updated_at`;

const UPDATE_POLICY = `
UPDATE signing_key_policies p SET rotation_days = $2, overlap_seconds = $3, version = p.version + 1,
  updated_at = $4
WHERE p.tenant_id = $1 RETURNING ${SIGNING_KEY_POLICY_COLUMNS}`;
