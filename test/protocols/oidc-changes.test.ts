/** What administrators change about clients and keys, and when the issuer goes by it. */
import { decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient, relyingParty, signInTo } from '../kit/relying-party.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const SERVICE = { type: 'SERVICE', redirectUris: [], firstParty: false, apiScopes: ['users:read'] };
const refused = { status: 401, cause: [{ parameters: { error: 'invalid_client' } }] };

test('F09 a client that is disabled, or has another secret, is that at once where it was changed', async () => {
  const service = await makeClient(acme, SERVICE);
  const config = await relyingParty(house, acme, service);
  await oidc.clientCredentialsGrant(config);
  await run(acme, 'disableClient', 'client { id }', { id: service.id });
  await expect(oidc.clientCredentialsGrant(config)).rejects.toMatchObject(refused);
  await run(acme, 'enableClient', 'client { id }', { id: service.id });
  await oidc.clientCredentialsGrant(config);
  const { secret } = await run<{ secret: string }>(acme, 'rotateClientSecret', 'secret', {
    id: service.id,
    overlapSeconds: 60,
  });
  const next = await relyingParty(house, acme, { id: service.id, secret });
  await oidc.clientCredentialsGrant(next);
  await oidc.clientCredentialsGrant(config);
  house.clock.advance(60_000);
  await oidc.clientCredentialsGrant(next);
  await expect(oidc.clientCredentialsGrant(config)).rejects.toMatchObject(refused);
});

test('E08 ID tokens are signed as the client wishes, from its first day', async () => {
  const ada = await person(house, make, acme);
  for (const idTokenAlg of ['RS256', 'ES256', 'EdDSA']) {
    const app = await makeClient(acme, { idTokenAlg });
    const config = await relyingParty(house, acme, app);
    Object.assign(config.clientMetadata(), { id_token_signed_response_alg: idTokenAlg });
    const { tokens } = await signInTo(house, config, ada);
    expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe(idTokenAlg);
  }
});
