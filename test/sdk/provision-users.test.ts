/** The sample program: 1,000 users, a server that is killed in the middle, and a second run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import {
  createApiKey,
  createClient,
  createTenant,
  createUser,
  listAuditEvents,
  listUsers,
  paginate,
} from '../../sdk/generated/sdk.ts';
import { createHome } from '../kit/homes.ts';
import { PROGRAM_ENV } from '../kit/programs.ts';
import { until } from '../kit/until.ts';
import { installPackage } from './installed-package.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const USERS = 1_000;

const home = await createHome();
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const secrets = {
  INTERNAL_KEY: randomBytes(32).toString('hex'),
  MASTER_KEY: randomBytes(32).toString('base64'),
};
const installed = await installPackage();
let server = await startServer();
afterAll(async () => {
  await end(server, 'SIGTERM');
  await home.remove();
});

test('every user is there once, whatever happened to the server', { timeout: 90_000 }, async () => {
  const { secret } = await tenantKey();
  const client = createClient({ url, apiKey: secret });
  const emails = Array.from({ length: USERS }, (_, n) => `user-${n}@example.com`);
  const lines = emails.map((email, n) => JSON.stringify({ email, displayName: `User ${n}` }));
  const example = readFileSync(
    new URL('../../sdk/examples/provision-users.ts', import.meta.url),
    'utf8',
  );
  installed.write('provision-users.ts', example);
  installed.write('users.jsonl', `${lines.join('\n')}\n`);
  expect(await installed.typecheck()).toBe('');
  const provision = () =>
    installed.start('provision-users.ts', ['users.jsonl'], {
      SIGNET_URL: url,
      SIGNET_API_KEY: secret,
    });

  const first = provision();
  await until(() => /^[34]00 created/m.test(first.output()), { what: 'some progress' });
  await end(server, 'SIGKILL');
  server = await startServer();
  expect([await first.ended, first.output().trim().split('\n').at(-1)]).toEqual([
    0,
    `${USERS} created, 0 there already, 0 refused`,
  ]);
  expect(await emailsOf(client)).toEqual(emails);
  let recorded = 0;
  for await (const { target } of paginate(client, listAuditEvents, { type: 'user.create' }))
    recorded += target ? 1 : 0;
  expect(recorded).toBe(USERS);
});

test('a run over a file that is half done and half wrong does what can be done', async () => {
  const { secret } = await tenantKey();
  const client = createClient({ url, apiKey: secret });
  await createUser(client, { input: { email: 'there@example.com' } });
  const lines = [
    '{"email":"there@example.com"}',
    '',
    '{"email":"new@example.com"}',
    '{"email":',
    '{"email":"no"}',
    '{"email":"x@example.com","nope":1}',
    'null',
    '{"email":"last@example.com"}',
  ];
  installed.write('mixed.jsonl', lines.join('\n'));
  const program = installed.start('provision-users.ts', ['mixed.jsonl'], {
    SIGNET_URL: url,
    SIGNET_API_KEY: secret,
  });
  expect(await program.ended).toBe(1);
  expect(program.output()).toContain('2 created, 1 there already, 4 refused');
  expect(program.output()).toMatch(/^line 4: .*JSON/m);
  expect(program.output()).toMatch(/^line 5: .*email/m);
  expect(program.output()).toMatch(/^line 6: .*nope/m);
  expect(program.output()).toMatch(/^line 7: /m);
  expect(await emailsOf(client)).toEqual([
    'last@example.com',
    'new@example.com',
    'there@example.com',
  ]);
});

async function emailsOf(client: ReturnType<typeof createClient>): Promise<string[]> {
  const emails: string[] = [];
  for await (const { email } of paginate(client, listUsers)) emails.push(email);
  const number = (email: string) => Number(/\d+/.exec(email) ?? 0);
  return emails.sort((a, b) => number(a) - number(b) || a.localeCompare(b));
}

async function tenantKey(): Promise<{ secret: string }> {
  const door = { url: `${url}/internal/graphql`, apiKey: secrets.INTERNAL_KEY };
  const slug = `t${randomBytes(4).toString('hex')}`;
  const { tenant } = await createTenant(createClient(door), { input: { slug, name: slug } });
  return createApiKey(createClient({ ...door, tenant: tenant.id }), {
    input: { name: 'setup', scopes: ['users:read', 'users:write', 'audit:read'] },
  });
}

async function startServer(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['src/app/main.ts'], {
    cwd: ROOT,
    env: {
      ...PROGRAM_ENV,
      PORT: String(port),
      RATE_LIMIT_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
      ...secrets,
      ...home.env,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      return (await fetch(`${url}/readyz`)).ok;
    },
    { timeout: 20_000, what: 'readiness' },
  );
  return child;
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
