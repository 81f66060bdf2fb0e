/** The README's TypeScript is one program, and it runs. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';
import { installPackage } from './installed-package.ts';

const house = await openHouse();
const make = makers(house);
const installed = await installPackage();
const readme = readFileSync(new URL('../../sdk/README.md', import.meta.url), 'utf8');

test('the README compiles, runs to its end, and says what it promises', async () => {
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  expect(blocks.length).toBeGreaterThanOrEqual(8);
  installed.write('readme.ts', blocks.join('\n'));
  expect(await installed.typecheck()).toBe('');

  const tenant = await make.tenant();
  const program = installed.start('readme.ts', [], {
    SIGNET_URL: house.url,
    SIGNET_API_KEY: tenant.secret,
    SIGNET_INTERNAL_KEY: house.internalKey,
  });
  let code: number | null | undefined;
  void program.ended.then((ended) => {
    code = ended;
  });
  // The live events that it waits for are those of others.
  await until(async () => {
    await make.user(tenant);
    return code !== undefined;
  });
  const output = program.output();
  expect(output).toContain('The secret is shown here and never again.');
  expect(output).toMatch(/^user_\w{26} ACTIVE$/m);
  expect(output).toContain('Somebody has this address: EMAIL_TAKEN');
  expect(output).toContain('created grace@example.com');
  expect(output).toMatch(/^\d{4}-\S+Z user\.create user_\w{26}$/m);
  expect(code).toBe(0);
});
