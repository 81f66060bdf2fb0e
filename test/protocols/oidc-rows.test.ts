/** What sign-ins and strangers leave in the tables is bounded, and good for nothing beyond what it was made for. */
import { createHash } from 'node:crypto';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { begin, makeClient, relyingParty, signInTo } from '../kit/relying-party.ts';
import { rows } from '../kit/stored.ts';
import { basic, tell } from '../kit/token-endpoint.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const ada = await person(house, make, acme);
const DAY = 86_400_000;

const lives = () =>
  rows<{ days: number; over: boolean }>(
    house,
    acme.uuid,
    `SELECT extract(epoch FROM g.expires_at - g.created_at) / 86400 AS days, g.expires_at > s.expires_at AS over
     FROM oauth_grants g JOIN sessions s ON s.id = g.session_id ORDER BY g.id DESC LIMIT 1`,
  );

test('a grant is over when its tokens are: with its session, or with its last refresh token', async () => {
  const app = await makeClient(acme, { refreshIdleSeconds: 3600, refreshSeconds: 10 * 86_400 });
  const config = await relyingParty(house, acme, app);
  await signInTo(house, config, ada);
  expect((await lives())[0]?.over).toBe(false);
  await signInTo(house, config, ada, { scope: 'openid offline_access', prompt: 'consent' });
  expect(Number((await lives())[0]?.days)).toBeLessThan(12);
  expect(Number((await lives())[0]?.days)).toBeGreaterThanOrEqual(10);
});

test('who reads the database pushes nobody’s request by its hash', async () => {
  const app = await makeClient(acme, { firstParty: true });
  const config = await relyingParty(house, acme, app);
  const { url } = await begin(config);
  const { body } = await tell(house, acme, '/oauth2/par', url.searchParams, basic(app));
  const uri = String(body['request_uri']);
  const id = uri.split(':').at(-1) ?? '';
  const hash = createHash('sha256').update(id).digest('hex');
  const asked = (of: string) =>
    browser(house).get(
      `/t/${acme.slug}/oauth2/authorize?${new URLSearchParams({ client_id: app.id, request_uri: of })}`,
    );
  expect((await asked(uri.replace(id, `hash:${hash}`))).status).toBe(400);
  expect((await asked(uri)).status).toBe(303);
});

test('a refresh token that does not rotate lives on while it is used', async () => {
  const app = await makeClient(acme, {
    ...{ refreshRotation: false, refreshIdleSeconds: 3 * 86_400, refreshSeconds: 7 * 86_400 },
  });
  const config = await relyingParty(house, acme, app);
  const asked = { scope: 'openid offline_access', prompt: 'consent' };
  const { tokens } = await signInTo(house, config, ada, asked);
  const refresh = () => oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  for (let day = 0; day < 3; day += 1) {
    house.clock.advance(2 * DAY);
    await refresh();
  }
  house.clock.advance(2 * DAY);
  await expect(refresh()).rejects.toMatchObject({ error: 'invalid_grant' });
});
