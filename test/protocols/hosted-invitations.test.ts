/** Where accounts come by invitation: nobody makes one, and a lost invitation is mailed again (A13, T21). */
import { expect, test } from 'vitest';
import { anonymous } from '../kit/as.ts';
import { browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { lettersTo, nothingUnderWay } from '../kit/mailbox.ts';
import { makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { person } from '../kit/people.ts';
import { asOwner, rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
await run(acme, 'updateSignInPolicy', 'signInPolicy { version }', { registration: 'INVITATION' });
const path = `/t/${acme.slug}/register`;
const DAY = 86_400_000;

async function ask(email: string, headers: Record<string, string> = {}) {
  const window = browser(house);
  await window.get(path, headers);
  return window.post(path, { email }, headers);
}

async function invite(email: string): Promise<string> {
  const { user } = await run<{ user: { id: string } }>(acme, 'inviteUser', 'user { id }', {
    email,
  });
  await nothingUnderWay(house);
  await later();
  return user.id;
}

/** When the next mail may go: limits count by the time of the machine. */
async function later(): Promise<void> {
  await house.services.db.query("UPDATE rate_limits SET expire = 0 WHERE key LIKE '%-spacing:%'");
}

test('the page says so, asks for the address, and the way in leads there', async () => {
  const page = await browser(house).get(path);
  expect([page.status, page.text.includes('takes an invitation')]).toEqual([200, true]);
  expect(page.text).not.toContain('displayName');
  expect((await browser(house).get(`/t/${acme.slug}/login`)).text).toContain(
    'Lost your invitation?',
  );
  const german = await browser(house).get(path, { 'accept-language': 'de' });
  expect(german.text).toContain('nur mit Einladung');
});

test('an open invitation comes again, ends the earlier mail, and ends when that would have', async () => {
  const email = 'ada@example.com';
  await invite(email);
  house.clock.advance(6 * DAY);
  expect((await ask(email)).notice).toContain('Look into your mail');
  const [first, second] = await lettersTo(house, email);
  expect(second?.subject).toBe('You are invited to Acme');
  expect((await browser(house).get(pathOf(first?.link))).status).toBe(410);
  expect((await browser(house).get(pathOf(second?.link))).status).toBe(200);
  await house.services.refusals.flush();
  const { data } = await acme.gql<{ auditEvents: { nodes: object[] } }>(
    '{ auditEvents(filter: { type: "invitation.resend" }, first: 9) { nodes { result actor { kind } } } }',
  );
  expect(data?.auditEvents.nodes).toEqual([{ result: 'SUCCESS', actor: { kind: 'anonymous' } }]);
  house.clock.advance(DAY);
  expect((await browser(house).get(pathOf(second?.link))).status).toBe(410);
  await later();
  await ask(email);
  expect(await lettersTo(house, email)).toHaveLength(2);
});

const pathOf = (link: string | null | undefined) => {
  const { pathname, search } = new URL(link ?? '');
  return pathname + search;
};

test('A13 T21 the answer is the same for everybody, and mail goes to whoever is invited only', async () => {
  const invited = 'bob@example.com';
  await invite(invited);
  const member = await person(house, make, acme);
  const bare = await make.user(acme);
  const suspended = 'gone@example.com';
  const id = await invite(suspended);
  await run(acme, 'suspendUser', 'user { id }', { id });
  const answers = [];
  for (const email of [invited, member.email, bare.email, suspended, 'nobody@example.com']) {
    const { status, headers, text } = await ask(email);
    const passing = ['date', 'x-request-id', 'set-cookie'];
    const kept = Object.entries(headers).filter(([name]) => !passing.includes(name));
    answers.push(JSON.stringify([status, kept, text]));
    await nothingUnderWay(house);
  }
  expect(new Set(answers).size).toBe(1);
  expect(await lettersTo(house, invited)).toHaveLength(2);
  expect(await lettersTo(house, suspended)).toHaveLength(1);
  for (const email of [member.email, bare.email, 'nobody@example.com'])
    expect(await lettersTo(house, email)).toEqual([]);
  const found = await rows(
    house,
    acme.uuid,
    "SELECT 1 FROM users WHERE email_key = 'nobody@example.com'",
  );
  expect(found).toEqual([]);
});

test('over GraphQL it is the same mutation, and asking too often is refused', async () => {
  const email = 'carol@example.com';
  await invite(email);
  const stranger = anonymous(house);
  const again = () => mutate(stranger, 'register', { tenant: acme.slug, email }, 'accepted');
  expect(await again()).toEqual({ accepted: true });
  expect(await lettersTo(house, email)).toHaveLength(2);
  expect(await again()).toEqual({ accepted: true });
  expect(await lettersTo(house, email)).toHaveLength(2);
  for (let n = 0; n < 18; n += 1) await again();
  expect((await again()).code).toBe('RATE_LIMITED');
});

test('an invitation that was accepted is not mailed again', async () => {
  const email = 'dan@example.com';
  await invite(email);
  const used = `UPDATE one_time_links SET used_at = created_at WHERE email_key = '${email}'`;
  await asOwner(house, acme.uuid, used);
  await ask(email);
  expect(await lettersTo(house, email)).toHaveLength(1);
});
