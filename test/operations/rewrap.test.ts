/** `npm run rewrap`: data keys move to another master key, or to a KMS, and the earlier key may go. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '#kernel/config.ts';
import { examineDatabase } from '../../src/app/doctor-database.ts';
import { type VaultFake, vaultFake } from '../kernel/kms-vault-fake.ts';
import { serverUrl } from '../kit/homes.ts';
import { type House, startHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { PROGRAM_ENV } from '../kit/programs.ts';
import { INTERNAL_KEY, MASTER_KEY } from './server-process.ts';

const NEW_KEY = randomBytes(32).toString('base64');
const TOKEN = 'hvs.secret';
const old = { INTERNAL_KEY, MASTER_KEY };
const both = { INTERNAL_KEY, MASTER_KEY: NEW_KEY, PREVIOUS_MASTER_KEYS: MASTER_KEY };
const after = { INTERNAL_KEY, MASTER_KEY: NEW_KEY };
let house: House;
let fake: VaultFake;

beforeAll(async () => {
  fake = await vaultFake();
  fake.tokens.add(TOKEN);
  fake.keys.set('transit/signet', [randomBytes(32)]);
  house = await startHouse();
  const make = makers(house);
  for (let n = 0; n < 3; n += 1) await make.user(await make.tenant());
});
afterAll(async () => {
  if (serverUrl) await house.stop();
  await house.home.remove();
  await fake.close();
});

const vault = () => ({
  ...after,
  KEY_PROVIDER: 'vault-transit',
  VAULT_ADDR: fake.url,
  VAULT_TRANSIT_KEY: 'signet',
  VAULT_TOKEN: TOKEN,
  KMS_ALLOW: fake.host,
});

function run(
  program: string,
  env: Record<string, string>,
): Promise<{ code: number; text: string }> {
  const path = fileURLToPath(new URL(`../../src/app/${program}.ts`, import.meta.url));
  const options = {
    env: { ...PROGRAM_ENV, PORT: '0', LOG_LEVEL: 'silent', ...house.home.env, ...env },
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [path], options, (error, stdout, stderr) => {
      expect(stdout + stderr).not.toContain(TOKEN);
      resolve({ code: Number(error?.code ?? 0), text: stdout + stderr });
    });
  });
}

/** What the doctor finds in the database: `state says`, by check. */
async function doctor(env: Record<string, string>): Promise<Record<string, string>> {
  const found = await examineDatabase(loadConfig({ ...house.home.env, ...env }));
  expect(JSON.stringify(found)).not.toContain(TOKEN);
  return Object.fromEntries(found.map(({ check, state, says }) => [check, `${state} ${says}`]));
}

/** Why a server does not start, as `main` prints it. */
async function refusal(env: Record<string, string>): Promise<string> {
  const started = startHouse({ home: house.home, env });
  const error = await started.then(
    (other) => other.stop(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).message).not.toContain(TOKEN);
  return (error as ConfigError).message;
}

const anew = /^(\d+) data keys of (\d+) tenants were wrapped anew\n$/;

test.skipIf(serverUrl)('the embedded database belongs to its server while that runs', async () => {
  const { code, text } = await run('rewrap', both);
  expect(code).toBe(1);
  expect(text).toMatch(/in use by /);
  await house.stop();
});

// That it is left as it was, the next test finds: the earlier key still opens all of them.
test('K01 what no key opens is left as it was, and told', async () => {
  const { code, text } = await run('rewrap', after);
  expect(code).toBe(1);
  expect(text).toMatch(/^a data key of tenant \S+ does not open and is left as it was; name its/m);
  expect(text).toMatch(/^0 data keys of \d+ tenants were wrapped anew$/m);
});

test('K01 after it the earlier master key is no longer needed, and opens nothing', async () => {
  const { code, text } = await run('rewrap', both);
  const [, keys, tenants] = anew.exec(text) ?? [];
  expect(code).toBe(0);
  expect(Number(keys)).toBeGreaterThanOrEqual(4);
  expect(tenants).toBe(keys);
  expect((await doctor(after))['master key']).toMatch(/^ok opens the data keys of every tenant/);
  expect(await refusal(old)).toMatch(/^MASTER_KEY: does not open the data keys of this/);
}, 60_000);

test('a move to a KMS that is interrupted goes on where it stopped', async () => {
  let wrapped = 0;
  fake.otherwise = ({ path }) => {
    wrapped += path.includes('/encrypt/') ? 1 : 0;
    return wrapped > 3 ? { status: 503, body: { errors: ['Vault is sealed'] } } : null;
  };
  const stopped = await run('rewrap', vault());
  expect(stopped).toEqual({
    code: 1,
    text: expect.stringMatching(
      /^2 data keys of 3 tenants .*\nVAULT_ADDR: is busy \(status 503\)\n$/,
    ),
  });
  fake.otherwise = null;
  const { code, text } = await run('rewrap', vault());
  expect(code).toBe(0);
  const [, keys, tenants] = anew.exec(text) ?? [];
  expect(Number(keys)).toBe(Number(tenants) - 2);
  expect((await doctor(vault()))['key provider']).toMatch(/^ok opens the data keys/);
}, 60_000);

test('a server serves by it', async () => {
  const env = { ...vault(), INTERNAL_KEY: house.internalKey };
  const other = await startHouse({ home: house.home, env });
  const make = makers(other);
  await make.user(await make.tenant());
  await other.stop();
});

test('a start and the doctor say which variable is to blame', async () => {
  const away = { VAULT_ADDR: 'http://127.0.0.1:1', KMS_ALLOW: '127.0.0.1:1' };
  const start = await run('main', { ...vault(), ...away });
  expect(start.text).toMatch(/^VAULT_ADDR: cannot be reached: connect ECONNREFUSED \S+\n$/);
  expect(start.code).toBe(1);
  expect(await refusal({ ...vault(), KEY_PROVIDER: 'local', VAULT_TRANSIT_KEY: '' })).toBe(
    'VAULT_TRANSIT_KEY: must be set: it wrapped data keys of this database',
  );
  const found = await doctor({ ...vault(), VAULT_TOKEN: 'hvs.wrong' });
  expect(found['key provider']).toMatch(/^fail VAULT_TOKEN: the token is not valid/);
}, 60_000);
