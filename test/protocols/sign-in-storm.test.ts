/** More people than can be hashed for sign in at once: the excess is told to come again, at once, and nobody else waits (X19). */
import { expect, test } from 'vitest';
import { hashPassword } from '#features/passwords/password-hashes.ts';
import { storePassword } from '#features/passwords/passwords.commands.ts';
import { DEFAULT_HASH_COST } from '#features/passwords/passwords.model.ts';
import { type Browser, browser, type Page } from '../kit/browser.ts';
import { contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { PASSWORD, person, signedIn, signIn } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const ada = await person(house, make, acme);
const window = await signedIn(house, acme, ada);
// A dear hash, so that not many are worth waiting for; whoever there is not costs what Ada costs.
const dear = await hashPassword(PASSWORD, { ...DEFAULT_HASH_COST, memoryKiB: 131_072 });
const ctx = await contextOf(house, { tenantId: acme.uuid });
await ctx.db.inTenant(acme.uuid, () => storePassword(ctx, ada.uuid, dear));
const path = `/t/${acme.slug}/login`;
const TAUGHT_BY = 8;
const VIEWER = '{ viewer { actor { id } } }';

/** Somebody who tries again until `over`; every attempt is about an account of its own. */
async function trying(who: Browser, n: number, over: AbortSignal): Promise<Page[]> {
  const pages: Page[] = [];
  await who.get(path);
  while (!over.aborted) {
    const email = `nobody-${n}-${pages.length}@example.com`;
    pages.push(await who.post(path, { email, password: 'wrong' }));
    if (pages.at(-1)?.status === 503) break;
  }
  return pages;
}

test('X19 the excess is answered 503 with Retry-After, counted nowhere, and others go on', async () => {
  // So that the queue knows what one takes.
  const early = Array.from({ length: TAUGHT_BY }, (_, n) =>
    signIn(browser(house), acme, { email: `early-${n}@example.com`, password: 'wrong' }),
  );
  const taught = (await Promise.all(early)).filter(({ status }) => status === 401).length;
  const over = new AbortController();
  const people = Array.from({ length: 40 }, async (_, n) => {
    const pages = await trying(browser(house), n, over.signal);
    over.abort();
    return pages;
  });
  const reads: number[] = [];
  while (!over.signal.aborted) {
    reads.push((await window.gql(VIEWER)).status);
    reads.push((await acme.rest('GET', `/v1/users/${ada.id}`)).status);
    reads.push((await window.get('/readyz')).status);
  }
  expect(new Set(reads)).toEqual(new Set([200]));
  const pages = (await Promise.all(people)).flat();
  const refused = pages.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  for (const { headers, text } of refused) {
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(text).toContain('UNAVAILABLE');
  }
  const checked = pages.filter(({ status }) => status === 401).length;
  expect(checked + refused.length).toBe(pages.length);
  const counted = await rows<{ n: number }>(
    house,
    acme.uuid,
    `SELECT count(*)::int AS n FROM rate_limits WHERE key LIKE 'password-account%'`,
  );
  expect(counted).toEqual([{ n: checked + taught }]);
  // The storm is told in few lines, and as no fault of ours.
  const lines = house.log.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  const told = lines.filter(({ msg }) => String(msg).startsWith('requests were refused'));
  expect(told[0]).toMatchObject({ level: 'warn', refused: 1, path });
  expect(told.filter((line) => 'err' in line)).toEqual([]);
});
