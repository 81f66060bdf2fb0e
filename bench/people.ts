/**
 * People who can sign in: the seeded users of tenant 1 with a password, the same users at better-auth,
 * and what a browser sends to sign in. Everybody comes from an address of their own, as in life, so
 * that the limits of an address are those of one person; the server takes our word for it
 * (TRUSTED_PROXIES).
 */
import { type IncomingHttpHeaders, request } from 'node:http';
import { hashPassword } from '#features/passwords/password-hashes.ts';
import { DEFAULT_HASH_COST } from '#features/passwords/passwords.model.ts';
import { ownerConnection } from '#kernel/db/migrate.ts';
import type { LoadRequest } from './load-worker.ts';
import { seededId } from './seed.ts';

export const SLUG = 't1';
export const PASSWORD = 'correct horse battery staple';
export const TRUSTING = { TRUSTED_PROXIES: '127.0.0.1' };

export const emailOf = (n: number) => `User${n}@example.com`;

/** Gives every user of tenant 1 the password; answers its hash. */
export async function givePasswords(url: string): Promise<string> {
  const hash = await hashPassword(PASSWORD, DEFAULT_HASH_COST);
  await asOwner(url, [
    [`SELECT set_config('app.tenant_id', $1, false)`, [seededId(1)]],
    [
      `INSERT INTO passwords (tenant_id, user_id, hash, set_at)
       SELECT tenant_id, id, $2, now() FROM users WHERE tenant_id = $1`,
      [seededId(1), hash],
    ],
    ['ANALYZE passwords', []],
  ]);
  return hash;
}

/** Suspends `count` users of tenant 1 after the number `suspended`, and takes the password of those after `bare`. */
export function closeAccounts(
  url: string,
  { suspended, bare, count }: { suspended: number; bare: number; count: number },
): Promise<void> {
  const ids = (after: number) => Array.from({ length: count }, (_, n) => seededId(after + n + 1));
  const here = seededId(1);
  return asOwner(url, [
    [`SELECT set_config('app.tenant_id', $1, false)`, [here]],
    [
      `UPDATE users SET status = 'SUSPENDED' WHERE tenant_id = $1 AND id = ANY ($2)`,
      [here, ids(suspended)],
    ],
    ['DELETE FROM passwords WHERE tenant_id = $1 AND user_id = ANY ($2)', [here, ids(bare)]],
  ]);
}

/** The same number of users at better-auth, in the tables that it made. */
export async function seedBetterAuth(url: string, users: number, hash: string): Promise<void> {
  await asOwner(url, [
    [
      `INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
       SELECT 'u' || n, 'Ada Lovelace', 'user' || n || '@example.com', true, now(), now()
       FROM generate_series(1, $1::int) n`,
      [users],
    ],
    [
      `INSERT INTO account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
       SELECT 'a' || n, 'u' || n, 'credential', 'u' || n, $2, now(), now()
       FROM generate_series(1, $1::int) n`,
      [users, hash],
    ],
    ['ANALYZE "user", account', []],
  ]);
}

async function asOwner(
  url: string,
  statements: readonly (readonly [text: string, values: unknown[]])[],
): Promise<void> {
  const owner = await ownerConnection({ connectionString: url });
  try {
    for (const [text, values] of statements) await owner.query(text, values);
  } finally {
    await owner.end();
  }
}

/** Where the n-th person is: an address that is nobody else's. */
export function from(n: number): Record<string, string> {
  return { 'x-forwarded-for': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` };
}

/** A form that our page gave a browser: what comes back with it. */
export interface OwnForm {
  readonly cookie: string;
  readonly token: string;
}

export async function ownForm(url: string, page: string): Promise<OwnForm> {
  const { text, cookies } = await ask(url, {
    method: 'GET',
    path: `/t/${SLUG}/${page}`,
    headers: {},
  });
  const token = /name="form" value="([^"]+)"/.exec(text)?.[1];
  const cookie = cookies[0];
  if (!token || !cookie) throw new Error(`there is no form on the page: ${text.slice(0, 500)}`);
  return { cookie, token };
}

/** One person sends one of our forms. */
export function formPost(
  { cookie, token }: OwnForm,
  page: string,
  n: number,
  fields: Readonly<Record<string, string>>,
): LoadRequest {
  return {
    method: 'POST',
    path: `/t/${SLUG}/${page}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie, ...from(n) },
    body: new URLSearchParams({ form: token, ...fields }).toString(),
  };
}

export function formSignIn(form: OwnForm, n: number): LoadRequest {
  return formPost(form, 'login', n, { email: emailOf(n), password: PASSWORD });
}

export function betterAuthSignIn(n: number): LoadRequest {
  return {
    method: 'POST',
    path: '/api/auth/sign-in/email',
    headers: { 'content-type': 'application/json', ...from(n) },
    body: JSON.stringify({ email: emailOf(n), password: PASSWORD }),
  };
}

/** What each of the first `users` sends. */
export function everybody(users: number, request: (n: number) => LoadRequest): LoadRequest[] {
  return Array.from({ length: users }, (_, n) => request(n + 1));
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** name=value, as a browser sends them back. */
  readonly cookies: readonly string[];
  /** Seconds after which to come again; 0 when nothing is said. */
  readonly retryAfter: number;
  /** Milliseconds from the first byte that was sent to the last that came. */
  readonly ms: number;
}

/** One request on a kept connection. */
export function ask(url: string, { body, ...options }: LoadRequest): Promise<Answer> {
  const { method, path, headers } = options;
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const ms = performance.now() - began;
        const lines = response.headers['set-cookie'] ?? [];
        const cookies = lines.map((line) => line.split(';')[0] ?? '');
        const text = Buffer.concat(chunks).toString();
        const retryAfter = Number(response.headers['retry-after'] ?? 0);
        const { statusCode: status = 0, headers: told } = response;
        resolve({ status, headers: told, text, cookies, retryAfter, ms });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends each of them, a few at a time; throws when one is not answered as it should be. */
export async function askAll(
  url: string,
  requests: readonly LoadRequest[],
  status: number,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const left = requests.entries();
  const worker = async () => {
    for (const [place, one] of left) {
      const answer = await ask(url, one);
      if (answer.status !== status)
        throw new Error(`${one.path} is answered ${answer.status} ${answer.text.slice(0, 500)}`);
      answers[place] = answer;
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return answers;
}
