/** Makes what tests need, through the doors that users use. A maker that is refused throws. */
import { randomBytes } from 'node:crypto';
import { startSession } from '#features/sessions/sessions.commands.ts';
import { DEFAULT_POLICY } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { decodeId, encodeId, type IdType } from '#kernel/ids.ts';
import { tenantScopes } from '#kernel/scopes.ts';
import { type Caller, callerOf, operator, type RestAnswer } from './as.ts';
import { contextOf } from './context.ts';
import type { House } from './house.ts';
import { type MakeOAuth, oauthMakers } from './make-oauth.ts';

export interface Made {
  /** Typed, as clients see it. */
  readonly id: string;
}

/** A tenant, as a caller that holds every scope a tenant can grant. */
export interface MadeTenant extends Caller, Made {
  readonly uuid: string;
  readonly slug: string;
  readonly secret: string;
  /** The id of the API key that calls. */
  readonly keyId: string;
  /** The platform's operator, acting in this tenant. */
  readonly operator: Caller;
}

export interface MadeUser extends Made {
  readonly uuid: string;
  readonly email: string;
  readonly version: number;
}

export interface MadeKey extends Caller, Made {
  readonly secret: string;
}

export interface MadeNamed extends Made {
  readonly name: string;
  readonly version: number;
}

export interface UserInput {
  readonly email?: string;
  readonly displayName?: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly locale?: string;
  readonly attributes?: object;
}

export interface Make extends MakeOAuth {
  tenant(input?: { slug?: string; name?: string; host?: string }): Promise<MadeTenant>;
  user(tenant: Caller, input?: UserInput): Promise<MadeUser>;
  group(
    tenant: Caller,
    input?: { name?: string; description?: string; members?: readonly Made[] },
  ): Promise<MadeNamed>;
  /** `scopes` defaults to users:read. */
  role(
    tenant: Caller,
    input?: { name?: string; description?: string; scopes?: readonly string[] },
  ): Promise<MadeNamed>;
  /** A key with exactly these scopes, made by `tenant`, as a caller of the same door. */
  apiKey(
    tenant: Caller,
    scopes: readonly string[],
    input?: { name?: string; expiresAt?: string },
  ): Promise<MadeKey>;
  /** A session of the user, as if they had just signed in with two factors. */
  session(tenant: MadeTenant, user: MadeUser): Promise<Made>;
  /** Authenticator apps as an older system knew them, in the order of the items. */
  factors(
    tenant: Caller,
    items: readonly { user: Made; name?: string; secret?: string }[],
  ): Promise<Made[]>;
  /** Signing keys of one algorithm: the current one and the next. */
  signingKeys(tenant: Caller, alg: 'RS256' | 'ES256' | 'EdDSA'): Promise<Made[]>;
  member(tenant: Caller, group: Made, user: Made): Promise<void>;
  /** Assigns a role to a user or to a group. */
  assign(tenant: Caller, role: Made, to: Made): Promise<void>;
  /** The tenant's own built-in role. */
  builtIn(tenant: Caller, name: 'owner' | 'admin' | 'auditor' | 'member'): Promise<MadeNamed>;
}

export function makers(house: House): Make {
  const next = (kind: string) => {
    made += 1;
    return `${kind}-${made}`;
  };
  const make: Make = {
    async tenant(input = {}) {
      const slug = input.slug ?? next('tenant');
      const platform = operator(house);
      const { tenant } = await run<{ tenant: Made }>(platform, 'createTenant', 'tenant { id }', {
        name: slug,
        ...input,
        slug,
      });
      const acting = operator(house, tenant.id);
      const { apiKey, secret } = await createKey(acting, 'setup', tenantScopes());
      return {
        ...callerOf(house, { secret, door: 'public' }),
        id: tenant.id,
        uuid: uuidOf('tenant', tenant.id),
        slug,
        secret,
        keyId: apiKey.id,
        operator: acting,
      };
    },
    async user(tenant, input = {}) {
      const email = input.email ?? `${next('user')}@example.com`;
      const { user } = await run<{ user: Omit<MadeUser, 'uuid'> }>(
        tenant,
        'createUser',
        'user { id email version }',
        { ...input, email },
      );
      return { ...user, uuid: uuidOf('user', user.id) };
    },
    async group(tenant, { members = [], ...input } = {}) {
      const { group } = await run<{ group: MadeNamed }>(
        tenant,
        'createGroup',
        'group { id name version }',
        { name: next('group'), ...input },
      );
      for (const user of members) await make.member(tenant, group, user);
      return group;
    },
    async role(tenant, input = {}) {
      const { role } = await run<{ role: MadeNamed }>(
        tenant,
        'createRole',
        'role { id name version }',
        { name: next('role'), scopes: ['users:read'], ...input },
      );
      return role;
    },
    async apiKey(tenant, scopes, { name = next('key'), expiresAt } = {}) {
      const { apiKey, secret } = await createKey(tenant, name, scopes, expiresAt);
      // A key that an operator makes in a tenant calls at that tenant's own doors.
      const door = tenant.door === 'platform' && tenant.tenant ? 'public' : tenant.door;
      return { ...callerOf(house, { secret, door }), id: apiKey.id, secret };
    },
    async session(tenant, user) {
      const ctx = await contextOf(house, { tenantId: tenant.uuid });
      const shown = { userId: user.uuid, acr: 'mfa', amr: ['pwd', 'otp', 'mfa'] } as const;
      const policy = { tenantId: tenant.uuid, ...DEFAULT_POLICY };
      const started = await ctx.db.transaction(() => startSession(ctx, policy, shown), {
        tenantId: tenant.uuid,
      });
      return { id: encodeId('session', started?.session.id ?? '') };
    },
    async factors(tenant, items) {
      const { importedIds } = await run<{ importedIds: string[] }>(
        tenant,
        'importTotpSecrets',
        'importedIds',
        {
          items: items.map(({ user, name, secret = randomBytes(20).toString('base64') }) => ({
            userId: user.id,
            ...(name ? { name } : {}),
            secret,
          })),
        },
      );
      return importedIds.map((id) => ({ id }));
    },
    ...oauthMakers(house, { next, run }),
    async signingKeys(tenant, alg) {
      const rotated = await run<{ signingKeys: Made[] }>(
        tenant,
        'rotateSigningKeys',
        'signingKeys { id }',
        { alg },
      );
      return rotated.signingKeys;
    },
    async member(tenant, group, user) {
      await run(tenant, 'addGroupMember', 'group { id }', { groupId: group.id, userId: user.id });
    },
    async assign(tenant, role, to) {
      const whom = to.id.startsWith('group_') ? { groupId: to.id } : { userId: to.id };
      await run(tenant, 'assignRole', 'role { id }', { roleId: role.id, ...whom });
    },
    async builtIn(tenant, name) {
      const { data } = await tenant.gql<{ roles: { nodes: (MadeNamed & { builtIn: boolean })[] } }>(
        '{ roles(first: 100) { nodes { id name version builtIn } } }',
      );
      const role = data?.roles.nodes.find((one) => one.builtIn && one.name === name);
      if (!role) throw new Error(`the tenant has no built-in role ${name}`);
      return role;
    },
  };
  return make;
}

/** Grows through the process, so that two houses may share a home. */
let made = 0;

type Answered = Record<string, { __typename: string; code?: string; message?: string }>;

/** Runs a mutation and answers its success; anything else is an error that says what happened. */
export async function run<T>(
  caller: Caller,
  mutation: string,
  selection: string,
  input: object,
): Promise<T> {
  const name = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  const document = `mutation Make($input: ${name}Input!) { ${mutation}(input: $input) {
    __typename ... on ${name}Success { ${selection} } ... on Error { code message } } }`;
  const answer = await caller.gql<Answered>(document, { input });
  const outcome = answer.data?.[mutation];
  if (outcome?.__typename === `${name}Success`) return outcome as T;
  throw new Error(`${mutation} ${JSON.stringify(input)} was refused: ${answer.text}`);
}

/** The answer's body, or an error that shows what came instead. */
export function expectStatus<T>(answer: RestAnswer<T>, status: number): T {
  if (answer.status !== status) throw new Error(`${answer.status}, not ${status}: ${answer.text}`);
  return answer.body;
}

async function createKey(
  caller: Caller,
  name: string,
  scopes: readonly string[],
  expiresAt?: string,
): Promise<{ apiKey: Made; secret: string }> {
  return run(caller, 'createApiKey', 'apiKey { id } secret', {
    name,
    scopes,
    ...(expiresAt ? { expiresAt } : {}),
  });
}

function uuidOf(type: IdType, id: string): string {
  const uuid = decodeId(type, id);
  if (!uuid) throw new Error(`${id} is no ${type} id`);
  return uuid;
}
