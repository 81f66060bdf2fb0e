/**
 * A client that registered itself looks at itself, changes itself and goes (RFC 7592). What it gets to
 * know holds no secret; what an administrator has taken over, it does not change.
 */
import { timingSafeEqual } from 'node:crypto';
import { ClientRegistrationOff } from '#features/client-registrations/client-registrations.errors.ts';
import {
  type ClientRegistrationPolicyRow,
  hashToken,
} from '#features/client-registrations/client-registrations.model.ts';
import {
  asRegisteredClient,
  within,
} from '#features/client-registrations/client-registrations.policy.ts';
import {
  clientRegistrationOf,
  clientRegistrationPolicyOf,
} from '#features/client-registrations/client-registrations.queries.ts';
import { deleteClient, updateClient } from '#features/clients/clients.commands.ts';
import { type ClientSettings, isClientSecret } from '#features/clients/clients.model.ts';
import { clientOf, type RegisteredClient } from '#features/clients/clients.queries.ts';
import { hasSecret } from '#features/clients/clients.rules.ts';
import { InvalidInput, MethodNotAllowed } from '#kernel/errors.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import type { Bucket } from '#kernel/limits.ts';
import { type Metadata, settingsOf } from './registration-metadata.ts';
import { RegistrationTokenUnknown, TakenOver } from './registration-problem.ts';
import {
  type Asked,
  bearerOf,
  clientInformation,
  type RegistrationAnswer,
  readMetadata,
  unknownToken,
} from './registration-requests.ts';

/** Of one client. */
const CLIENT: Bucket = { name: 'registered-client', counted: 'shared', points: 60, seconds: 60 };

interface Managed {
  readonly client: RegisteredClient;
  /** As far as its initial access token allowed it. */
  readonly policy: ClientRegistrationPolicyRow;
}

export async function manage(asked: Asked, clientId: string): Promise<RegistrationAnswer> {
  const { method } = asked.request;
  const take = method && Object.hasOwn(VERBS, method) ? VERBS[method] : undefined;
  if (!take) throw new MethodNotAllowed();
  return take(asked, await presented(asked, clientId));
}

const VERBS: Readonly<
  Record<string, (asked: Asked, managed: Managed) => Promise<RegistrationAnswer>>
> = {
  GET: async (asked, { client }) => ({ status: 200, body: await clientInformation(asked, client) }),
  PUT: replace,
  DELETE: remove,
};

/** RFC 7592, 2: a client that is not there and a token that is not its own are the same. */
async function presented(asked: Asked, clientId: string): Promise<Managed> {
  const { ctx } = asked;
  const token = hashToken(bearerOf(asked));
  const id = decodeId('client', clientId);
  const registration = id === null ? null : await clientRegistrationOf(ctx, id);
  if (id === null || !registration || !timingSafeEqual(registration.hash, token))
    throw await unknownToken(ctx, new RegistrationTokenUnknown());
  await ctx.limits.consume(CLIENT, id);
  const client = await clientOf(ctx, ctx.tenantId, id);
  if (!client) throw new RegistrationTokenUnknown();
  return { client, policy: within(await clientRegistrationPolicyOf(ctx), registration) };
}

/** RFC 7592, 2.2: what is left out is as if it had never been said. */
async function replace(asked: Asked, managed: Managed): Promise<RegistrationAnswer> {
  const { client, policy } = managed;
  const { ctx } = asked;
  assertOwn(managed);
  if (!policy.enabled) throw new ClientRegistrationOff();
  const metadata = await readMetadata(asked);
  assertAboutItself(asked, metadata, client);
  const settings = await settingsOf(ctx, metadata, policy, client);
  assertNoNewSecret(client, settings);
  const own = asRegisteredClient(ctx, client, policy);
  const { id, version } = client;
  const input = { id: encodeId('client', id), version, ...settings };
  return { status: 200, body: await clientInformation(asked, await updateClient(own, input)) };
}

async function remove({ ctx }: Asked, managed: Managed): Promise<RegistrationAnswer> {
  assertOwn(managed);
  const { client, policy } = managed;
  const own = asRegisteredClient(ctx, client, policy);
  await deleteClient(own, { id: encodeId('client', client.id), version: client.version });
  return { status: 204, body: null };
}

/** RFC 7592, 2.2 and 2.3: 403 where a client may not do this to itself. */
function assertOwn({ client }: Managed): void {
  if (client.firstParty || client.disabledAt !== null) throw new TakenOver();
}

/** What the server says of a client and the client does not. */
const SERVERS = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

function assertAboutItself({ ctx }: Asked, said: Metadata, client: RegisteredClient): void {
  const { client_id: id, client_secret: secret } = said;
  const problems = SERVERS.filter((name) => name in said).map((name) => ({
    path: name,
    message: 'is said by this server alone: leave it out',
  }));
  if (id !== encodeId('client', client.id))
    problems.push({ path: 'client_id', message: 'must be the client_id of this client' });
  const theirs =
    typeof secret === 'string' && isClientSecret(client.secrets, secret, ctx.clock.now());
  if (secret !== undefined && !theirs)
    problems.push({ path: 'client_secret', message: 'is not chosen by the client: leave it out' });
  if (problems.length > 0) throw new InvalidInput(problems);
}

/** It would have to be shown here. */
function assertNoNewSecret(client: RegisteredClient, settings: Record<string, unknown>): void {
  const after = settings as unknown as ClientSettings;
  if (hasSecret(client) || !hasSecret(after)) return;
  throw new InvalidInput([
    {
      path: 'tokenEndpointAuthMethod',
      message:
        'must not need a secret where it did not before: secrets are given at registration only, so register another client',
    },
  ]);
}
