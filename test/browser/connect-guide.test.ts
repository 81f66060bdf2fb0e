/** docs/guides/connect-an-app.md, step by step: its commands, its site in a browser, and what it shows compiles. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { missingLine, shownIn } from '../contracts/shown-blocks.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { until } from '../kit/until.ts';
import { installPackage } from '../sdk/installed-package.ts';
import { freePort, openChromium, openLocalHouse, openPage } from './chromium.ts';

const house = await openLocalHouse();
const make = makers(house);
const acme = await make.tenant();
const installed = await installPackage();
// The port that the guide names may be in use here.
const port = String(await freePort());
const guide = readFileSync(
  new URL('../../docs/guides/connect-an-app.md', import.meta.url),
  'utf8',
).replaceAll('4200', port);
const END = '--- the next step ---';

test('what it says to do', async () => {
  const steps = shownIn(guide, 'sh');
  const script = steps.map(({ block }) => `${block.text}\nprintf '\\n${END}\\n'`).join('\n');
  const env = { PATH: process.env['PATH'], SIGNET: house.url, TOKEN: acme.secret };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
  const answers = stdout.split(`\n${END}\n`);
  for (const [n, { outcome }] of steps.entries())
    expect(missingLine(outcome ?? 'no outcome is shown', answers[n] ?? '')).toBeNull();
  const [CLIENT_ID = '', CLIENT_SECRET = ''] = answers[0]?.trim().split(' ') ?? [];

  const [site = ''] = shownIn(guide, 'js').map(({ block }) => block.text);
  installed.write('site.mjs', site);
  const ISSUER = `${house.services.config.publicUrl}/t/${acme.slug}`;
  const program = installed.start('site.mjs', [], { ISSUER, CLIENT_ID, CLIENT_SECRET });
  onTestFinished(() => void program.child.kill());
  const url = `http://localhost:${port}`;
  await until(() => fetch(url, { redirect: 'manual' }).catch(() => null), { what: 'the site' });
  const ada = await person(house, make, acme);
  const { page } = await openPage(await openChromium(), house);
  await page.goto(`${url}/orders`);
  await page.getByLabel('E-mail address').fill(ada.email);
  await page.getByLabel('Password').fill(ada.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(`Hello ${ada.email}, at /orders`).waitFor();
});

test('the page and the service that it shows compile', async () => {
  for (const [n, { block }] of shownIn(guide, 'ts').entries())
    installed.write(`shown-${n}.ts`, block.text);
  expect(await installed.typecheck()).toBe('');
});
