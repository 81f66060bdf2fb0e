/** The README's TypeScript is one program, and a module for pages; both run. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { until } from '../kit/until.ts';
import { installPackage } from './installed-package.ts';

const house = await openHouse();
const make = makers(house);
const installed = await installPackage();
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const readme = read('sdk/README.md');
const blocksOf = (fence: string, text = readme) =>
  [...text.matchAll(new RegExp(`^\`\`\`${fence}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code = '']) => code,
  );

test('the README compiles, runs to its end, and says what it promises', async () => {
  const blocks = blocksOf('ts');
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

test('its module for pages signs in, watches, and keeps no process alive', async () => {
  const [block = '', ...others] = blocksOf('ts browser');
  expect(others).toEqual([]);
  const tenant = await make.tenant();
  const ada = await person(house, make, tenant);
  const code = block.replaceAll("'acme'", `'${tenant.slug}'`);
  installed.write('pages.ts', code);
  expect(await installed.typecheck()).toBe('');
  installed.write('page.mjs', PAGE);
  const program = installed.start('page.mjs', [ada.email, ada.password], {
    SIGNET_URL: house.url,
  });
  expect(await program.ended).toBe(0);
  const output = program.output();
  expect(output).toContain(`Hello ${ada.email}`);
  expect(output).toContain('43200 seconds left');
});

// A test in test/browser runs it.
test('the front end of the guide compiles', async () => {
  const [front = '', ...others] = blocksOf('ts', read('docs/guides/sign-in.md'));
  expect(others).toEqual([]);
  installed.write('main.ts', front);
  expect(await installed.typecheck()).toBe('');
});

/** What of a browser the module needs: where it is, and cookies that go along. */
const PAGE = `
globalThis.location = new URL(process.env.SIGNET_URL);
const cookies = new Map();
const send = globalThis.fetch;
globalThis.fetch = async (url, init) => {
  const headers = new Headers(init.headers);
  headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
  const answer = await send(url, { ...init, headers });
  for (const line of answer.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    cookies.set(name, value);
  }
  return answer;
};
const { signIn } = await import('./pages.ts');
const watch = await signIn(...process.argv.slice(2));
console.log(Math.round((await watch.refresh()).secondsLeft), 'seconds left');
`;
