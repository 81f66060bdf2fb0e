/**
 * Introspection (RFC 7662) as APIs ask it with every call: one token, by a client that says its secret.
 * It is answered from the engine's own models, without the long way through its middlewares. Whatever
 * is asked otherwise, and whoever is refused, is left to the engine.
 */
import type { IncomingMessage } from 'node:http';
import type { AccessToken, Client, ClientCredentials, RefreshToken } from 'oidc-provider';
import { readBody } from '#kernel/http/read-body.ts';
import type { Provider } from './engine.ts';
import { introspected, mayIntrospect, ownToken } from './structured-tokens.ts';
import { looksLikeJwt, type VerifiedTokens } from './verified-tokens.ts';

/** The answer; null where the engine gives it, to the request as it came. */
export type Introspect = (request: IncomingMessage) => Promise<object | null>;

type Kept = AccessToken | ClientCredentials | RefreshToken;

const FORM = 'application/x-www-form-urlencoded';
/** Bytes. Larger forms are the engine's to refuse. */
const LARGEST = 16_384;
const FIELDS: ReadonlySet<string> = new Set(['token', 'token_type_hint']);

export function plainIntrospection(provider: Provider, verified: VerifiedTokens): Introspect {
  return async (request) => {
    const client = isPlain(request) ? await authenticated(provider, request) : null;
    if (!client) return null;
    const bytes = await readBody(request, { maxBytes: LARGEST });
    const token = tokenIn(bytes);
    if (token === null) replay(request, bytes);
    if (token === null) return null;
    const said = looksLikeJwt(token)
      ? await introspected(client, await ownToken(provider, verified, token))
      : await kept(provider, client, token);
    return said ?? { active: false };
  };
}

function isPlain({ method, headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length']);
  const form = method === 'POST' && headers['content-type'] === FORM;
  return form && length > 0 && length <= LARGEST && headers.origin === undefined;
}

/** RFC 6749, 2.3.1. Null for who does not authenticate so. */
async function authenticated(
  { Client }: Provider,
  { headers }: IncomingMessage,
): Promise<Client | null> {
  const [, text] = /^Basic ([\w+/]+={0,2})$/.exec(headers.authorization ?? '') ?? [];
  const [, id, secret] = SECRET.exec(Buffer.from(text ?? '', 'base64').toString('latin1')) ?? [];
  if (!id || !secret) return null;
  const client = await Client.find(decodeURIComponent(id));
  if (!client?.clientAuthMethod?.startsWith('client_secret_')) return null;
  return (await client.compareClientSecret(decodeURIComponent(secret))) ? client : null;
}

/** Encoded as in a form; ours need no more than this. */
const SECRET = /^((?:[\w.~-]|%[2-7][\da-fA-F])+):((?:[\w.~-]|%[2-7][\da-fA-F])+)$/;

/** Null unless there is one, and nothing but what a plain question has. */
function tokenIn(bytes: Buffer): string | null {
  const text = bytes.toString('latin1');
  const names = text.split('&').map((pair) => pair.slice(0, pair.indexOf('=')));
  const plain = new Set(names).size === names.length && names.every((name) => FIELDS.has(name));
  return (plain && /(?:^|&)token=([\w.~-]+)(?:&|$)/.exec(text)?.[1]) || null;
}

/** The engine reads what was read already. */
function replay(request: IncomingMessage, bytes: Buffer): void {
  Object.defineProperties(request, {
    readable: { value: true },
    iterator: { value: () => [bytes] },
  });
}

/** What is stored: opaque access tokens and refresh tokens. Every kind is the one statement. */
async function kept(provider: Provider, client: Client, value: string): Promise<object | null> {
  const { AccessToken, ClientCredentials, RefreshToken } = provider;
  const token: Kept | undefined =
    (await AccessToken.find(value)) ??
    (await ClientCredentials.find(value)) ??
    (await RefreshToken.find(value));
  if (!token?.isValid || !(await isGranted(provider, token))) return null;
  const audience = 'aud' in token ? token.aud : undefined;
  if (!mayIntrospect(client, { clientId: token.clientId ?? '', audience })) return null;
  const { kind, jkt } = token;
  return {
    ...('accountId' in token ? { sub: token.accountId, sid: token.sid } : {}),
    ...('extra' in token ? (token.extra as object) : {}),
    active: true,
    client_id: token.clientId,
    exp: token.exp,
    iat: token.iat,
    iss: provider.issuer,
    aud: audience,
    scope: token.scope || undefined,
    ...(jkt ? { cnf: { jkt } } : {}),
    token_type: kind === 'RefreshToken' ? undefined : jkt ? 'DPoP' : 'Bearer',
  };
}

/** A service's own token stands on no grant. */
async function isGranted({ Grant }: Provider, token: Kept): Promise<boolean> {
  if (!('grantId' in token) || !token.grantId) return true;
  const grant = await Grant.find(token.grantId, { ignoreExpiration: true });
  if (!grant || grant.isExpired) return false;
  return grant.clientId === token.clientId && grant.accountId === token.accountId;
}
