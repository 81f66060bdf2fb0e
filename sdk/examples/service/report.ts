/**
 * A service: nobody signs in, it calls Signet's API by itself. It counts the people of its tenant.
 *
 *   SIGNET_ISSUER=http://localhost:4000/t/acme CLIENT_ID=client_... CLIENT_SECRET=sgcs_... \
 *     npm run service -w @signet/sdk
 *
 * in the root of the repository. The client is of type SERVICE, and `users:read` is among its
 * apiScopes. A token lives a quarter of an hour; the SDK asks for the next one when it is needed.
 */
import { createClient, listUsers, paginate } from '@signet/sdk';
import { createServiceTokens } from '@signet/sdk/oidc';

const { SIGNET_ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env;
if (!issuer || !clientId || !clientSecret) {
  console.error(
    'Usage: SIGNET_ISSUER=... CLIENT_ID=... CLIENT_SECRET=... npm run service -w @signet/sdk',
  );
  process.exit(2);
}

const client = createClient({
  url: new URL(issuer).origin,
  token: createServiceTokens({ issuer, clientId, clientSecret, scope: 'users:read' }),
});

const counts = new Map<string, number>();
for await (const { status } of paginate(client, listUsers))
  counts.set(status, (counts.get(status) ?? 0) + 1);
for (const [status, count] of counts) console.log(`${status}: ${count}`);
