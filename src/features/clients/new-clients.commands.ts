/** How clients come to be: what every new one must keep to, whoever makes it. */
import { z } from 'zod';
import { beginToSignBy } from '#features/keys/keys.commands.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { defined } from '#kernel/defined.ts';
import { told } from '#kernel/events/event-types.ts';
import { assertGood, insertClient, storeAudiences } from './client-rows.ts';
import { addSecret, type NewSecret } from './client-secrets.commands.ts';
import {
  type ClientRow,
  type ClientSettings,
  clientName,
  clientSettings,
  clientType,
} from './clients.model.ts';
import { assertMayGive } from './clients.policy.ts';
import { getClient } from './clients.queries.ts';
import { defaultsOf, hasSecret, returnAddress } from './clients.rules.ts';

export const newClient = z
  .strictObject({
    name: clientName,
    type: clientType,
    ...clientSettings,
  })
  .superRefine(({ type, grantTypes, redirectUris = [] }, context) => {
    if (returnAddress.isBroken({ ...defaultsOf(type, grantTypes), redirectUris }))
      context.addIssue({ code: 'custom', ...returnAddress, path: [returnAddress.path] });
  });

/** What the audit log is told of a new client. */
export const newClientTells = {
  type: clientType,
  firstParty: z.boolean(),
  grantTypes: told.names,
  apiScopes: told.names,
  audiences: told.names,
};

export const createClient = command({
  name: 'client.create',
  summary: 'Creates a client. Its secret, if it has one, is in this answer and nowhere else.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: newClient,
  errors: [OutranksCaller],
  targets: (made: NewSecret) => [{ type: 'client' as const, id: made.client.id }],
  tells: newClientTells,
  details: newClientDetails,
  prepare: (ctx, { idTokenAlg }) => beginToSignBy(ctx, idTokenAlg),
  run: makeClient,
});

/** In the words of `newClientTells`. */
export function newClientDetails({ client }: NewSecret) {
  const { type, firstParty, grantTypes, apiScopes, audiences } = client;
  return { type, firstParty, grantTypes, apiScopes, audiences };
}

/** Part of the transaction that is open. Throws `InvalidInput` and `OutranksCaller`. */
export async function makeClient(
  ctx: Context,
  { audiences = [], ...input }: z.output<typeof newClient>,
): Promise<NewSecret> {
  const settings = {
    ...defaultsOf(input.type, input.grantTypes),
    ...(defined(input) as Partial<ClientSettings>),
    name: input.name,
  };
  assertGood(settings);
  assertMayGive(ctx, settings);
  const id = await insertClient(ctx, settings);
  await storeAudiences(ctx, id, audiences);
  const secret = hasSecret(settings) ? await addSecret(ctx, id) : null;
  return { client: (await getClient(ctx, id)) as ClientRow, secret };
}
