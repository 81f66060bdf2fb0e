/**
 * Owns the authoring of migrations. A migration is written here and applied by the server's own runner.
 *
 *   node prisma/author.ts diff         prints the SQL from the migrations to the schema
 *   node prisma/author.ts new <name>   writes that SQL as the next migration, to be completed by hand
 *   node prisma/author.ts drift        fails when migrations and schema differ
 *
 * The comparison sees tables, columns, keys, foreign keys, plain indexes and enums. It does not see
 * policies, checks, partial indexes, partitions, triggers, functions, grants and collations: what
 * a migration does about those is tested in test/kernel/db/schema.test.ts.
 */
import path from 'node:path';
import { pendingSql } from './schema-engine.ts';
import { addMigration } from './stored-files.ts';

const usage = 'Use: node prisma/author.ts diff | new <name> | drift';

async function main([command, name]: string[]): Promise<number> {
  switch (command) {
    case 'diff':
      console.log((await pendingSql()) ?? '-- The migrations lead to the schema: nothing to do.');
      return 0;
    case 'new':
      return writeMigration(name);
    case 'drift':
      return reportDrift();
    default:
      console.error(usage);
      return 2;
  }
}

async function writeMigration(name: string | undefined): Promise<number> {
  if (!name || !/^[a-z][a-z0-9_]*$/.test(name)) {
    console.error(`A migration needs a name of a-z, 0-9 and _ (add_locale). ${usage}`);
    return 2;
  }
  const sql = (await pendingSql()) ?? '-- No table changes. Write what the schema cannot say.\n';
  const file = path.relative(process.cwd(), addMigration(name, sql));
  console.log(
    `${file} is written. A new tenant-owned table still needs its policies and grants there.`,
  );
  return 0;
}

async function reportDrift(): Promise<number> {
  const sql = await pendingSql();
  if (sql === null) {
    console.log('No drift: prisma/migrations lead to prisma/schema.');
    return 0;
  }
  console.error(`prisma/migrations do not lead to prisma/schema. Missing:\n\n${sql}`);
  console.error('Write the migration with: node prisma/author.ts new <name>');
  return 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`The migrations could not be compared with the schema: ${messageOf(error)}`);
    process.exitCode = 1;
  },
);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
