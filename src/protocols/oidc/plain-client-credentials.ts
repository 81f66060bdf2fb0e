/** Client credentials (RFC 6749, 4.4) as services ask for them: for our own API, by their secret. */
import type { Client } from 'oidc-provider';
import type { Provider } from './engine.ts';
import { plainRequest, type Shortcut } from './plain-requests.ts';
import { issuedToItself } from './protocol-events.ts';
import { apiScopesOf, ownApi, ownServer } from './resources.ts';

const FIELDS: ReadonlySet<string> = new Set(['grant_type', 'scope']);
const GRANT = 'client_credentials';

export function plainClientCredentials(provider: Provider): Shortcut {
  const audience = ownApi(provider.issuer);
  return async (request) => {
    const plain = await plainRequest(provider, request, FIELDS);
    if (plain?.fields.get('grant_type') !== GRANT) return null;
    const { client, fields } = plain;
    const scope = scopeOf(client, fields.get('scope'));
    if (scope === null || client.dpopBoundAccessTokens || !client.grantTypeAllowed(GRANT))
      return null;
    const token = new provider.ClientCredentials({ client, scope });
    token.resourceServer = {
      ...ownServer(client, audience),
      scopes: new Set(apiScopesOf(client)),
      identifier: () => audience,
    };
    const value = await token.save();
    issuedToItself(client, audience);
    return {
      access_token: value,
      expires_in: token.expiration,
      token_type: token.tokenType,
      scope,
    };
  };
}

/** Null unless all of it is the client's in our own API. */
function scopeOf(client: Client, asked: string | undefined): string | null {
  const own = apiScopesOf(client);
  const scopes = asked === undefined ? own : asked.split(' ');
  const plain = scopes.length > 0 && new Set(scopes).size === scopes.length;
  return plain && scopes.every((scope) => own.includes(scope)) ? scopes.join(' ') : null;
}
