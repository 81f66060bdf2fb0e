/** What people read of where they are signed in: a plain name instead of what a browser says of itself. */
import { expect, test } from 'vitest';
import { deviceOf, deviceText } from '#features/sessions/devices.model.ts';
import { browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15';
const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K)';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64';

const FIREFOX = `${WINDOWS}; rv:140.0) Gecko/20100101 Firefox/140.0`;

test.each([
  ['Firefox on Windows', FIREFOX],
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  ['Firefox on Android', 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0'],
  ['Firefox on iPhone', `${IPHONE} (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15`],
  ['Safari on iPhone', `${IPHONE} (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1`],
  ['Chrome on iPhone', `${IPHONE} (KHTML, like Gecko) CriOS/138.0 Mobile/15E148 Safari/604.1`],
  ['Safari on Mac', `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15`],
  ['Chrome on Mac', `${MAC} ${WEBKIT} Chrome/138.0.0.0 Safari/537.36`],
  ['Chrome on Android', `${ANDROID} ${WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36`],
  [
    'Samsung Internet on Android',
    `${ANDROID} ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
  ],
  ['Edge on Windows', `${WINDOWS}) ${WEBKIT} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0`],
  ['Edge on Android', `${ANDROID} ${WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36 EdgA/138.0`],
  ['Opera on Windows', `${WINDOWS}) ${WEBKIT} Chrome/135.0.0.0 Safari/537.36 OPR/120.0.0.0`],
  ['Chrome on ChromeOS', `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/138.0.0.0`],
  ['curl', 'curl/8.5.0'],
  ['Linux', 'something for Linux'],
])('%s', (name, userAgent) => {
  expect(deviceText(deviceOf(userAgent))).toBe(name);
});

test.each([undefined, null, '', 'nobody knows', '<script>'])('nothing is made up: %s', (text) => {
  expect(deviceText(deviceOf(text))).toBeNull();
});

test('people read the name on their page, in its language, and programs beside the rest', async () => {
  const ada = await person(house, make, acme);
  const window = browser(house);
  const headers = { 'user-agent': FIREFOX };
  await window.get(`/t/${acme.slug}/login`, headers);
  await window.post(`/t/${acme.slug}/login`, { email: ada.email, password: ada.password }, headers);
  const page = await window.get(`/t/${acme.slug}/account`);
  expect(page.text).toContain('Firefox on Windows <strong>(this browser)');
  expect(page.text).not.toContain('Mozilla');
  const german = await window.get(`/t/${acme.slug}/account`, { 'accept-language': 'de' });
  expect(german.text).toContain('Firefox auf Windows');
  const { data } = await window.gql<{ viewer: { sessions: { nodes: object[] } } }>(
    '{ viewer { sessions { nodes { device userAgent } } } }',
  );
  expect(data.viewer.sessions.nodes).toEqual([
    { device: 'Firefox on Windows', userAgent: FIREFOX },
  ]);
});
