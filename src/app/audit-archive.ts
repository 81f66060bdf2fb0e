/**
 * `npm run audit:archive -- --before 2026-01 --to DIR`: whole months of the audit log leave the database
 * as archives, beside running servers (with the embedded database, while the server is stopped). It
 * connects as the owner of the tables, for nobody else may take anything from the log. Exit code 1 when
 * something was refused or failed; what was done stays done, and it is run again.
 */
import { parseArgs } from 'node:util';
import { ArchiveWrong } from '#features/audit/archive-file.ts';
import { type ArchiveHome, ArchiveRefused, archiveMonths } from '#features/audit/audit-archive.ts';
import { type Month, monthAt, monthNamed } from '#features/audit/audit-months.ts';
import {
  dropTargets,
  eventsBefore,
  type MonthShare,
  ownsLog,
} from '#features/audit/audit-retention.store.ts';
import { streamsBehind } from '#features/log-streams/log-streams.queries.ts';
import { systemClock } from '#kernel/clock.ts';
import { configuredKeys, type KeyConfig } from '#kernel/crypto/configured-keys.ts';
import { keyProblem } from '#kernel/crypto/kms/key-service.ts';
import { openVault } from '#kernel/crypto/vault.ts';
import { type Database, openDatabase } from '#kernel/db/database.ts';
import { encodeId } from '#kernel/ids.ts';
import { allTenants } from '#kernel/jobs/each-tenant.ts';
import { createLog } from '#kernel/log.ts';
import { quiet, readKeyConfig, upToDate } from './operator-command.ts';

const USAGE = `Use: npm run audit:archive -- --before YYYY-MM --to DIR [--dry-run] [--even-unsent]

  --before       months (UTC) before this one leave the database; at most the current month
  --to           the folder that the archives are written to, where backups reach it
  --dry-run      says what would be done and does nothing
  --even-unsent  also what log streams have not sent yet, and then never will`;

interface Order {
  readonly before: string;
  readonly folder: string;
  readonly dryRun: boolean;
  readonly evenUnsent: boolean;
}

function readOrder(): Order | null {
  const { values } = parseArgs({
    options: {
      before: { type: 'string' },
      to: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      'even-unsent': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { before, to: folder, help } = values;
  if (help) return null;
  if (!before || !folder) throw new ArchiveRefused(USAGE);
  return { before, folder, dryRun: values['dry-run'], evenUnsent: values['even-unsent'] };
}

/** A month that has ended by the database's clock. */
async function monthBefore(db: Database, name: string): Promise<Month> {
  const before = monthNamed(name);
  const current = monthAt((await db.ping()).now);
  if (!before) throw new ArchiveRefused(`--before: must be a month such as ${current.name}`);
  if (before.name > current.name)
    throw new ArchiveRefused(
      `--before: must be at most ${current.name}: that month has not ended, and is not archived`,
    );
  return before;
}

async function archive(config: KeyConfig, db: Database, order: Order): Promise<void> {
  await upToDate(db);
  if (!(await ownsLog(db)))
    throw new ArchiveRefused(
      'MIGRATION_DATABASE_URL: must be set: months are dropped by the owner of the tables, whom DATABASE_URL does not name',
    );
  const before = await monthBefore(db, order.before);
  const clock = systemClock();
  const home: ArchiveHome = {
    ...{ db, clock, config, folder: order.folder, dryRun: order.dryRun },
    vault: openVault(db, configuredKeys(config), 1),
    log: createLog({ level: 'silent' }),
    tenants: () => allTenants(db),
    mayLeave: (month, shares) => mayLeave(db, month, shares, order),
    say: (line) => console.log(line),
  };
  const months = await archiveMonths(home, before);
  if (months.length === 0) console.log(`no month before ${before.name} is stored`);
  if (order.dryRun) return;
  const targets = await dropTargets(db, home.tenants, clock.now);
  if (targets > 0) console.log(`${targets} entries of the index of targets followed their events`);
  await tellLeft(home, before);
}

/** Throws `ArchiveRefused` where a stream would miss something, unless that was said to be right. */
async function mayLeave(
  db: Database,
  month: Month,
  shares: readonly MonthShare[],
  { evenUnsent }: Order,
): Promise<void> {
  const behind: string[] = [];
  for (const { tenantId, end } of shares) {
    const streams = await streamsBehind({ db, tenantId }, end);
    if (streams > 0) behind.push(`${streams} of ${encodeId('tenant', tenantId)}`);
  }
  if (behind.length === 0) return;
  const text = `${month.name}: log streams have not sent all of it yet (${behind.join(', ')})`;
  if (!evenUnsent)
    throw new ArchiveRefused(`${text}; wait for them, or say --even-unsent: they never will then`);
  console.log(`${text}, and never will once it has left`);
}

/** What no month's partition holds does not leave. */
async function tellLeft({ db, tenants }: ArchiveHome, before: Month): Promise<void> {
  let events = 0;
  for await (const tenantId of tenants()) events += await eventsBefore(db, tenantId, before);
  if (events > 0)
    console.log(
      `${events} events from before ${before.name} stay: they came when their month had no partition, and lie in the default one`,
    );
}

async function main(): Promise<void> {
  const order = readOrder();
  if (!order) return console.log(USAGE);
  const config = readKeyConfig();
  const db = await openDatabase(config, quiet, { migrate: false, owner: true });
  await archive(config, db, order).finally(() => db.close());
}

main().catch((error: unknown) => {
  const problem = keyProblem(error) ?? error;
  console.error(problem instanceof Error ? problem.message : String(problem));
  if (error instanceof ArchiveWrong)
    console.error(
      'Nothing more was dropped. If the file was changed, move it away and run this again; if it is wrong again, the log was changed: see docs/guides/audit-retention.md',
    );
  process.exitCode = 1;
});
