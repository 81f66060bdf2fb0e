/** Two issuers of one tenant, each in a process of its own, and what may be raced for at them. */
import type * as oidc from 'openid-client';
import { hashPassword } from '#features/passwords/password-hashes.ts';
import { DEFAULT_HASH_COST } from '#features/passwords/passwords.model.ts';
import { type Database, openDatabase } from '#kernel/db/database.ts';
import { type Browser, browser } from '../kit/browser.ts';
import { type House, PUBLIC_URL } from '../kit/house.ts';
import { type MadeTenant, type Make, makers } from '../kit/make.ts';
import { PASSWORD, type Person } from '../kit/people.ts';
import {
  type Begun,
  begin,
  CALLBACK,
  follow,
  type MadeClient,
  relyingParty,
} from '../kit/relying-party.ts';
import { send } from '../kit/wire.ts';
import { houseOf } from '../operations/server-process.ts';
import { newAddress, openPair, type Pair } from './pair.ts';

/** Of each of both servers. */
export const ISSUERS_ENV = { PUBLIC_URL, TRUSTED_PROXIES: '127.0.0.1/32' };

export interface TokenAnswer {
  readonly status: number;
  readonly error?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
}

export interface Code {
  readonly code: string;
  readonly begun: Begun;
}

export interface OAuthPair extends Pair {
  readonly here: House;
  readonly there: House;
  readonly make: Make;
  readonly db: Database;
  person(tenant: MadeTenant): Promise<Person>;
  /** A browser in which this person is signed in to the client. */
  visitor(tenant: MadeTenant, client: MadeClient, who: Person): Promise<Visitor>;
  /** The token endpoint of one of both. */
  token(at: House, tenant: MadeTenant, client: MadeClient, form: Form): Promise<TokenAnswer>;
  /** The same question so many times at once, half of them at each. */
  race(count: number, ask: (at: House) => Promise<TokenAnswer>): Promise<TokenAnswer[]>;
}

type Form = Readonly<Record<string, string>>;

export interface Visitor {
  readonly window: Browser;
  /** A new code, without anybody being asked. */
  code(): Promise<Code>;
  /** Null where somebody would have to be asked. */
  codeIfAllowed(at?: House): Promise<Code | null>;
}

export async function openOAuthPair(): Promise<OAuthPair> {
  const pair = await openPair(ISSUERS_ENV);
  const [here, there] = [houseOf(pair.first), houseOf(pair.second)];
  const make = makers(here);
  const db = await openDatabase(
    {
      databaseUrl: pair.home.env.DATABASE_URL as string,
      dataDir: '',
      databasePoolSize: 2,
      databasePooling: 'session',
    },
    { info: () => undefined, warn: () => undefined, error: () => undefined },
    { migrate: false },
  );
  const hash = await hashPassword(PASSWORD, DEFAULT_HASH_COST);

  return {
    ...pair,
    here,
    there,
    make,
    db,
    // Put there by hand: the servers are processes of their own.
    async person(tenant) {
      const user = await make.user(tenant);
      await db.inTenant(tenant.uuid, () =>
        db.query(
          'INSERT INTO passwords (tenant_id, user_id, hash, set_at) VALUES ($1, $2, $3, now())',
          [tenant.uuid, user.uuid, hash],
        ),
      );
      return { ...user, password: PASSWORD };
    },
    async visitor(tenant, client, who) {
      const config = await relyingParty(here, tenant, client);
      const window = browser(here, new Map(), '', newAddress());
      const { url, page } = await follow(window, (await begin(config)).url, who);
      if (!url) throw new Error(`nobody signed in: ${page.status} ${page.text}`);
      const codeIfAllowed = (at?: House) => silently(config, at ? window.at(at) : window);
      const code = async () => {
        const found = await codeIfAllowed();
        if (!found) throw new Error('somebody would have to be asked');
        return found;
      };
      return { window, code, codeIfAllowed };
    },
    token,
    race: (count, ask) =>
      Promise.all(Array.from({ length: count }, (_, n) => ask(n % 2 ? here : there))),
  };
}

async function silently(config: oidc.Configuration, window: Browser): Promise<Code | null> {
  const begun = await begin(config, { prompt: 'none' });
  const { url } = await follow(window, begun.url);
  const code = url?.searchParams.get('code');
  return code ? { code, begun } : null;
}

export async function token(
  { url }: House,
  { slug }: MadeTenant,
  { id, secret }: MadeClient,
  form: Form,
): Promise<TokenAnswer> {
  const basic = Buffer.from(`${id}:${secret}`).toString('base64');
  const { status, text } = await send(url, {
    method: 'POST',
    path: `/t/${slug}/oauth2/token`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(secret === null ? {} : { authorization: `Basic ${basic}` }),
      ...newAddress(),
    },
    body: new URLSearchParams(form).toString(),
  });
  return { ...(JSON.parse(text) as Omit<TokenAnswer, 'status'>), status };
}

/** What the token endpoint is told of a code. */
export function redemption({ code, begun }: Code): Form {
  return {
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: begun.verifier,
  };
}

export function refresh(value: string | undefined): Form {
  return { grant_type: 'refresh_token', refresh_token: value ?? '' };
}

/** How often each answer was given: a status, or the error of the specification. */
export function tally(answers: readonly TokenAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, error } of answers) {
    const said = error ?? String(status);
    counts[said] = (counts[said] ?? 0) + 1;
  }
  return counts;
}
