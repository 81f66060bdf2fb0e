/** Owns the access tokens of a program that calls by itself (client credentials). */
import { clientCredentialsGrantRequest, processClientCredentialsResponse } from 'oauth4webapi';
import { connectIssuer, type IssuerOptions } from './issuer.ts';
import { told } from './sign-in-error.ts';
import { endOf, isFresh } from './tokens.ts';

export interface ServiceTokenOptions extends IssuerOptions {
  readonly clientSecret: string;
  /** What it needs, separated by spaces; a token without scopes opens what asks for none. */
  readonly scope?: string;
  /** The API that tokens are for (RFC 8707). Default: Signet's own. */
  readonly resource?: string;
}

/**
 * A function that answers a good token, as `token` of `createClient` takes it: one request to the
 * issuer in the life of a token, however many wait for it. Throws SignInError.
 */
export function createServiceTokens(options: ServiceTokenOptions): () => Promise<string> {
  const { clientSecret, scope, resource } = options;
  if (!clientSecret) throw new TypeError('clientSecret is missing');
  const connect = connectIssuer(options, clientSecret);
  let known: { readonly accessToken: string; readonly expiresAt: number } | null = null;
  let asking: Promise<string> | null = null;

  async function ask(): Promise<string> {
    const { server, client, auth, requests } = await connect();
    const parameters = { ...(scope ? { scope } : {}), ...(resource ? { resource } : {}) };
    const answer = await told(async () =>
      processClientCredentialsResponse(
        server,
        client,
        await clientCredentialsGrantRequest(server, client, auth, parameters, requests),
      ),
    );
    known = { accessToken: answer.access_token, expiresAt: endOf(answer) };
    return known.accessToken;
  }

  return async () => {
    if (known && isFresh(known)) return known.accessToken;
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  };
}
