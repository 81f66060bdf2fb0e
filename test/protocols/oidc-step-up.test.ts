/** Applications that want more of whoever is signed in already: two factors, or a fresh look (OpenID Connect Core 3.1.2.1). */
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { openPlan } from '../kit/conformance.ts';
import { openHouse } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person, signIn } from '../kit/people.ts';
import { follow, formOf } from '../kit/relying-party.ts';
import { totp } from '../kit/totp.ts';

const house = await openHouse();
const plan = await openPlan(house);
const make = makers(house);
const { tenant } = plan;
const root = `/t/${tenant.slug}`;
await run(tenant, 'updateSignInPolicy', 'signInPolicy { mfa }', { mfa: 'OPTIONAL' });

test('acr_values=mfa leads past the second factor, set up on the way, and back in the same session', async () => {
  const ada = await person(house, make, tenant);
  const window = browser(house);
  await signIn(window, tenant, ada);
  const answer = await plan.ask({ acr_values: 'mfa', prompt: 'consent' }, { window, who: null });
  expect(answer.seen.at(-1)).toBe(`${root}/mfa`);
  const shown = formOf(answer.page);
  const enrol = await window.post(`${root}/mfa`, { ...shown?.hidden, password: ada.password });
  const secret = /<code>([^<]+)<\/code>/.exec(enrol.text)?.[1] ?? '';
  const code = totp(secret, house.clock.ms());
  const codes = await window.post(`${root}/login`, { ...formOf(enrol)?.hidden, code });
  expect(codes.text).toContain('class="codes"');
  const on = /<a href="([^"]+\/interaction\/[^"]+)">/.exec(codes.text)?.[1] ?? '';
  const landed = await follow(window, on, ada);
  const tokens = await plan.redeem({ ...answer, ...landed });
  expect(tokens.claims()).toMatchObject({ sub: ada.id, acr: 'mfa' });
  const again = await plan.signIn({ acr_values: 'mfa', prompt: 'none' }, { window, who: null });
  expect(again.tokens.claims()?.['acr']).toBe('mfa');
});

test.for([{ prompt: 'login' }, { max_age: '60' }, { max_age: '0' }])(
  '%o asks once more, and takes no other person’s word',
  async (parameters) => {
    const [ada, bob] = [await person(house, make, tenant), await person(house, make, tenant)];
    const { answer } = await plan.signIn({}, { who: ada });
    const { window } = answer;
    house.clock.advance(120_000);
    const silent = await plan.ask({ ...parameters, prompt: 'none' }, { window, who: null });
    if ('max_age' in parameters)
      expect(silent.url?.searchParams.get('error')).toBe('login_required');
    const asked = await plan.ask(parameters, { window, who: null });
    expect(asked.seen.at(-1)).toBe(`${root}/mfa`);
    const shown = formOf(asked.page);
    const wrong = { ...shown?.hidden, password: `${bob.password} not` };
    expect((await window.post(`${root}/mfa`, wrong)).location).toBeNull();
    // Neither the wrong password nor the way round it ends the wait.
    const { page } = await follow(window, `${root}/${shown?.hidden['to']}`);
    const right = await window.post(`${root}/mfa`, {
      ...formOf(page)?.hidden,
      password: ada.password,
    });
    const landed = await follow(window, right.location ?? '');
    expect(landed.url?.searchParams.has('code')).toBe(true);
  },
);

test('an ID token of somebody else ends in login_required, not at their account', async () => {
  const [ada, bob] = [await person(house, make, tenant), await person(house, make, tenant)];
  const { answer } = await plan.signIn({}, { who: ada });
  const other = await plan.signIn({}, { who: bob });
  const hint = { id_token_hint: other.tokens.id_token ?? '' };
  const { url } = await plan.ask(hint, { window: answer.window, who: null });
  expect(url?.searchParams.get('error')).toBe('login_required');
});
