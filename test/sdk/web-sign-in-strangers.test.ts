/** What strangers do to a site that signs people in by the SDK. */
import { expect, test } from 'vitest';
import { createWebSignIn, memorySessions } from '../../sdk/generated/oidc.ts';

const issuer = 'https://id.example.com/t/acme';
const metadata = { issuer, end_session_endpoint: `${issuer}/oauth2/logout` };
const site = createWebSignIn({
  ...{ issuer, clientId: 'client_a', clientSecret: 'x', redirectUri: 'https://app.example.com/cb' },
  fetch: async () => Response.json(metadata),
});

test('F13 another site signs nobody out: what it sends comes without the cookie, and takes none away', async () => {
  const out = await site.signOut(null);
  expect(out.cookies).toEqual([]);
  expect(new URL(out.location).searchParams.has('id_token_hint')).toBe(false);
});

test('who begins to sign in as often as they like drives nobody out of memory', async () => {
  const store = memorySessions();
  await store.set('session ada', 'here', 3600);
  for (let n = 0; n <= 50_000; n += 1) await store.set(`flow ${n}`, '', 3600);
  expect(await store.get('session ada')).toBe('here');
  expect(await store.get('flow 0')).toBeNull();
});
