/**
 * Rotation by the clock, in every tenant: a missing next key is made, a key that has signed for long
 * enough is replaced, and what was replaced is retired when its overlap is over.
 */
import type { Context, Services } from '#kernel/context.ts';
import { Unavailable } from '#kernel/errors.ts';
import { eachTenant } from '#kernel/jobs/each-tenant.ts';
import { job } from '#kernel/jobs/job.ts';
import { systemContext } from '#kernel/system-context.ts';
import { newKey } from './key-pairs.ts';
import { MAX_RETIRING, type SigningAlg, type SigningKeyRow } from './keys.model.ts';
import { liveSigningKeys, signingKeyPolicyOf } from './keys.queries.ts';
import {
  changeKeys,
  insertKey,
  keyEvents,
  keyTargets,
  retireKeys,
  rotateKeys,
  rotationDetails,
} from './rotation.ts';

/** Keys that one run makes: a pair of RSA is a tenth of a second of a core. The next run goes on. */
const BATCH = 500;
const DAY_MS = 86_400_000;
/** A next key that is younger is not in every cache of the JWKS yet. */
const KNOWN_MS = 3_600_000;

export const tendSigningKeys = job({
  name: 'signing-keys.tend',
  cron: '19 * * * *',
  async run(services, _data, signal) {
    let left = BATCH;
    await eachTenant(services.db, signal, async (tenantId) => {
      try {
        left -= await tend(systemContext(services, tenantId, signal), left);
      } catch (error) {
        // What one tenant has no remedy for must not stop the others.
        if (error instanceof Unavailable) throw error;
        services.log.error({ err: error, tenant: tenantId }, 'signing keys were not tended');
      }
    });
  },
});

/** Answers how many keys it made. */
async function tend(ctx: Context, most: number): Promise<number> {
  const live = await liveSigningKeys(ctx);
  if (live.length === 0) return 0;
  const now = ctx.clock.now();
  if (live.some(({ retiresAt }) => retiresAt !== null && retiresAt <= now))
    await changeKeys(ctx, async () => keyEvents('signing-key.retire', await retireKeys(ctx, now)));
  const { rotationDays, overlapSeconds } = await signingKeyPolicyOf(ctx);
  const before = now.getTime() - rotationDays * DAY_MS;
  let made = 0;
  for (const alg of new Set(live.map((key) => key.alg))) {
    const wanted = wants(live, alg, now, before);
    if (wanted === null || made >= most || !(await isActive(ctx))) continue;
    const key = await newKey(ctx, ctx.tenantId, alg);
    made += 1;
    await changeKeys(ctx, async () => {
      // Asked again: somebody may have rotated by command meanwhile.
      if (wants(await liveSigningKeys(ctx), alg, now, before) !== wanted) return [];
      if (wanted === 'next')
        return keyEvents('signing-key.create', await insertKey(ctx, 'NEXT', now, key));
      const changed = await rotateKeys(ctx, { alg, now, overlapSeconds }, [key]);
      return [
        {
          type: 'signing-key.rotate',
          severity: 'NOTICE',
          targets: keyTargets(changed),
          details: rotationDetails(changed),
        },
      ];
    });
  }
  return made;
}

function wants(
  live: readonly SigningKeyRow[],
  alg: SigningAlg,
  now: Date,
  before: number,
): 'next' | 'rotation' | null {
  const own = live.filter((key) => key.alg === alg);
  const of = (state: SigningKeyRow['state']) => own.filter((key) => key.state === state);
  const [current] = of('CURRENT');
  const [next] = of('NEXT');
  if (!next) return 'next';
  const due = current?.promotedAt && current.promotedAt.getTime() <= before;
  const known = next.createdAt.getTime() <= now.getTime() - KNOWN_MS;
  return due && known && of('RETIRING').length < MAX_RETIRING ? 'rotation' : null;
}

/** A tenant that is suspended or deleted signs nothing. */
async function isActive({ db, tenantId }: Pick<Services, 'db'> & Context): Promise<boolean> {
  const [tenant] = await db.query<{ status: string }>('SELECT status FROM tenants WHERE id = $1', [
    tenantId,
  ]);
  return tenant?.status === 'ACTIVE';
}
