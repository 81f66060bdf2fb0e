/** Introspection (RFC 7662) as APIs ask it with every call: about one token. */
import type { AccessToken, Client, ClientCredentials, RefreshToken } from 'oidc-provider';
import type { Provider } from './engine.ts';
import { plainRequest, type Shortcut } from './plain-requests.ts';
import { introspected, mayIntrospect, ownToken } from './structured-tokens.ts';
import { looksLikeJwt, type VerifiedTokens } from './verified-tokens.ts';

type Kept = AccessToken | ClientCredentials | RefreshToken;

const FIELDS: ReadonlySet<string> = new Set(['token', 'token_type_hint']);

export function plainIntrospection(provider: Provider, verified: VerifiedTokens): Shortcut {
  return async (request) => {
    const plain = await plainRequest(provider, request, FIELDS);
    const token = plain?.fields.get('token');
    if (!plain || !token) return null;
    const said = looksLikeJwt(token)
      ? await introspected(plain.client, await ownToken(provider, verified, token))
      : await kept(provider, plain.client, token);
    return said ?? { active: false };
  };
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
