/**
 * What the modules of the OpenID conformance suite stand on: an issuer, a person with every claim,
 * clients, and the way from a request to its answer. PKCE goes along everywhere, since we ask everybody
 * for it (OAuth 2.1, 4.1.1).
 */
import * as oidc from 'openid-client';
import { expect } from 'vitest';
import { type Browser, browser, type Page } from './browser.ts';
import { type House, PUBLIC_URL } from './house.ts';
import { type MadeTenant, makers } from './make.ts';
import { type Person, person } from './people.ts';
import {
  type Begun,
  begin,
  CALLBACK,
  fetchAt,
  follow,
  type MadeClient,
  makeClient,
  relyingParty,
} from './relying-party.ts';

export const SCOPES = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'];
export const ADDRESS = { street_address: 'St James’s Square 12', locality: 'London' };

type Parameters = Readonly<Record<string, string | undefined>>;

export interface Answered {
  readonly window: Browser;
  readonly begun: Begun;
  /** Where the browser left the house with the answer; null when it stayed on `page`. */
  readonly url: URL | null;
  readonly page: Page;
  /** The paths that it was shown on the way. */
  readonly seen: readonly string[];
}

export interface Plan {
  readonly house: House;
  readonly tenant: MadeTenant;
  readonly issuer: string;
  readonly ada: Person;
  readonly client: MadeClient;
  readonly config: oidc.Configuration;
  /** A client like the first one, unless told. */
  register(input?: object): Promise<{ client: MadeClient; config: oidc.Configuration }>;
  /** A request, with parameters changed, or left away where undefined; `who` null answers nothing. */
  ask(parameters?: Parameters, how?: How): Promise<Answered>;
  redeem(answer: Answered, config?: oidc.Configuration): Promise<Tokens>;
  /** Both. */
  signIn(parameters?: Parameters, how?: How): Promise<{ answer: Answered; tokens: Tokens }>;
  /** As a program asks, at the address below the issuer. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

interface How {
  readonly window?: Browser;
  readonly config?: oidc.Configuration;
  readonly who?: Person | null;
}

type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;

export async function openPlan(house: House): Promise<Plan> {
  const make = makers(house);
  const tenant = await make.tenant({ name: 'Acme' });
  const issuer = `${PUBLIC_URL}/t/${tenant.slug}`;
  const ada = await person(house, make, tenant, {
    displayName: 'Ada Lovelace',
    givenName: 'Ada',
    familyName: 'Lovelace',
    locale: 'en',
    attributes: { phone_number: '+44 20 7946 0000', address: ADDRESS },
  });
  const register = async (input: object = {}) => {
    const client = await makeClient(tenant, {
      firstParty: false,
      identityScopes: SCOPES,
      postLogoutRedirectUris: [SIGNED_OUT],
      ...input,
    });
    return { client, config: await relyingParty(house, tenant, client) };
  };
  const { client, config } = await register();
  const ask = async (
    parameters: Parameters = {},
    { window = browser(house), config: at = config, who = ada }: How = {},
  ): Promise<Answered> => {
    const begun = await begin(at);
    for (const [name, value] of Object.entries(parameters)) {
      if (value === undefined) begun.url.searchParams.delete(name);
      else begun.url.searchParams.set(name, value);
    }
    return { window, begun, ...(await follow(window, begun.url, who ?? undefined)) };
  };
  const redeem = (answer: Answered, at = config) => redeemed(answer, at);
  return {
    house,
    tenant,
    issuer,
    ada,
    client,
    config,
    register,
    ask,
    redeem,
    async signIn(parameters, how) {
      const answer = await ask(parameters, how);
      return { answer, tokens: await redeem(answer, how?.config) };
    },
    fetch: (path, init) => fetchAt(house)(`${issuer}${path}`, init),
  };
}

export const SIGNED_OUT = 'https://app.example.com/signed-out';

/** The answer is checked as openid-client does: state, iss, error; then the ID token. */
async function redeemed(
  { url, page, begun }: Answered,
  config: oidc.Configuration,
): Promise<Tokens> {
  if (!url) throw new Error(`no way back to the client: ${page.status} ${page.text}`);
  expect(url.href.startsWith(CALLBACK)).toBe(true);
  const { searchParams: asked } = begun.url;
  const tokens = await oidc.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: begun.verifier,
    idTokenExpected: true,
    ...(asked.has('state') ? { expectedState: begun.state } : {}),
    ...(asked.has('nonce') ? { expectedNonce: begun.nonce } : {}),
  });
  expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: expect.any(Number) });
  return tokens;
}

/** A page that says what went wrong, and leads nowhere. */
export function expectErrorPage({ url, page }: Pick<Answered, 'url' | 'page'>): void {
  expect(url).toBeNull();
  expect(page.status).toBe(400);
  expect(page.location).toBeNull();
  expect(page.headers['content-type']).toContain('text/html');
}
