import { expect, test } from 'vitest';
import { ConfigError, configTable, loadConfig } from '#kernel/config.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('an empty environment is enough, and listens on this host only', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({
    port: 4000,
    host: '127.0.0.1',
    publicUrl: 'http://localhost:4000',
    dataDir: '.data',
  });
  expect(config.databaseUrl).toBeUndefined();
  expect([...config.roles]).toEqual(['web', 'jobs']);
});

test('an empty value counts as absent', () => {
  expect(loadConfig({ PORT: '', DATABASE_URL: ' ' }).port).toBe(4000);
});

test('A20 links follow PUBLIC_URL, whose trailing slash is dropped', () => {
  expect(loadConfig({ PUBLIC_URL: 'https://ID.example.com/' }).publicUrl).toBe(
    'https://id.example.com',
  );
  expect(loadConfig({ PORT: '5000' }).publicUrl).toBe('http://localhost:5000');
});

test('every problem is told at once, one line each, naming its variable', () => {
  const problems = problemsOf({ PORT: 'abc', ROLES: 'web,cook', NODE_ENV: 'prod' });
  expect(problems).toEqual([
    'NODE_ENV: must be one of: development, production, test',
    'PORT: must be a port between 0 (any free one) and 65535',
    'ROLES: must name one or more of: web, jobs (separated by commas)',
  ]);
});

test.each([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '4000.5'],
  ['DATABASE_POOL_SIZE', '0'],
  ['DATABASE_URL', 'mysql://localhost/x'],
  ['MASTER_KEY', 'c2hvcnQ='],
  ['INTERNAL_KEY', 'short'],
  ['INTERNAL_KEY', 'with spaces with spaces with spaces '.repeat(2)],
  ['PUBLIC_URL', 'https://id.example.com/prefix'],
  ['PUBLIC_URL', 'ftp://id.example.com'],
  ['CORS_ORIGINS', '*'],
  ['CORS_ORIGINS', 'https://a.example,null'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', '10.1'],
  ['TRUSTED_PROXIES', 'proxy.example.com'],
  ['OUTBOUND_ALLOW', 'somewhere'],
  ['OUTBOUND_PORTS', '443,0'],
  ['LOG_LEVEL', 'loud'],
])('%s=%s is refused without repeating the value', (name, value) => {
  const problems = problemsOf({ [name]: value }).filter((line) => line.startsWith(`${name}: `));
  expect(problems).toHaveLength(1);
  expect(problems[0]).not.toContain(value.length > 4 ? value : '\u0000');
});

test('A11 with DATABASE_URL no secret is made up: both must be given', () => {
  expect(problemsOf({ DATABASE_URL: 'postgres://u@db/signet' })).toEqual([
    expect.stringMatching(/^INTERNAL_KEY: must be set together with DATABASE_URL/),
    expect.stringMatching(/^MASTER_KEY: must be set together with DATABASE_URL/),
  ]);
});

test('a master key is read as base64, base64url or hex', () => {
  const bytes = Buffer.alloc(32, 0xfb);
  for (const text of ['base64', 'base64url', 'hex'] as const) {
    expect(loadConfig({ MASTER_KEY: bytes.toString(text) }).masterKey).toEqual(bytes);
  }
});

test('INTERNAL_PORT and PORT differ; a migration connection needs the other one', () => {
  expect(problemsOf({ INTERNAL_PORT: '4000' })[0]).toMatch(/^INTERNAL_PORT: must differ/);
  expect(problemsOf({ MIGRATION_DATABASE_URL: 'postgres://u@db/x' })[0]).toMatch(/^DATABASE_URL: /);
});

test('the printed table has a meaning for every variable', () => {
  const rows = configTable();
  expect(rows.find((row) => row.name === 'PORT')).toEqual({
    name: 'PORT',
    fallback: '4000',
    meaning: 'Port of the public doors.',
  });
  expect(rows.filter((row) => row.meaning === '')).toEqual([]);
  expect(rows.length).toBeGreaterThan(15);
});
