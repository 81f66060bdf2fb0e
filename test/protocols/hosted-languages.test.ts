/** The language that somebody has chosen never breaks a page, whoever chose it. */
import { expect, test } from 'vitest';
import { openSelfService } from '../features/self-served.ts';
import { browser } from '../kit/browser.ts';
import { letterTo } from '../kit/mailbox.ts';
import { mutationDocument } from '../kit/mutate.ts';
import { type Person, person, signedIn, signIn } from '../kit/people.ts';

const { house, make, acme, ask, accept } = await openSelfService();
const NEXT = 'a wholly different phrase';
const PAGES = ['account', 'account/profile'].map((page) => `/t/${acme.slug}/${page}`);

/** With extensions, for private use, and of languages that nobody speaks. */
const TAGS = [
  ['de-u-co-phonebk', 'German'],
  ['en-x-foo', 'English'],
  ['zh-t-en', 'Chinese'],
  ['de-CH-1996-u-nu-latn-x-a-b', 'Swiss High German'],
  ['qaa-Qaaa-QM', 'qaa'],
] as const;

test.each(TAGS)(
  'D04 whoever is registered by a stranger with %s reads their pages',
  async (locale, name) => {
    const email = `${locale.toLowerCase()}@example.com`;
    expect((await ask('register', { email, locale })).code).toBeUndefined();
    const { token } = await letterTo(house, email, '');
    expect((await accept(token)).code).toBeUndefined();
    const window = browser(house);
    expect((await signIn(window, acme, { email, password: NEXT })).status).toBe(303);
    for (const path of PAGES) {
      const { status, text } = await window.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(text).toContain(name);
    }
  },
);

test.each(TAGS)('%s may be chosen for oneself, and left again on the page', async (locale) => {
  const ada: Person = await person(house, make, acme);
  const window = await signedIn(house, acme, ada);
  const { code } = await window.gql(mutationDocument('updateAccount'), { input: { locale } });
  expect(code).toBeUndefined();
  for (const path of PAGES) expect((await window.get(path)).status).toBe(200);
  const saved = await window.post(PAGES[1] ?? '', { displayName: 'Ada', locale: 'de' });
  expect([saved.status, saved.notice]).toEqual([200, 'Saved.']);
});
