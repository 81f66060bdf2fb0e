/** An issuer whose keys a test holds: it signs whatever it is told, rotates, and counts who asks. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll } from 'vitest';

export interface StandIn {
  readonly issuer: string;
  /** Requests so far, by path. */
  readonly asked: Map<string, number>;
  /** A good access token, but for what is told. */
  token(claims?: JWTPayload, header?: object): Promise<string>;
  /** The next tokens have a new key. `published: false` keeps it out of the JWKS. */
  rotate(of?: { published?: boolean }): Promise<void>;
  /** Answers 500 to all that is asked. */
  down: boolean;
  /** What introspection answers; by default all tokens are active. */
  introspect: (token: string) => object;
  privateKey: CryptoKey;
}

export const AUDIENCE = 'https://orders.example.com';

/** Until the end of the test file. */
export async function issuerStandIn(): Promise<StandIn> {
  const keys: object[] = [];
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.set(path, (asked.get(path) ?? 0) + 1);
    const answer = (body: object) => {
      response.writeHead(standIn.down ? 500 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (path === '/.well-known/oauth-authorization-server/t/acme')
      return answer({
        issuer,
        jwks_uri: `${issuer}/jwks`,
        introspection_endpoint: `${issuer}/introspect`,
      });
    if (path === '/t/acme/jwks') return answer({ keys });
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const known = request.headers.authorization === `Basic ${btoa('api:s%3Acret')}`;
      const token = new URLSearchParams(body).get('token') ?? '';
      answer(known ? standIn.introspect(token) : { error: 'invalid_client' });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/t/acme`;
  let kid = 0;
  const standIn = {
    issuer,
    asked,
    down: false,
    introspect: (_token: string): object => ({ active: true }),
    privateKey: undefined as unknown as CryptoKey,
    token(claims: JWTPayload = {}, header: object = {}) {
      const now = Math.floor(Date.now() / 1000);
      const all = {
        ...{ sub: 'user_1', client_id: 'client_1', jti: `${Math.random()}` },
        ...claims,
      };
      return new SignJWT({ iss: issuer, aud: AUDIENCE, iat: now, exp: now + 60, ...all })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: `key-${kid}`, ...header })
        .sign(standIn.privateKey);
    },
    async rotate({ published = true } = {}) {
      const pair = await generateKeyPair('ES256');
      kid += 1;
      standIn.privateKey = pair.privateKey;
      if (published)
        keys.push({
          ...(await exportJWK(pair.publicKey)),
          ...{ kid: `key-${kid}`, alg: 'ES256', use: 'sig' },
        });
    },
  };
  await standIn.rotate();
  return standIn;
}
