/** docs/guides/verify-a-token.md: its programs take good tokens and no others. Python, where PyJWT is installed. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createServiceTokens } from '../../sdk/generated/oidc.ts';
import { freePort, openLocalHouse } from '../browser/chromium.ts';
import { shownIn } from '../contracts/shown-blocks.ts';
import { makers } from '../kit/make.ts';
import { makeClient } from '../kit/relying-party.ts';
import { until } from '../kit/until.ts';
import { installPackage } from './installed-package.ts';

const house = await openLocalHouse();
const make = makers(house);
const installed = await installPackage();
const guide = readFileSync(new URL('../../docs/guides/verify-a-token.md', import.meta.url), 'utf8');
const [bySdk = '', byJose = '', strict = ''] = shownIn(guide, 'js').map(({ block }) => block.text);
const [python = ''] = shownIn(guide, 'python').map(({ block }) => block.text);

const acme = await make.tenant();
const ISSUER = `${house.services.config.publicUrl}/t/${acme.slug}`;
const ORDERS = 'https://orders.example.com';
const OTHER = 'https://other.example.com';
for (const identifier of [ORDERS, OTHER])
  await make.resource(acme, {
    identifier,
    scopes: [
      { name: 'orders:read', description: 'See orders' },
      { name: 'orders:write', description: 'Change orders' },
    ],
  });
const service = await makeClient(acme, {
  ...{ type: 'SERVICE', redirectUris: [], firstParty: false, apiScopes: ['users:read'] },
  audiences: [ORDERS, OTHER],
});
const credentials = { clientId: service.id, clientSecret: service.secret ?? '' };
const env = { ISSUER, CLIENT_ID: credentials.clientId, CLIENT_SECRET: credentials.clientSecret };
const tokenFor = (resource: string, scope = 'orders:read') =>
  createServiceTokens({ issuer: ISSUER, ...credentials, resource, scope })();

const good = await tokenFor(ORDERS);
const bad = [await tokenFor(OTHER), `${good.slice(0, -8)}AAAAAAAA`, 'x'];

test('the API by the SDK', async () => {
  const port = await freePort();
  installed.write('api.mjs', bySdk);
  const program = installed.start('api.mjs', [], { ...env, PORT: String(port) });
  onTestFinished(() => void program.child.kill());
  const url = `http://127.0.0.1:${port}/`;
  const ask = (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const answer = await until(() => ask(good).catch(() => null), { what: 'the API' });
  expect([answer.status, answer.headers.get('x-subject')]).toEqual([200, service.id]);
  expect(await answer.text()).toBe(`Hello ${service.id}`);
  for (const token of bad) expect((await ask(token)).status).toBe(401);
  expect((await fetch(url)).headers.get('www-authenticate')).toBe('Bearer');
  expect((await ask(await tokenFor(ORDERS, 'orders:write'))).status).toBe(403);
});

test('by jose', async () => {
  installed.write('by-jose.mjs', byJose);
  expect(await toldBy('by-jose.mjs', 'verify')).toEqual([service.id, ...bad.map(() => 'refused')]);
});

test('with introspection: its options are good', async () => {
  installed.write('strict.mjs', strict);
  installed.write(
    'try.mjs',
    "import { strict } from './strict.mjs';\nconsole.log(typeof strict.verify);\n",
  );
  const program = installed.start('try.mjs', [], env);
  expect([await program.ended, program.output()]).toEqual([0, 'function\n']);
});

/** Debian's, where another one stands before it. */
const pythons = ['python3', '/usr/bin/python3'].filter(
  (name) => spawnSync(name, ['-c', 'import jwt, cryptography']).status === 0,
);
for (const name of pythons.slice(0, 1))
  test('by PyJWT', async () => {
    const program = `${python}

import sys
for token in sys.argv[1:]:
    try:
        print(verify(token)["sub"])
    except jwt.PyJWTError:
        print("refused")
`;
    installed.write('verify.py', program);
    const { stdout } = await promisify(execFile)(name, ['verify.py', good, ...bad], {
      cwd: installed.folder,
      env: { PATH: process.env['PATH'], ISSUER },
    });
    expect(stdout.trim().split('\n')).toEqual([service.id, ...bad.map(() => 'refused')]);
  });

/** What the function of a module makes of each token. */
async function toldBy(module: string, name: string): Promise<string[]> {
  const program = `import { ${name} as verify } from './${module}';
for (const token of process.argv.slice(2))
  console.log(await verify(token).then(({ sub }) => sub, () => 'refused'));
`;
  installed.write('ask.mjs', program);
  const asked = installed.start('ask.mjs', [good, ...bad], env);
  expect(await asked.ended).toBe(0);
  return asked.output().trim().split('\n');
}
