/** What every page holds to: for keyboards, screen readers, browsers that fill in, and any colour (H04). */
import { expect, test } from 'vitest';
import { browser, type Page } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person, signedIn, signIn } from '../kit/people.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
await run(acme, 'updateSignInPolicy', 'signInPolicy { version }', { registration: 'OPEN' });
const ada = await person(house, make, acme);
const at = (page: string) => `/t/${acme.slug}/${page}`;
const PAGES = ['login', 'forgot', 'register', 'logout', 'mfa', 'mfa?acr=mfa'];
const OWN = ['account', 'account/profile', 'account/email', 'account/password'];

const all = (text: string, form: RegExp) => [...text.matchAll(form)].map((one) => one[1] ?? '');

function expectSound({ text, headers }: Page, tag: string): void {
  expect(text).toContain(`<html lang="${tag}">`);
  expect(text.match(/<h1>[^<]+<\/h1>/g)).toHaveLength(1);
  expect(text.match(/<main>/g)).toHaveLength(1);
  expect(text).not.toMatch(/ style="|<style|<script>|javascript:| on\w+="/);
  expect(text).not.toMatch(/undefined|\[object|\{\w+\}/);
  expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(headers['cache-control']).toBe('no-store');
  const ids = all(text, / id="([^"]+)"/g);
  expect(new Set(ids).size).toBe(ids.length);
  const labels = all(text, /<label for="([^"]+)"/g);
  for (const field of text.match(/<(?:input|select)[^>]*>/g) ?? []) {
    if (field.includes('type="hidden"')) continue;
    expect(labels).toContain(/ id="([^"]+)"/.exec(field)?.[1]);
    if (field.startsWith('<input')) expect(field).toContain('autocomplete="');
    for (const id of (/aria-describedby="([^"]+)"/.exec(field)?.[1] ?? '')
      .split(' ')
      .filter(Boolean))
      expect(ids).toContain(id);
  }
}

test.each(['en', 'de'])('in %s every page is whole', async (tag) => {
  const headers = { 'accept-language': tag };
  const window = await signedIn(house, acme, ada);
  for (const page of ['login', 'forgot', 'register'])
    expectSound(await browser(house).get(at(page), headers), tag);
  for (const page of [...OWN, ...PAGES.slice(1)])
    expectSound(await window.get(at(page), headers), tag);
  for (const add of ['TOTP', 'PASSKEY']) {
    await window.get(at('account'), headers);
    expectSound(await window.post(at('account/factors'), { add }, headers), tag);
  }
});

test('what is wrong is said where the field is', async () => {
  const page = await signIn(browser(house), acme, { email: ada.email, password: 'wrong' });
  expectSound(page, 'en');
  expect(page.text).toContain('<p class="notice error" role="alert" id="problem">');
  for (const name of ['email', 'password'])
    expect(page.text).toMatch(
      new RegExp(`<input id="${name}"[^>]*aria-invalid="true"[^>]*aria-describedby="problem"`),
    );
  const window = await signedIn(house, acme, ada);
  await window.get(at('account/password'));
  const short = await window.post(at('account/password'), {
    currentPassword: ada.password,
    newPassword: 'short',
  });
  expectSound(short, 'en');
  expect(short.text).toContain('aria-describedby="problem newPassword-hint"');
  expect(short.text).not.toContain('value="short"');
});

const luminance = (color: string): number => {
  const wide = color.length === 4 ? color.replace(/[0-9a-f]/g, '$&$&') : color;
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((from) => {
    const part = Number.parseInt(wide.slice(from, from + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

test.each([
  '#ffffff',
  '#000000',
  '#ffd400',
  '#1a1a1a',
  '#777777',
  '#767676',
  '#ff0000',
  '#00ff00',
  '#0a7d5b',
  '#1f5eff',
])('letters are read on %s, and its buttons seen on every paper', async (accentColor) => {
  await run(acme, 'updateSignInPolicy', 'signInPolicy { version }', { accentColor });
  const { text } = await browser(house).get(at('style.css'));
  const letters = /--on-accent:(#\w+)/.exec(text)?.[1] ?? '';
  const contrast = (one: string, other: string) => {
    const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  expect(contrast(accentColor, letters)).toBeGreaterThanOrEqual(4.5);
  const edges = all(text, /--edge:(var\([^)]+\))/g);
  const papers = all(text, /--paper:(#\w+)/g);
  expect([edges.length, papers.length]).toEqual([2, 2]);
  papers.forEach((paper, n) => {
    const seen = contrast(accentColor, paper) >= 3;
    expect(edges[n]).toBe(seen ? 'var(--accent)' : 'var(--soft)');
  });
});
