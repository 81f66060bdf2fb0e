/** docs/guides/audit-log.md: what it shows to be typed does what it says. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { shownIn } from '../contracts/shown-blocks.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { subscribe } from '../kit/sse.ts';
import { until } from '../kit/until.ts';
import { installPackage } from './installed-package.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const installed = await installPackage();
const guide = readFileSync(new URL('../../docs/guides/audit-log.md', import.meta.url), 'utf8');
const shown = (language: string) => shownIn(guide, language).map(({ block }) => block.text);
const [commands = ''] = shown('sh');
const [document = ''] = shown('graphql');
const [program = ''] = shown('js');
const env = { SIGNET: house.url, TOKEN: acme.secret };

test('the searches', async () => {
  const user = await make.user(acme);
  await mutate(acme, 'suspendUser', { id: user.id });
  await mutate(acme, 'createUser', { email: user.email });
  // The house's clock stands in the past of what the page names.
  const typed = commands.replace(/since=[^"&]*/, 'since=2000-01-01T00:00:00Z');
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', typed.replaceAll('"\ncurl', '"; echo; curl')],
    {
      env: { PATH: process.env['PATH'], ...env },
    },
  );
  const types = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).items.map(({ type }: { type: string }) => type));
  expect(types).toEqual([['user.create', 'user.suspend'], ['user.create']]);
});

test('the tail', async () => {
  const first = /event_0+/.exec(guide)?.[0];
  const stream = await subscribe<{ auditEvents: { type: string } }>(house, acme, document, {
    after: first,
  });
  onTestFinished(() => stream.close());
  const types = () => stream.received.map(({ auditEvents }) => auditEvents.type);
  await until(() => types().includes('tenant.create'));
});

test('the program', async () => {
  installed.write('live.mjs', program);
  const running = installed.start('live.mjs', [], env);
  onTestFinished(() => void running.child.kill());
  await until(
    async () => {
      await make.user(acme);
      return /^user\.create user_/m.test(running.output());
    },
    { timeout: 20_000, what: 'what the program writes' },
  );
});
