/** What others generate from our OpenAPI documents compiles, strictly, and can be called. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';

const run = promisify(execFile);
const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const house = await openHouse();

/** The generator knows TypeScript 5 only; the project's own is another. */
const TYPESCRIPT_5 = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module';
registerHooks({
  resolve: (name, context, next) => next(name === 'typescript' ? 'typescript-5' : name, context),
});`)}`;

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: [],
    noEmitOnError: true,
    outDir: 'built',
  },
  include: ['client/**/*.ts'],
};

/** Generates and compiles a client in a folder of its own; throws with what the tools said. */
async function generate(document: string, folder: string): Promise<void> {
  const tool = (script: string, ...args: string[]) =>
    run(process.execPath, [script, ...args], { cwd: folder }).catch((failed) => {
      throw new Error(`${script}\n${failed.stdout}${failed.stderr}`);
    });
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await tool(
    '--import',
    TYPESCRIPT_5,
    fileURLToPath(new URL('run.mjs', import.meta.resolve('@hey-api/openapi-ts'))),
    ...['--input', root(document), '--output', join(folder, 'client'), '--no-log-file'],
  );
  await tool(root('node_modules/typescript-5/lib/tsc.js'), '-p', folder);
}

test.each(['schema/openapi.json', 'schema/openapi-internal.json'])(
  'a client that is generated from %s compiles',
  async (document) => {
    const folder = await mkdtemp(join(tmpdir(), 'signet-client-'));
    try {
      await generate(document, folder);
      if (document !== 'schema/openapi.json') return;
      const tenant = await makers(house).tenant();
      const { listUsers, createUser } = await import(join(folder, 'built', 'index.js'));
      const options = { baseUrl: house.url, headers: { authorization: `Bearer ${tenant.secret}` } };
      const made = await createUser({ ...options, body: { email: 'ada@example.com' } });
      expect(made.data).toMatchObject({ email: 'ada@example.com', status: 'ACTIVE' });
      const list = await listUsers({ ...options, query: { first: 5 } });
      expect(list.data.items).toEqual([made.data]);
      const refused = await createUser({ ...options, body: { email: 'ada' } });
      expect([refused.response.status, refused.error.code]).toEqual([422, 'INVALID_INPUT']);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
