/** The servers that are measured, each a process of its own over the same database. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeId } from '#kernel/ids.ts';
import type { BenchDatabase } from './cluster.ts';
import { type Server, type ServerOptions, startServer } from './processes.ts';

/** One for all: a database that is measured twice holds data keys that were made under it. */
const MASTER_KEY = randomBytes(32).toString('hex');
const OURS = path('../src/app/main.ts');

export interface OurServer extends Server {
  /** Makes an API key of the tenant; resolves to its secret. */
  apiKey(tenantId: string, scopes: readonly string[]): Promise<string>;
}

/** Signet as it runs in production, without its rate limits. `env` adds to or replaces its settings. */
export async function startOurs(
  database: BenchDatabase,
  env: Readonly<Record<string, string>> = {},
  nodeArgs: readonly string[] = [],
): Promise<OurServer> {
  const internalKey = randomBytes(32).toString('hex');
  const server = await startServer({
    script: OURS,
    ready: '/readyz',
    nodeArgs,
    env: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      DATABASE_URL: database.url,
      INTERNAL_KEY: internalKey,
      MASTER_KEY,
      RATE_LIMIT_PER_MINUTE: '0',
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: '0',
      ROLES: 'web',
      LOG_LEVEL: 'warn',
      ...env,
    },
  });
  return { ...server, apiKey: (...args) => createApiKey(server.url, internalKey, ...args) };
}

/** Signet with its embedded database in `folder`, everything else left out: what a new user starts. */
export function startEmbedded(folder: string): Promise<Server> {
  const env = { HOST: '127.0.0.1', DATA_DIR: folder };
  return startServer({ script: OURS, ready: '/readyz', env });
}

export function startFloor(database: BenchDatabase, tenantId: string): Promise<Server> {
  const env = { ...unbound(database, tenantId), NODE_ENV: 'production' };
  return startServer({ script: path('./floor.ts'), ready: '/ready', env });
}

/** A peer of this folder that needs no database. */
export function startScript(script: string, env: Record<string, string>): Promise<Server> {
  return startServer({
    script: path(script),
    ready: '/',
    env: { ...env, NODE_ENV: 'production' },
  });
}

/** PostGraphile. Installs it when it is not; null, with the reason said, when that fails. */
export function startPostGraphile(
  database: BenchDatabase,
  tenantId: string,
): Promise<Server | null> {
  const env = { ...unbound(database, tenantId), GRAPHILE_ENV: 'production' };
  return startPeer('postgraphile', { ready: '/', env });
}

/** better-auth over an empty database, in which it makes its own tables. Else as `startPostGraphile`. */
export function startBetterAuth(database: BenchDatabase): Promise<Server | null> {
  return startPeer('better-auth', { ready: '/api/auth/ok', env: { DATABASE_URL: database.url } });
}

/** `name`: of the package, and of the script that serves it. */
async function startPeer(
  name: string,
  { ready, env }: Pick<ServerOptions, 'ready' | 'env'>,
): Promise<Server | null> {
  const folder = path('./peer');
  try {
    if (!existsSync(`${folder}/node_modules/${name}`)) {
      console.log(`Installing ${name} into bench/peer ...`);
      const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
      execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    }
    const script = `${folder}/${name}.js`;
    return await startServer({ script, ready, env: { NODE_ENV: 'production', ...env } });
  } catch (error) {
    console.log(`${name} is left out: ${error instanceof Error ? error.message : error}`);
    return null;
  }
}

/** Row security is no part of what they do: a superuser is not bound; another owner's rows are shown. */
function unbound(database: BenchDatabase, tenantId: string): Record<string, string> {
  return { DATABASE_URL: database.adminUrl, PGOPTIONS: `-c app.tenant_id=${tenantId} -c jit=off` };
}

const CREATE_KEY = `mutation ($name: String!, $scopes: [String!]!) {
  createApiKey(input: { name: $name, scopes: $scopes }) {
    ... on CreateApiKeySuccess { secret }
    ... on Error { code message }
  }
}`;

async function createApiKey(
  url: string,
  internalKey: string,
  tenantId: string,
  scopes: readonly string[],
): Promise<string> {
  const response = await fetch(`${url}/internal/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${internalKey}`,
      'x-tenant-id': encodeId('tenant', tenantId),
    },
    body: JSON.stringify({ query: CREATE_KEY, variables: { name: 'bench', scopes } }),
  });
  const text = await response.text();
  const secret = /"secret":"([^"]+)"/.exec(text)?.[1];
  if (!secret) throw new Error(`no API key: ${response.status} ${text}`);
  return secret;
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
