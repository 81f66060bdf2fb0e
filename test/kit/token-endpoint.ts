/** Requests to an issuer as raw HTTP, and what clients with keys of their own sign. */
import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type House, type Instance, PUBLIC_URL } from './house.ts';
import type { MadeTenant } from './make.ts';
import { send, type WireAnswer } from './wire.ts';

type Fields = Readonly<Record<string, string>>;
type Headers = Readonly<Record<string, string>>;

export interface Told extends WireAnswer {
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends a form to a path below the issuer. */
export async function tell(
  house: Instance,
  tenant: Pick<MadeTenant, 'slug'>,
  path: string,
  fields: Fields | URLSearchParams,
  headers: Headers = {},
): Promise<Told> {
  const answer = await send(house.url, {
    method: 'POST',
    path: `/t/${tenant.slug}${path}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields as Fields).toString(),
  });
  const json = String(answer.headers['content-type'] ?? '').includes('json');
  return { ...answer, body: json ? JSON.parse(answer.text) : {} };
}

export function basic({ id, secret }: { id: string; secret: string | null }): Headers {
  const both = `${encodeURIComponent(id)}:${encodeURIComponent(secret ?? '')}`;
  return { authorization: `Basic ${Buffer.from(both).toString('base64')}` };
}

export interface OwnKey {
  readonly key: CryptoKey;
  readonly alg: string;
  /** The public half. */
  readonly jwk: JWK;
}

export async function ownKey(alg = 'ES256'): Promise<OwnKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const kid = randomUUID();
  return { key: privateKey, alg, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Of RFC 7523, good for a minute; `claims` and `header` take the place of what is right. */
export async function clientAssertion(
  house: House,
  tenant: Pick<MadeTenant, 'slug'>,
  clientId: string,
  { key, alg, jwk }: OwnKey,
  claims: object = {},
  header: object = {},
): Promise<Fields> {
  const now = Math.floor(house.clock.ms() / 1000);
  const issuer = `${PUBLIC_URL}/t/${tenant.slug}`;
  const said = {
    iss: clientId,
    sub: clientId,
    aud: issuer,
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
    ...claims,
  };
  const jwt = new SignJWT(said).setProtectedHeader({ alg, kid: jwk.kid ?? '', ...header });
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await jwt.sign(key),
  };
}

/** A proof of RFC 9449 for one request; `claims` and `header` take the place of what is right. */
export async function dpopProof(
  house: House,
  { key, alg, jwk }: OwnKey,
  { method = 'POST', uri, token }: { method?: string; uri: string; token?: string },
  claims: object = {},
  header: object = {},
): Promise<string> {
  const { kty, crv, x, y, n, e } = jwk;
  const shown = Object.fromEntries(
    Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined),
  );
  const ath = token && createHash('sha256').update(token).digest('base64url');
  const said = {
    jti: randomUUID(),
    htm: method,
    htu: uri,
    iat: Math.floor(house.clock.ms() / 1000),
    ...(ath ? { ath } : {}),
    ...claims,
  };
  return new SignJWT(said)
    .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk: shown, ...header })
    .sign(key);
}
