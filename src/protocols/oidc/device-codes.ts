/**
 * The device flow (RFC 8628) where the engine leaves it open: how often codes may be guessed (5.1) and
 * how often a device may ask (3.5).
 */
import type { Context } from '#kernel/context.ts';
import { RateLimited } from '#kernel/errors.ts';
import { addressKey, type Bucket, type Count } from '#kernel/limits.ts';
import { current } from './current.ts';
import type { Provider } from './engine.ts';

/** Eight letters of twenty: 2.5e10 codes, of which a tenant has some hundred at a time. */
const ADDRESS: Bucket = { name: 'user-code-address', counted: 'shared', points: 20, seconds: 3600 };
const TENANT: Bucket = { name: 'user-code-tenant', counted: 'shared', points: 2000, seconds: 3600 };

/** Seconds between two questions of a device. */
export const POLL_SECONDS = 5;

/** As the engine says what went wrong: by its status, and openly. */
export class TooManyCodes extends Error {
  override readonly name = 'TooManyCodes';
  readonly status = 429;
  readonly statusCode = 429;
  readonly expose = true;
  readonly retryAfter: number;
  constructor({ retryAfter }: RateLimited) {
    super('too many codes were typed');
    this.retryAfter = retryAfter;
  }
}

export function limitUserCodes(provider: Provider): void {
  const { DeviceCode } = provider;
  const find = DeviceCode.findByUserCode.bind(DeviceCode);
  DeviceCode.findByUserCode = async (...asked: Parameters<typeof find>) => {
    const right = await guess(current());
    const found = await find(...asked);
    if (found) await right();
    return found;
  };
  provider.on('device_authorization.success', (_koa, answer: object) => {
    Object.assign(answer, { interval: POLL_SECONDS });
  });
}

/** Counted before it is looked up; given back when it was right. */
async function guess({ limits, address, tenantId }: Context): Promise<() => Promise<void>> {
  const counts: Count[] = [
    [ADDRESS, `${tenantId} ${addressKey(address)}`],
    [TENANT, tenantId],
  ];
  await limits.consumeAll(counts).catch((error: unknown) => {
    throw error instanceof RateLimited ? new TooManyCodes(error) : error;
  });
  return () => limits.giveBack(...counts);
}
