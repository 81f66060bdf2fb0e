/**
 * Owns signing in to a site that has a server: the browser gets a cookie that no script reads, tokens
 * stay on the server. It knows no framework: it is given the Cookie header, and answers a place to go
 * to and cookies to set.
 */
import { generateRandomState } from 'oauth4webapi';
import {
  type Begun,
  begin,
  type FlowOptions,
  redeem,
  type SignInOptions,
  signOutLocation,
} from './code-flow.ts';
import { type Connected, connectIssuer, type IssuerOptions } from './issuer.ts';
import { logoutTokens, type ReadLogoutToken } from './logout-token.ts';
import { memorySessions, type SessionStore } from './session-store.ts';
import { SignInError } from './sign-in-error.ts';
import { type SiteCookie, siteCookie } from './site-cookies.ts';
import { type IdentityClaims, isFresh, renewed, type Tokens } from './tokens.ts';

export interface WebSignInOptions extends IssuerOptions, FlowOptions {
  readonly clientSecret: string;
  /** As registered: where people are after they have signed out. */
  readonly postLogoutRedirectUri?: string;
  /** Default: the memory of this process. */
  readonly store?: SessionStore;
  /** How long somebody stays signed in to the site, in seconds. Default 43200 (12 hours). */
  readonly sessionSeconds?: number;
  /** Default `site`; `__Host-` stands before it where the site is https. */
  readonly cookieName?: string;
}

/** Answer 303 with `location`, and each of `cookies` as a Set-Cookie. */
export interface Redirect {
  readonly location: string;
  readonly cookies: readonly string[];
}

export interface SiteSession {
  /** What the ID token said. */
  readonly claims: IdentityClaims;
  /** Good for half a minute at least. */
  readonly accessToken: string;
}

type CookieHeader = string | null | undefined;

export interface WebSignIn {
  /** The way to the issuer. Throws SignInError, and TypeError on a `returnTo` of another site. */
  signIn(cookie: CookieHeader, options?: SignInOptions): Promise<Redirect>;
  /** The way back, at redirectUri: give its URL or path with the query. Throws SignInError. */
  callback(url: string, cookie: CookieHeader): Promise<Redirect>;
  /** Whoever is signed in, with an access token that is renewed where needed. Throws SignInError. */
  session(cookie: CookieHeader): Promise<SiteSession | null>;
  /** Ends the session here, and leads to where the issuer ends its own. For POST only. */
  signOut(cookie: CookieHeader): Promise<Redirect>;
  /**
   * At the client's `backchannelLogoutUri`: give the body of the issuer's POST, and answer what comes
   * back. Ends the sessions that it names, whichever process they were made in. Throws what the store
   * throws, so that the issuer tries again.
   */
  backchannelLogout(body: string): Promise<LogoutAnswer>;
}

export interface LogoutAnswer {
  readonly status: 200 | 400 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const WAITING_SECONDS = 3600;
const MOST_WAITING = 5;

/** Throws TypeError on options that cannot work. Nothing is sent before the first call. */
export function createWebSignIn(options: WebSignInOptions): WebSignIn {
  if (!options.clientSecret) throw new TypeError('clientSecret is missing');
  const connect = connectIssuer(options, options.clientSecret);
  const { store = memorySessions(), sessionSeconds = 43_200, cookieName: name = 'site' } = options;
  const secure = options.redirectUri.startsWith('https:');
  const site: Site = {
    options,
    connect,
    store,
    sessionSeconds,
    waiting: siteCookie({ name: `${name}-flow`, secure, seconds: WAITING_SECONDS }),
    session: siteCookie({ name, secure }),
    renewing: new Map(),
    readLogoutToken: logoutTokens(),
  };
  return {
    signIn: (cookie, asked = {}) => signIn(site, cookie, asked),
    callback: (url, cookie) => callback(site, url, cookie),
    session: (cookie) => sessionOf(site, cookie),
    signOut: (cookie) => signOut(site, cookie),
    backchannelLogout: (body) => backchannelLogout(site, body),
  };
}

interface Site {
  readonly options: WebSignInOptions;
  readonly connect: () => Promise<Connected>;
  readonly store: SessionStore;
  readonly sessionSeconds: number;
  /** The states that this browser has begun. */
  readonly waiting: SiteCookie;
  readonly session: SiteCookie;
  readonly renewing: Map<string, Promise<Tokens | null>>;
  readonly readLogoutToken: ReadLogoutToken;
}

interface Kept {
  readonly tokens: Tokens;
  /** When it began; milliseconds since the epoch, as is `until`. */
  readonly since: number;
  readonly until: number;
}

async function signIn(site: Site, cookie: CookieHeader, asked: SignInOptions): Promise<Redirect> {
  const { location, begun } = await begin(await site.connect(), site.options, asked);
  await site.store.set(`flow ${begun.state}`, JSON.stringify(begun), WAITING_SECONDS);
  // Several tabs may be on their way.
  const others = statesIn(site, cookie).slice(1 - MOST_WAITING);
  return { location, cookies: [site.waiting.set([...others, begun.state].join('.'))] };
}

async function callback(site: Site, url: string, cookie: CookieHeader): Promise<Redirect> {
  const { store, options } = site;
  const back = new URL(url, options.redirectUri).searchParams;
  const state = back.get('state') ?? '';
  const states = statesIn(site, cookie);
  const kept = states.includes(state) ? await store.get(`flow ${state}`) : null;
  if (kept === null)
    throw new SignInError(
      'unknown_state',
      'This sign-in was not begun in this browser, or is over',
    );
  await store.delete(`flow ${state}`);
  const begun = JSON.parse(kept) as Begun;
  const tokens = await redeem(await site.connect(), options, { back, begun });
  const before = site.session.in(cookie);
  if (before) await store.delete(`session ${before}`);
  // A name that nobody has known before (session fixation).
  const id = generateRandomState();
  const since = Date.now();
  await keep(site, id, { tokens, since, until: since + site.sessionSeconds * 1000 });
  const rest = states.filter((one) => one !== state);
  const waiting = rest.length > 0 ? site.waiting.set(rest.join('.')) : site.waiting.clear();
  return { location: begun.returnTo, cookies: [site.session.set(id), waiting] };
}

async function sessionOf(site: Site, cookie: CookieHeader): Promise<SiteSession | null> {
  const id = site.session.in(cookie);
  const kept = id ? await read(site, id) : null;
  if (!id || !kept) return null;
  const tokens = isFresh(kept.tokens) ? kept.tokens : await renewal(site, id, kept);
  return tokens && { claims: tokens.claims, accessToken: tokens.accessToken };
}

/** Once at a time: a refresh token is good once. Of another process the issuer allows for ten seconds. */
function renewal(site: Site, id: string, kept: Kept): Promise<Tokens | null> {
  const { renewing } = site;
  const going = renewing.get(id);
  if (going !== undefined) return going;
  const renew = renewOrEnd(site, id, kept).finally(() => renewing.delete(id));
  renewing.set(id, renew);
  return renew;
}

async function renewOrEnd(site: Site, id: string, kept: Kept): Promise<Tokens | null> {
  const { tokens } = kept;
  const end = async () => {
    await site.store.delete(`session ${id}`);
    return null;
  };
  if (tokens.refreshToken === null) return end();
  try {
    const next = await renewed(await site.connect(), tokens, site.options.resource);
    // Whoever has signed out meanwhile stays out.
    if (!(await read(site, id))) return null;
    await keep(site, id, { ...kept, tokens: next });
    return next;
  } catch (error) {
    if (error instanceof SignInError && error.code === 'invalid_grant') return end();
    throw error;
  }
}

async function signOut(site: Site, cookie: CookieHeader): Promise<Redirect> {
  const id = site.session.in(cookie);
  const kept = id ? await read(site, id) : null;
  if (id) await site.store.delete(`session ${id}`);
  const location = signOutLocation(await site.connect(), {
    idToken: kept?.tokens.idToken ?? null,
    returnTo: site.options.postLogoutRedirectUri,
  });
  // A POST of another site comes without the cookie: its answer must not take that away.
  return { location, cookies: id ? [site.session.clear()] : [] };
}

async function read({ store }: Site, id: string): Promise<Kept | null> {
  const text = await store.get(`session ${id}`);
  const kept = text === null ? null : (JSON.parse(text) as Kept);
  return kept && kept.until > Date.now() && !(await isEnded(store, kept)) ? kept : null;
}

/** Sessions are not listed in the store: what is over is marked, and asked for. */
async function isEnded(store: SessionStore, { tokens, since }: Kept): Promise<boolean> {
  const { sid, sub } = tokens.claims;
  const [ofSid, ofSub] = await Promise.all([
    typeof sid === 'string' ? store.get(`ended sid ${sid}`) : null,
    store.get(`ended sub ${sub}`),
  ]);
  return ofSid !== null || (ofSub !== null && since <= Number(ofSub));
}

async function backchannelLogout(site: Site, body: string): Promise<LogoutAnswer> {
  const { store, sessionSeconds } = site;
  const token = new URLSearchParams(body).get('logout_token') ?? '';
  const answer = (status: LogoutAnswer['status'], error = '') => ({
    status,
    headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
    body: error && JSON.stringify({ error }),
  });
  try {
    const ended = await site.readLogoutToken(await site.connect(), token);
    if (!ended) return answer(400, 'invalid_request');
    if ('sid' in ended) await store.set(`ended sid ${ended.sid}`, '1', sessionSeconds);
    else await store.set(`ended sub ${ended.sub}`, String(ended.before), sessionSeconds);
    return answer(200);
  } catch (error) {
    if (error instanceof SignInError) return answer(503, 'temporarily_unavailable');
    throw error;
  }
}

function keep({ store }: Site, id: string, kept: Kept): Promise<void> {
  const seconds = Math.max(1, Math.ceil((kept.until - Date.now()) / 1000));
  return store.set(`session ${id}`, JSON.stringify(kept), seconds);
}

function statesIn({ waiting }: Site, cookie: CookieHeader): string[] {
  return waiting.in(cookie)?.split('.') ?? [];
}
