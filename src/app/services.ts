/** The ambient services of a process, made once and closed in the opposite order. */
import type { Clock } from '#kernel/clock.ts';
import { ConfigError } from '#kernel/config.ts';
import type { Services } from '#kernel/context.ts';
import { configuredKeys } from '#kernel/crypto/configured-keys.ts';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import type { KeyProvider } from '#kernel/crypto/key-provider.ts';
import { keyProblem } from '#kernel/crypto/kms/key-service.ts';
import { openVault, type Vault } from '#kernel/crypto/vault.ts';
import { openDatabase } from '#kernel/db/database.ts';
import { createOutbox } from '#kernel/events/outbox.ts';
import { createRefusals } from '#kernel/events/refusals.ts';
import { hooks } from '#kernel/hooks.ts';
import { createJobs } from '#kernel/jobs.ts';
import { rateLimits } from '#kernel/limits.ts';
import type { Log } from '#kernel/log.ts';
import { createMailer } from '#kernel/mail.ts';
import { createMetrics } from '#kernel/metrics.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { ReadyConfig } from '#kernel/secrets.ts';
import { createSms } from '#kernel/sms.ts';
import { databaseClock } from './database-clock.ts';

export interface RunningServices extends Services {
  close(): Promise<void>;
}

/** `clock` is given by tests; a process takes the database's time. */
export async function createServices(
  config: ReadyConfig,
  log: Log,
  clock?: Clock,
): Promise<RunningServices> {
  const db = await openDatabase(config, log);
  const keys = configuredKeys(config);
  const vault = openVault(db, keys);
  await checkKeys(keys, vault).catch(async (error: unknown) => {
    await db.close();
    throw error;
  });
  const time = clock ? { clock, stop: () => undefined } : await databaseClock(db, log);
  const metrics = createMetrics();
  const outbox = createOutbox(db, log);
  const refusals = createRefusals(log);
  const jobs = createJobs({ db, log, config });
  const mailer = createMailer(config, log);
  metrics.gauge('database_connections', 'Open connections to the database', () => db.stats().total);
  metrics.gauge(
    'database_waiting',
    'Requests that wait for a connection',
    () => db.stats().waiting,
  );
  return {
    config,
    log,
    db,
    clock: time.clock,
    vault,
    outbox,
    refusals,
    hooks: hooks(),
    jobs,
    limits: rateLimits(db),
    mailer,
    sms: createSms(config, log),
    metrics,
    async close() {
      time.stop();
      outbox.stop();
      await jobs.stop(config.shutdownTimeout);
      mailer.close();
      await refusals.stop();
      await db.close();
    },
  };
}

/** A process that cannot open what is sealed would answer every change with a failure. */
async function checkKeys(keys: KeyProvider, vault: Vault): Promise<void> {
  const place = { table: 'data_keys', column: 'check', row: PLATFORM_TENANT_ID };
  try {
    await keys.kid();
    await vault.seal(PLATFORM_TENANT_ID, place, '');
  } catch (error) {
    const problem = keyProblem(error);
    if (problem) throw new ConfigError([problem.message]);
    if (!(error instanceof SealBroken)) throw error;
    throw new ConfigError([
      'MASTER_KEY: does not open the data keys of this database; restore the key that they were made with, or name it in PREVIOUS_MASTER_KEYS',
    ]);
  }
}
