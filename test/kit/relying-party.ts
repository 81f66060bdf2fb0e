/** A client of somebody's, and the browser of a person who signs in to it. */
import * as oidc from 'openid-client';
import type { Caller } from './as.ts';
import { type Browser, browser, type Page } from './browser.ts';
import { type House, type Instance, PUBLIC_URL } from './house.ts';
import { type MadeTenant, run } from './make.ts';
import { PASSWORD } from './people.ts';

export const CALLBACK = 'https://app.example.com/callback';

export interface MadeClient {
  readonly id: string;
  readonly secret: string | null;
}

/** A web application of the tenant's own, unless told. */
export async function makeClient(tenant: Caller, input: object = {}): Promise<MadeClient> {
  const { client, secret } = await run<{ client: { id: string }; secret: string | null }>(
    tenant,
    'createClient',
    'client { id } secret',
    { name: 'App', type: 'WEB', redirectUris: [CALLBACK], firstParty: true, ...input },
  );
  return { id: client.id, secret };
}

/** The issuer is PUBLIC_URL's, wherever the house listens. */
export function fetchAt(house: Instance): typeof fetch {
  return (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    return fetch(url.replace(PUBLIC_URL, house.url), init as RequestInit);
  };
}

export async function relyingParty(
  house: House,
  tenant: Pick<MadeTenant, 'slug'>,
  { id, secret }: MadeClient,
): Promise<oidc.Configuration> {
  const issuer = new URL(`${PUBLIC_URL}/t/${tenant.slug}`);
  const auth = secret === null ? oidc.None() : oidc.ClientSecretBasic(secret);
  const config = await oidc.discovery(issuer, id, undefined, auth, {
    [oidc.customFetch]: fetchAt(house) as never,
  });
  // The clock of the house is not that of the machine.
  Object.assign(config, { [oidc.clockTolerance]: 0 });
  return config;
}

export interface Begun {
  readonly url: URL;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

/** An authorization request with everything that belongs to it. */
export async function begin(
  config: oidc.Configuration,
  parameters: Record<string, string> = {},
): Promise<Begun> {
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  return { url, verifier, state, nonce };
}

interface Visitor {
  readonly email: string;
  readonly password?: string;
}

/** Goes where it is sent, signs in and agrees where asked, until it leaves the house. */
export async function follow(
  window: Browser,
  start: URL | string,
  who?: Visitor,
): Promise<{ url: URL | null; page: Page; seen: string[] }> {
  let next = String(start).replace(PUBLIC_URL, '');
  const seen: string[] = [];
  for (let step = 0; step < 12; step += 1) {
    seen.push(next.split('?')[0] ?? '');
    let page = await window.get(next);
    if (page.location === null && who) page = await answered(window, page, who);
    if (page.location === null) return { url: null, page, seen };
    next = page.location.replace(PUBLIC_URL, '');
    if (!next.startsWith('/')) return { url: new URL(next), page, seen };
  }
  throw new Error(`went in circles: ${seen.join(' ')}`);
}

async function answered(window: Browser, page: Page, who: Visitor): Promise<Page> {
  const shown = formOf(page);
  if (!shown || page.status !== 200) return page;
  const { action, hidden, asks } = shown;
  const password = who.password ?? PASSWORD;
  if (asks('email')) return window.post(action, { ...hidden, email: who.email, password });
  if (asks('password')) return window.post(action, { ...hidden, password });
  if (asks('consent')) return window.post(action, { ...hidden, consent: 'allow' });
  return page;
}

/** The first form of a page, as a browser reads it. */
export function formOf(page: Pick<Page, 'text'>) {
  const [form = '', action = ''] =
    /<form[^>]* action="([^"]*)"[^>]*>[\s\S]*?<\/form>/.exec(page.text) ?? [];
  if (form === '') return null;
  const inputs = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  const hidden = Object.fromEntries(
    inputs.map(([, name = '', value = '']) => [name, plain(value)]),
  );
  return {
    action: plain(action),
    hidden,
    asks: (name: string) => form.includes(` name="${name}"`),
  };
}

function plain(text: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '');
}

/** The whole way: a code, and what it is good for. */
export async function signInTo(
  house: House,
  config: oidc.Configuration,
  who: Visitor,
  parameters: Record<string, string> = {},
): Promise<{ tokens: Awaited<ReturnType<typeof redeem>>; window: Browser; seen: string[] }> {
  const window = browser(house);
  const begun = await begin(config, parameters);
  const { url, page, seen } = await follow(window, begun.url, who);
  if (!url) throw new Error(`no way back to the client: ${page.status} ${page.text}`);
  return { tokens: await redeem(config, url, begun), window, seen };
}

export function redeem(config: oidc.Configuration, url: URL, { verifier, state, nonce }: Begun) {
  return oidc.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
  });
}
