/** Owns the reading and making of the files under prisma/: the schema's parts and the migrations in their order. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Migration {
  /** Folder name, `0001_init`: the order is the order of names. */
  readonly name: string;
  readonly sql: string;
}

const schemaFolder = path.join(import.meta.dirname, 'schema');
const migrationsFolder = path.join(import.meta.dirname, 'migrations');

export function schemaFiles(): { path: string; content: string }[] {
  return readdirSync(schemaFolder)
    .filter((name) => name.endsWith('.prisma'))
    .sort()
    .map((name) => path.join(schemaFolder, name))
    .map((file) => ({ path: file, content: readFileSync(file, 'utf8') }));
}

export function migrationFiles(): Migration[] {
  return readdirSync(migrationsFolder)
    .filter((name) => existsSync(path.join(migrationsFolder, name, 'migration.sql')))
    .sort()
    .map((name) => ({
      name,
      sql: readFileSync(path.join(migrationsFolder, name, 'migration.sql'), 'utf8'),
    }));
}

/** Writes the next migration, numbered after the last, and answers its path. */
export function addMigration(name: string, sql: string): string {
  const last = migrationFiles().at(-1)?.name.slice(0, 4) ?? '0000';
  const folder = path.join(
    migrationsFolder,
    `${String(Number(last) + 1).padStart(4, '0')}_${name}`,
  );
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'migration.sql');
  writeFileSync(file, sql);
  return file;
}
