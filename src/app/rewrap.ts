/**
 * `npm run rewrap`: wraps every tenant's data keys anew by the current KEY_PROVIDER and key, beside
 * running servers. What is wrapped so already is left alone, so it can be stopped and run again. The
 * data itself is not touched. Exit code 1 when a data key is left as it was.
 */
import { configuredKeys, type KeyConfig } from '#kernel/crypto/configured-keys.ts';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import { keyProblem } from '#kernel/crypto/kms/key-service.ts';
import { openVault } from '#kernel/crypto/vault.ts';
import { type Database, openDatabase } from '#kernel/db/database.ts';
import { eachTenant } from '#kernel/jobs/each-tenant.ts';
import { quiet, readKeyConfig, upToDate } from './operator-command.ts';

async function rewrap(config: KeyConfig, db: Database, signal: AbortSignal): Promise<void> {
  const keys = configuredKeys(config);
  const vault = openVault(db, keys, 1);
  await upToDate(db);
  let wrapped = 0;
  let tenants = 0;
  const report = () => console.log(`${wrapped} data keys of ${tenants} tenants were wrapped anew`);
  try {
    await keys.kid();
    await eachTenant(db, signal, async (tenantId) => {
      tenants += 1;
      wrapped += await vault.rewrap(tenantId).catch((error: unknown) => unopened(tenantId, error));
    });
  } finally {
    report();
  }
  if (signal.aborted) throw new Error('stopped before the end; run it again to go on');
}

/** Others may open all the same. */
function unopened(tenantId: string, error: unknown): number {
  if (!(error instanceof SealBroken)) throw error;
  const why = keyProblem(error)?.message ?? 'name its master key in PREVIOUS_MASTER_KEYS';
  console.error(`a data key of tenant ${tenantId} does not open and is left as it was; ${why}`);
  process.exitCode = 1;
  return 0;
}

async function main(): Promise<void> {
  const config = readKeyConfig();
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const db = await openDatabase(config, quiet, { migrate: false });
  await rewrap(config, db, stop.signal).finally(() => db.close());
}

main().catch((error: unknown) => {
  const problem = keyProblem(error) ?? error;
  console.error(problem instanceof Error ? problem.message : String(problem));
  process.exitCode = 1;
});
