/**
 * Owns access tokens of Google: a service account's key signs a grant (RFC 7523), which the token
 * endpoint that the key names exchanges for a token of about an hour.
 */
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Expiring } from './credential.ts';
import { ask, codeOf, type KeyServiceOptions, read, unusable } from './key-service.ts';

const FILE = 'GOOGLE_APPLICATION_CREDENTIALS';
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const ACCOUNT = z.object({
  type: z.literal('service_account'),
  client_email: z.string(),
  private_key_id: z.string(),
  private_key: z.string(),
  token_uri: z.url(),
});
const TOKEN = z.object({
  access_token: z.string().regex(/^[!-~]+$/),
  expires_in: z.number().positive(),
});
const REFUSED = z.object({ error: z.string() });

type Account = z.output<typeof ACCOUNT>;

/** Reads the file each time, so that a key can be replaced without a restart. */
export function gcpToken(file: string, options: KeyServiceOptions) {
  const { now = Date.now } = options;
  return async (): Promise<Expiring<string>> => {
    const account = readAccount(file);
    const asked = now();
    const body = new URLSearchParams({ grant_type: GRANT, assertion: grant(account, asked) });
    const answer = await ask(options, {
      url: account.token_uri,
      variable: FILE,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
    if (answer.status !== 200) {
      const code = codeOf(REFUSED.safeParse(answer.body).data?.error, answer);
      throw unusable(FILE, `names a key that is not accepted (${code})`);
    }
    const { access_token, expires_in } = read(FILE, TOKEN, answer);
    return { value: access_token, ends: asked + expires_in * 1000 };
  };
}

function readAccount(file: string): Account {
  try {
    return ACCOUNT.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw unusable(FILE, 'must name a readable file with the JSON key of a service account');
  }
}

function grant({ client_email, private_key_id, private_key, token_uri }: Account, ms: number) {
  const iat = Math.floor(ms / 1000);
  const claims = { iss: client_email, scope: SCOPE, aud: token_uri, iat, exp: iat + 3600 };
  const parts = [{ alg: 'RS256', typ: 'JWT', kid: private_key_id }, claims];
  const text = parts
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  try {
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), private_key).toString('base64url')}`;
  } catch {
    throw unusable(FILE, 'holds a private key that cannot sign');
  }
}
