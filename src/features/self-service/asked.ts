/**
 * What a stranger asked for an address: counted, sealed and left to a job. Nobody is looked up here,
 * so that known and unknown addresses take the same statements and the same time (ASVS 6.3.8).
 */
import { createHash } from 'node:crypto';
import { emailKey } from '#features/users/users.model.ts';
import { anonymous } from '#kernel/actor.ts';
import type { Context, Services } from '#kernel/context.ts';
import { idAt } from '#kernel/ids.ts';
import type { Job } from '#kernel/jobs/job.ts';
import { addressKey, type Bucket } from '#kernel/limits.ts';
import { systemContext } from '#kernel/system-context.ts';
import type { Asked, AskedOrder } from './self-service.model.ts';

const FROM: Bucket = { name: 'asked-from', counted: 'shared', points: 300, seconds: 3600 };
/**
 * Of each kind, and no longer than a link to a new password is good: whoever asks so often about
 * somebody that they cannot ask themselves has had one sent to them that they can use meanwhile.
 */
const ABOUT: Bucket = { name: 'asked-about', counted: 'shared', points: 10, seconds: 1800 };

/** What is sent costs the tenant its name as a sender. Of each kind: whoever registers many keeps nobody from a reset. */
const TENANT: Bucket = { name: 'asked-tenant', counted: 'shared', points: 3000, seconds: 3600 };

type Wish = Pick<Asked, 'email' | 'displayName' | 'locale'>;

/** Throws `RateLimited`, whether there is an account or not. */
export async function order(ctx: Context, job: Job<AskedOrder>, wish: Wish): Promise<void> {
  const { tenantId, requestId, address, userAgent } = ctx;
  const about = createHash('sha256')
    .update(`${tenantId} ${emailKey(wish.email)}`)
    .digest();
  await ctx.limits.consumeAll([
    [FROM, addressKey(address)],
    [ABOUT, `${about.toString('base64url')} ${job.name}`],
    [TENANT, `${tenantId} ${job.name}`],
  ]);
  const asked: Asked = { ...wish, requestId, address, userAgent };
  const id = idAt(ctx.clock.now());
  const sealed = await ctx.vault.seal(tenantId, placeOf(id), JSON.stringify(asked));
  await ctx.jobs.send(job, { tenantId, id, sealed: sealed.toString('base64') });
}

export interface Opened {
  readonly asked: Asked;
  /** The program itself, for what it does. */
  readonly ctx: Context;
  /** Whoever asked, for what is recorded. */
  readonly asker: Context;
}

export async function openOrder(
  services: Services,
  { tenantId, id, sealed }: AskedOrder,
  signal: AbortSignal,
): Promise<Opened> {
  const ctx = systemContext(services, tenantId, signal);
  const text = await services.vault.open(tenantId, placeOf(id), Buffer.from(sealed, 'base64'));
  const asked = JSON.parse(text.toString()) as Asked;
  const { requestId, address, userAgent } = asked;
  return { asked, ctx, asker: { ...ctx, actor: anonymous, requestId, address, userAgent } };
}

function placeOf(id: string) {
  return { table: 'job', column: 'data', row: id };
}
