/**
 * Owns signing in to a single-page application. Tokens are in memory unless told, where no later visit
 * and no other tab finds them; what waits for the way back is in sessionStorage until then.
 */
import { processRevocationResponse, revocationRequest } from 'oauth4webapi';
import {
  type Begun,
  begin,
  type FlowOptions,
  redeem,
  type SignInOptions,
  signOutLocation,
} from './code-flow.ts';
import { type Connected, connectIssuer, type IssuerOptions } from './issuer.ts';
import { browserPage, type KeyStorage, type OwnPage } from './page.ts';
import { SignInError } from './sign-in-error.ts';
import { type IdentityClaims, isFresh, renewed, type Tokens } from './tokens.ts';

export interface OidcClientOptions extends IssuerOptions, FlowOptions {
  /** As registered: where people are after they have signed out. */
  readonly postLogoutRedirectUri?: string;
  /** Keeps tokens for other tabs and later visits, where every script of the site can read them. */
  readonly storage?: KeyStorage;
  /** For tests. */
  readonly page?: OwnPage;
}

export interface OidcClient {
  /** Leaves for the issuer. Throws SignInError when it cannot be reached. */
  signIn(options?: SignInOptions): Promise<void>;
  /**
   * Call it when the page loads. Null: this is no way back from the issuer. Else somebody has signed
   * in, the address is clean, and `returnTo` is where they were. Throws SignInError.
   */
  handleCallback(): Promise<{ readonly returnTo: string } | null>;
  /** One that is good, renewed where needed; null when nobody is signed in. Throws SignInError. */
  getAccessToken(): Promise<string | null>;
  /** What the ID token said; null when nobody is signed in. */
  getUser(): IdentityClaims | null;
  /** Forgets and revokes the tokens, and leaves for the issuer, which ends the session. */
  signOut(): Promise<void>;
}

/** Throws TypeError on options that cannot work. Nothing is sent before the first call. */
export function createOidcClient(options: OidcClientOptions): OidcClient {
  const connect = connectIssuer(options);
  const client = new BrowserClient(options, connect);
  return {
    signIn: (asked = {}) => client.signIn(asked),
    handleCallback: () => client.handleCallback(),
    getAccessToken: () => client.getAccessToken(),
    getUser: () => client.tokens()?.claims ?? null,
    signOut: () => client.signOut(),
  };
}

class BrowserClient {
  readonly #options: OidcClientOptions;
  readonly #connect: () => Promise<Connected>;
  readonly #page: OwnPage;
  /** In all that is kept. */
  readonly #name: string;
  #memory: Tokens | null = null;
  #coming: Promise<{ returnTo: string }> | null = null;
  #renewing: Promise<Tokens | null> | null = null;

  constructor(options: OidcClientOptions, connect: () => Promise<Connected>) {
    this.#options = options;
    this.#connect = connect;
    this.#page = options.page ?? browserPage();
    this.#name = `signet-oidc ${options.issuer} ${options.clientId}`;
  }

  async signIn(asked: SignInOptions): Promise<void> {
    const { location, sessionStorage } = this.#page;
    const returnTo = asked.returnTo ?? `${location.pathname}${location.search}${location.hash}`;
    const { location: target, begun } = await begin(await this.#connect(), this.#options, {
      ...asked,
      returnTo,
    });
    sessionStorage.setItem(this.#waiting(begun.state), JSON.stringify(begun));
    location.assign(target);
  }

  handleCallback(): Promise<{ returnTo: string } | null> {
    const { location, history, sessionStorage } = this.#page;
    const back = new URLSearchParams(location.search);
    const state = back.get('state');
    if (state === null || !(back.has('code') || back.has('error')))
      // Whoever calls it twice while it goes on hears the same.
      return this.#coming ?? Promise.resolve(null);
    // Before anything else: neither a reload nor a link that is passed on presents the code again.
    history.replaceState(null, '', location.pathname);
    const kept = sessionStorage.getItem(this.#waiting(state));
    sessionStorage.removeItem(this.#waiting(state));
    const coming = this.#arrive(back, kept);
    this.#coming = coming;
    const over = () => {
      this.#coming = null;
    };
    coming.then(over, over);
    return coming;
  }

  async #arrive(back: URLSearchParams, kept: string | null): Promise<{ returnTo: string }> {
    if (kept === null)
      throw new SignInError('unknown_state', 'This sign-in was not begun in this tab');
    const begun = JSON.parse(kept) as Begun;
    const tokens = await redeem(await this.#connect(), this.#options, { back, begun });
    this.#keep(tokens);
    return { returnTo: begun.returnTo };
  }

  async getAccessToken(): Promise<string | null> {
    const tokens = this.tokens();
    if (!tokens) return null;
    if (isFresh(tokens)) return tokens.accessToken;
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return (await this.#renewing)?.accessToken ?? null;
  }

  /** One tab at a time: a refresh token is good once. */
  #renew(): Promise<Tokens | null> {
    return this.#page.locked(this.#name, async () => {
      const tokens = this.tokens();
      // Another tab was faster, or has signed out.
      if (!tokens || isFresh(tokens)) return tokens;
      if (tokens.refreshToken === null) return this.#keep(null);
      try {
        return this.#keep(await renewed(await this.#connect(), tokens, this.#options.resource));
      } catch (error) {
        if (!(error instanceof SignInError) || error.code !== 'invalid_grant') throw error;
        return this.#keep(null);
      }
    });
  }

  async signOut(): Promise<void> {
    const tokens = this.tokens();
    this.#keep(null);
    const to = await this.#connect();
    // The end of the session ends them too, unless they were for when nobody is there.
    if (tokens?.refreshToken) await revoke(to, tokens.refreshToken).catch(() => undefined);
    const { postLogoutRedirectUri: returnTo } = this.#options;
    this.#page.location.assign(signOutLocation(to, { idToken: tokens?.idToken ?? null, returnTo }));
  }

  tokens(): Tokens | null {
    const { storage } = this.#options;
    if (!storage) return this.#memory;
    const kept = storage.getItem(this.#name);
    return kept === null ? null : (JSON.parse(kept) as Tokens);
  }

  #keep(tokens: Tokens | null): Tokens | null {
    const { storage } = this.#options;
    if (!storage) this.#memory = tokens;
    else if (tokens) storage.setItem(this.#name, JSON.stringify(tokens));
    else storage.removeItem(this.#name);
    return tokens;
  }

  #waiting(state: string): string {
    return `${this.#name} ${state}`;
  }
}

async function revoke({ server, client, auth, requests }: Connected, token: string): Promise<void> {
  await processRevocationResponse(
    await revocationRequest(server, client, auth, token, {
      ...requests,
      additionalParameters: { token_type_hint: 'refresh_token' },
    }),
  );
}
