/**
 * A running Signet for one test file: the whole process, in this process, on a free port, with a
 * database of its own, a clock that stands still and a log that is kept.
 */
import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, expect } from 'vitest';
import { loadConfig } from '#kernel/config.ts';
import type { Services } from '#kernel/context.ts';
import { createLog } from '#kernel/log.ts';
import { type Running, start } from '../../src/app/start.ts';
import { type FixedClock, fixedClock } from './clock.ts';
import { createHome, type Home, serverUrl } from './homes.ts';
import { brokenPromises } from './recorded.ts';
// Remembers the workers of every house, so that they can be woken.
import './hurry.ts';

export interface HouseOptions {
  /** Processes over the one database; more than one needs TEST_DATABASE_URL (see test/postgres). */
  readonly instances?: number;
  /** Environment variables beside those that make a house, such as `CORS_ORIGINS`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: FixedClock;
  /** False where a test records events of its own making, or changes what was recorded. */
  readonly eventsAsPromised?: boolean;
  /** An earlier house's data; removed with this one. */
  readonly home?: Home;
}

export interface Instance {
  /** Where the public doors answer, and the platform door (the same without INTERNAL_PORT). */
  readonly url: string;
  readonly internalUrl: string;
  readonly services: Services;
  stop(): Promise<void>;
}

export interface House extends Instance {
  readonly instances: readonly Instance[];
  readonly internalKey: string;
  readonly clock: FixedClock;
  readonly home: Home;
  /** Every line that was logged, at debug level, as it would have been written. */
  readonly log: readonly string[];
  /** Whether a test has stopped it already. */
  stopped(): boolean;
  /** Stops the instances; the data stays until `home.remove()`. */
  stop(): Promise<void>;
}

/** What links and issuers begin with: no address that answers, so that a Host header is told apart. */
export const PUBLIC_URL = 'https://id.signet.test';

/** A house until the end of the test file. Call it at the top level of the file. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const house = await startHouse(options);
  afterAll(async () => {
    const broken =
      house.stopped() || options.eventsAsPromised === false ? [] : await brokenPromises(house);
    await house.stop();
    await house.home.remove();
    expect(broken).toEqual([]);
  });
  return house;
}

/** The same without an end: whoever calls it stops it and removes its home. */
export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const count = options.instances ?? 1;
  if (count > 1 && !serverUrl)
    throw new Error('Two instances need PostgreSQL: put the test into test/postgres');
  const home = options.home ?? (await createHome());
  const clock = options.clock ?? fixedClock();
  const internalKey = `internal_${randomBytes(24).toString('hex')}`;
  const env = {
    NODE_ENV: 'test',
    PORT: '0',
    HOST: '127.0.0.1',
    PUBLIC_URL,
    LOG_LEVEL: 'debug',
    DATABASE_POOL_SIZE: '5',
    RATE_LIMIT_PER_MINUTE: '0',
    RATE_LIMIT_ANONYMOUS_PER_MINUTE: '0',
    INTERNAL_KEY: internalKey,
    MASTER_KEY: MASTER_KEY,
    ...home.env,
    ...options.env,
  };
  const lines: string[] = [];
  const instances: Running[] = [];
  try {
    for (let n = 0; n < count; n += 1) instances.push(await startInstance(env, lines, clock));
  } catch (error) {
    await Promise.all(instances.map((instance) => instance.stop()));
    if (!options.home) await home.remove();
    throw error;
  }
  const [first] = instances as [Running];
  let stopped = false;
  return {
    ...first,
    instances,
    internalKey: env.INTERNAL_KEY,
    clock,
    home,
    log: lines,
    stopped: () => stopped,
    async stop() {
      stopped = true;
      await Promise.all(instances.map((instance) => instance.stop()));
    },
  };
}

/** The same in every house, so that one can be opened over another's data. */
const MASTER_KEY = Buffer.alloc(32, 'a test master key').toString('base64');

function startInstance(
  env: Record<string, string>,
  lines: string[],
  clock: FixedClock,
): Promise<Running> {
  const config = loadConfig(env);
  const { internalKey, masterKey } = config;
  if (!internalKey || !masterKey) throw new Error('a house has both keys');
  const kept = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      lines.push(line);
      done();
    },
  });
  const log = createLog({ level: config.logLevel, hide: [internalKey] }, kept);
  return start({ ...config, internalKey, masterKey }, log, { clock });
}
