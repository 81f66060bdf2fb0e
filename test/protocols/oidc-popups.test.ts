/** Sign-ins in a popup: its opener hears of them where the application has said that it is one, and only there. */
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { begin, follow, makeClient, relyingParty } from '../kit/relying-party.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const ada = await person(house, make, acme);
const client = await makeClient(acme, { firstParty: false });
const config = await relyingParty(house, acme, client);

test.for([
  ['popup', 'unsafe-none'],
  ['page', 'same-origin'],
  ['', 'same-origin'],
] as const)('H04 pages of a sign-in with display=%s are %s', async ([display, policy]) => {
  const window = browser(house);
  const shown = new Map<string, unknown>();
  const watched = {
    ...window,
    get: async (path: string) => {
      const page = await window.get(path);
      if (page.location === null)
        shown.set(
          path.replace(/[?].*|[\w-]{21,}$/g, ''),
          page.headers['cross-origin-opener-policy'],
        );
      return page;
    },
  };
  const { url } = await begin(config, {
    scope: 'openid',
    prompt: 'consent',
    ...(display ? { display } : {}),
  });
  const { url: back } = await follow(watched, url, ada);
  expect(back?.searchParams.get('code')).toBeTruthy();
  const root = `/t/${acme.slug}`;
  expect(Object.fromEntries(shown)).toEqual({
    [`${root}/login`]: policy,
    [`${root}/interaction/`]: policy,
  });
  for (const path of ['/account', '/login?to=account', '/register'])
    expect((await window.get(`${root}${path}`)).headers['cross-origin-opener-policy']).not.toBe(
      'unsafe-none',
    );
});
