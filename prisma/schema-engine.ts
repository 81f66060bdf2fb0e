/**
 * Owns Prisma's schema engine, as WebAssembly: it compares the migrations with the schema. The shadow
 * database that it applies the migrations to is an in-memory PGlite, so nothing is downloaded and no
 * server is needed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { type Migration, migrationFiles, schemaFiles } from './stored-files.ts';

/** The SQL that leads from `migrations` to prisma/schema, or null when the two agree. Throws when a migration fails. */
export async function pendingSql(
  migrations: readonly Migration[] = migrationFiles(),
): Promise<string | null> {
  const engine = await startEngine();
  try {
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'migrations', ...migrationList(migrations) },
      to: { tag: 'schemaDatamodel', files: schemaFiles() },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0 ? null : (stdout ?? '');
  } finally {
    engine.free();
  }
}

/** What wasm-bindgen's glue expects of its host: the module's exports, handed over once. */
interface Glue {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}
interface Started extends WebAssembly.Exports {
  __wbindgen_start(): void;
}

async function startEngine(): Promise<bindings.SchemaEngine> {
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message(message: string) {
        console.error(`The schema engine failed: ${message}`);
      },
    },
  });
  const folder = path.dirname(
    createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
  );
  const module = await WebAssembly.compile(
    readFileSync(path.join(folder, 'schema_engine_bg.wasm')),
  );
  const { exports } = await WebAssembly.instantiate(module, {
    './schema_engine_bg.js': { ...bindings } as WebAssembly.ModuleImports,
  });
  (bindings as unknown as Glue).__wbg_set_wasm(exports);
  (exports as Started).__wbindgen_start();
  return bindings.SchemaEngine.new(
    { datamodels: undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(shadowDatabases),
  );
}

const shadowDatabases: SqlMigrationAwareDriverAdapterFactory = {
  provider: 'postgres',
  adapterName: 'pglite',
  connect: shadowDatabase,
  connectToShadowDb: shadowDatabase,
};

/** A fresh database; a script runs over the simple protocol, as the migration runner does it. */
async function shadowDatabase(): Promise<SqlDriverAdapter> {
  const db = new PGlite();
  const adapter = await new PrismaPGlite(db).connect();
  return Object.assign(adapter, {
    async executeScript(script: string) {
      await db.exec(script);
    },
    dispose: () => db.close(),
  });
}

function migrationList(migrations: readonly Migration[]): bindings.MigrationList {
  return {
    baseDir: 'prisma/migrations',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  };
}
