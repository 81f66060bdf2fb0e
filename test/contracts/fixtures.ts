/** One of everything in a tenant, so that every id argument and every field has something behind it. */
import { encodeId, ID_TYPES, type IdType, newId } from '#kernel/ids.ts';
import { type Made, type MadeTenant, type Make, run } from '../kit/make.ts';
import { until } from '../kit/until.ts';

/** Text ids by type. */
export type Ids = Readonly<Record<IdType, string>>;

export interface Furnished {
  readonly tenant: MadeTenant;
  readonly ids: Ids;
  /** Texts that stand in this tenant's rows and nowhere else. */
  readonly marks: readonly string[];
}

/** Which type's ids a GraphQL type has. */
export const ID_TYPE_OF: Readonly<Record<string, IdType>> = {
  User: 'user',
  Group: 'group',
  Role: 'role',
  ApiKey: 'key',
  Session: 'session',
  OwnSession: 'session',
  Factor: 'factor',
  OwnFactor: 'factor',
  Client: 'client',
  ConsentedClient: 'client',
  InitialAccessToken: 'initialtoken',
  Resource: 'resource',
  Consent: 'consent',
  OwnConsent: 'consent',
  SigningKey: 'signingkey',
  AuditEvent: 'event',
  AuditProof: 'event',
  LogStream: 'logstream',
  Tenant: 'tenant',
};

/** A tenant whose texts all hold `mark`. */
export async function furnish(make: Make, mark: string): Promise<Furnished> {
  const tenant = await make.tenant({ slug: mark, name: `Tenant ${mark}` });
  const user = await make.user(tenant, {
    email: `user.${mark}@example.com`,
    displayName: `Display ${mark}`,
    givenName: `Given ${mark}`,
    familyName: `Family ${mark}`,
    locale: 'en',
    attributes: { mark },
  });
  const group = await make.group(tenant, {
    name: `Group ${mark}`,
    description: `Group of ${mark}`,
    members: [user],
  });
  const role = await make.role(tenant, { name: `Role ${mark}`, description: `Role of ${mark}` });
  await make.assign(tenant, role, user);
  await make.assign(tenant, role, group);
  const key = await make.apiKey(tenant, ['users:read'], { name: `Key ${mark}` });
  const session = await make.session(tenant, user);
  const [factor] = await make.factors(tenant, [{ user, name: `App ${mark}` }]);
  const resource = await make.resource(tenant, {
    identifier: `https://${mark}.api.example.com`,
    name: `API ${mark}`,
    scopes: [{ name: `read-${mark}`, description: `Read ${mark}` }],
  });
  const client = await make.client(tenant, {
    name: `App ${mark}`,
    publisher: `Publisher ${mark}`,
    audiences: [`https://${mark}.api.example.com`],
  });
  const consent = await make.consent(tenant, user, client, {
    resourceScopes: { [`https://${mark}.api.example.com`]: [`read-${mark}`] },
  });
  const initialToken = await make.initialAccessToken(tenant, { name: `Token ${mark}` });
  const logStream = await pausedStream(tenant, `Stream ${mark}`);
  const [signingKey] = await make.signingKeys(tenant, 'ES256');
  const events = await tenant.gql<{ auditEvents: { nodes: { id: string }[] } }>(
    '{ auditEvents(first: 1) { nodes { id } } }',
  );
  const event = events.data?.auditEvents.nodes[0]?.id ?? '';
  const proof = 'query ($id: ID!) { auditProof(eventId: $id) { size } }';
  await until(async () => (await tenant.gql(proof, { id: event })).code === undefined);
  const ids = {
    tenant: tenant.id,
    user: user.id,
    group: group.id,
    role: role.id,
    signingkey: signingKey?.id ?? '',
    key: key.id,
    session: session.id,
    factor: factor?.id ?? '',
    client: client.id,
    initialtoken: initialToken.id,
    resource: resource.id,
    consent: consent.id,
    event,
    logstream: logStream.id,
  };
  return { tenant, ids, marks: [mark, ...Object.values(ids).map((id) => id.split('_')[1] ?? '')] };
}

/** It sends nothing: its address is never reached, which, unlike a port that may not be, does not stop it. */
async function pausedStream(tenant: MadeTenant, name: string): Promise<Made> {
  const settings = { url: 'https://127.0.0.1/never' };
  const { logStream } = await run<{ logStream: Made }>(
    tenant,
    'createLogStream',
    'logStream { id }',
    { name, kind: 'HTTP', settings },
  );
  await run(tenant, 'pauseLogStream', 'logStream { id }', { id: logStream.id });
  return logStream;
}

/** Well-formed ids of every type behind which nothing stands. */
export function missingIds(): Ids {
  return Object.fromEntries(ID_TYPES.map((type) => [type, encodeId(type, newId())])) as Ids;
}
