/**
 * How a client registers itself: it becomes one like any other, within what the tenant and the initial
 * access token allow. What it changes of itself later is an update of a client.
 */
import { z } from 'zod';
import type { NewSecret } from '#features/clients/client-secrets.commands.ts';
import { type ClientRow, clientId } from '#features/clients/clients.model.ts';
import {
  makeClient,
  newClient,
  newClientDetails,
  newClientTells,
} from '#features/clients/new-clients.commands.ts';
import { beginToSignBy } from '#features/keys/keys.commands.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import {
  ClientRegistrationNotFound,
  ClientRegistrationOff,
  InitialAccessTokenOver,
} from './client-registrations.errors.ts';
import { registrationAccessToken } from './client-registrations.model.ts';
import { assertAllowed } from './client-registrations.policy.ts';
import { clientRegistrationPolicyOf } from './client-registrations.queries.ts';

export interface NewRegistration extends NewSecret {
  /** Shown once; manages this client (RFC 7592). */
  readonly registrationToken: string;
}

export const registerClient = command({
  name: 'client.register',
  summary: 'A client registers itself with an initial access token.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: newClient,
  errors: [InitialAccessTokenOver, ClientRegistrationOff, OutranksCaller],
  targets: (made: NewRegistration) => [{ type: 'client' as const, id: made.client.id }],
  tells: newClientTells,
  details: newClientDetails,
  prepare: (ctx, { idTokenAlg }) => beginToSignBy(ctx, idTokenAlg),
  async run(ctx, input): Promise<NewRegistration> {
    const apiScopes = await spend(ctx);
    const policy = await clientRegistrationPolicyOf(ctx);
    if (!policy.enabled) throw new ClientRegistrationOff();
    // Nobody but an administrator says whose it is.
    const own = { firstParty: false, publisher: null, audiences: [...policy.audiences] };
    const made = await makeClient(ctx, { ...input, ...own });
    assertAllowed(policy, made.client);
    const { token, hash } = registrationAccessToken();
    const values = [ctx.tenantId, made.client.id, hash, apiScopes, ctx.clock.now()];
    await ctx.db.query(INSERT_REGISTRATION, values);
    return { ...made, registrationToken: token };
  },
});

/** One client more, in one statement, however many come at once. What its clients may do in the API. */
async function spend({ actor, db, tenantId, clock }: Context): Promise<readonly string[]> {
  if (actor.kind !== 'initial-access-token') throw new InitialAccessTokenOver();
  const [spent] = await db.query<{ apiScopes: readonly string[] }>(SPEND, [
    tenantId,
    actor.id,
    clock.now(),
  ]);
  if (!spent) throw new InitialAccessTokenOver();
  return spent.apiScopes;
}

const SPEND = `
UPDATE initial_access_tokens SET clients_made = clients_made + 1
WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3 AND clients_made < max_clients
RETURNING api_scopes AS "apiScopes"`;

const INSERT_REGISTRATION = `
INSERT INTO oauth_client_registrations (tenant_id, client_id, hash, api_scopes, created_at)
VALUES ($1, $2, $3, $4, $5)`;

export const endClientRegistration = command({
  name: 'client-registration.end',
  summary:
    'Ends the registration access token of a client that registered itself: it works on, and administrators alone change it.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: clientId }),
  errors: [ClientRegistrationNotFound],
  about: ['client'],
  targets: ({ id }: Pick<ClientRow, 'id'>) => [{ type: 'client' as const, id }],
  refusedTargets: ({ id }) => [{ type: 'client' as const, id }],
  async run(ctx, { id }) {
    const ended = await ctx.db.execute(
      'DELETE FROM oauth_client_registrations WHERE tenant_id = $1 AND client_id = $2',
      [ctx.tenantId, id],
    );
    if (ended === 0) throw new ClientRegistrationNotFound();
    return { id };
  },
});
