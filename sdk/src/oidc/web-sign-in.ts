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
  };
  return {
    signIn: (cookie, asked = {}) => signIn(site, cookie, asked),
    callback: (url, cookie) => callback(site, url, cookie),
    session: (cookie) => sessionOf(site, cookie),
    signOut: (cookie) => signOut(site, cookie),
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
}

interface Kept {
  readonly tokens: Tokens;
  /** Milliseconds since the epoch. */
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
  await keep(site, id, { tokens, until: Date.now() + site.sessionSeconds * 1000 });
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

async function renewOrEnd(site: Site, id: string, { tokens, until }: Kept): Promise<Tokens | null> {
  const end = async () => {
    await site.store.delete(`session ${id}`);
    return null;
  };
  if (tokens.refreshToken === null) return end();
  try {
    const next = await renewed(await site.connect(), tokens, site.options.resource);
    // Whoever has signed out meanwhile stays out.
    if (!(await read(site, id))) return null;
    await keep(site, id, { tokens: next, until });
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
  return kept && kept.until > Date.now() ? kept : null;
}

function keep({ store }: Site, id: string, kept: Kept): Promise<void> {
  const seconds = Math.max(1, Math.ceil((kept.until - Date.now()) / 1000));
  return store.set(`session ${id}`, JSON.stringify(kept), seconds);
}

function statesIn({ waiting }: Site, cookie: CookieHeader): string[] {
  return waiting.in(cookie)?.split('.') ?? [];
}
