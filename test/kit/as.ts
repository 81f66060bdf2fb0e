/** Who calls: a credential with a door, and the ways in (GraphQL, persisted operations, REST). */
import { readFileSync } from 'node:fs';
import { encodeId } from '#kernel/ids.ts';
import type { House, Instance } from './house.ts';
import { send, type WireAnswer } from './wire.ts';

export type DoorName = 'public' | 'platform';
type Headers = Readonly<Record<string, string>>;

export interface GraphQLFailure {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly [key: string]: unknown };
}

export interface GraphQLAnswer<T> extends WireAnswer {
  readonly data: T | null | undefined;
  readonly errors: readonly GraphQLFailure[] | undefined;
  /** The code of the first error, if there is one. */
  readonly code: string | undefined;
}

export interface RestAnswer<T> extends WireAnswer {
  /** Parsed; undefined without a body. */
  readonly body: T;
}

export interface RestOptions {
  readonly body?: unknown;
  readonly headers?: Headers;
}

export interface Credential {
  readonly secret: string | null;
  readonly door: DoorName;
  /** Text id of the tenant that a platform caller acts in. */
  readonly tenant?: string | undefined;
}

export interface Caller extends Credential {
  gql<T = Record<string, unknown>>(
    document: string,
    variables?: object,
    headers?: Headers,
  ): Promise<GraphQLAnswer<T>>;
  /** By the name of a published operation, in its newest form. */
  persisted<T = Record<string, unknown>>(
    operation: string,
    variables?: object,
    headers?: Headers,
  ): Promise<GraphQLAnswer<T>>;
  /** `path` below the door's root: `/v1/users` is sent to /internal/v1/users by a platform caller. */
  rest<T = Record<string, unknown>>(
    method: string,
    path: string,
    options?: RestOptions,
  ): Promise<RestAnswer<T>>;
  /** The same caller at another instance. */
  at(instance: Instance): Caller;
}

export function callerOf(house: Instance, credential: Credential): Caller {
  const { door } = credential;
  const origin = door === 'platform' ? house.internalUrl : house.url;
  const root = door === 'platform' ? '/internal' : '';
  const own: Headers = {
    ...(credential.secret ? { authorization: `Bearer ${credential.secret}` } : {}),
    ...(credential.tenant ? { 'x-tenant-id': credential.tenant } : {}),
  };
  const post = async <T>(body: object, headers: Headers = {}): Promise<GraphQLAnswer<T>> => {
    const answer = await send(origin, {
      method: 'POST',
      path: `${root}/graphql`,
      headers: { 'content-type': 'application/json', ...own, ...headers },
      body: JSON.stringify(body),
    });
    return { ...answer, ...readGraphQL<T>(answer.text) };
  };
  return {
    ...credential,
    gql: (query, variables, headers) => post({ query, variables }, headers),
    persisted: (operation, variables, headers) =>
      post({ documentId: `sha256:${hashOf(operation)}`, variables }, headers),
    async rest<T>(method: string, path: string, { body, headers }: RestOptions = {}) {
      const answer = await send(origin, {
        method,
        path: door === 'platform' && !path.startsWith('/internal') ? `/internal${path}` : path,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...own,
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      return { ...answer, body: (answer.text ? JSON.parse(answer.text) : undefined) as T };
    },
    at: (instance) => callerOf(instance, credential),
  };
}

/** Nobody. */
export function anonymous(house: Instance, door: DoorName = 'public'): Caller {
  return callerOf(house, { secret: null, door });
}

/** The platform's operator with the internal key; `tenant` (text id or uuid) chooses another tenant. */
export function operator(house: House, tenant?: string): Caller {
  const chosen = tenant && !tenant.startsWith('tenant_') ? encodeId('tenant', tenant) : tenant;
  return callerOf(house, { secret: house.internalKey, door: 'platform', tenant: chosen });
}

const published = new Map<string, string>();

function hashOf(operation: string): string {
  if (published.size === 0) {
    const file = new URL('../../schema/operations.json', import.meta.url);
    const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { hash: string }[]>;
    for (const [name, [newest]] of Object.entries(all))
      if (newest) published.set(name, newest.hash);
  }
  const hash = published.get(operation);
  if (!hash) throw new Error(`schema/operations.json has no operation ${operation}`);
  return hash;
}

/** JSON, or the first event of a stream (GraphQL over SSE, distinct connections mode). */
function readGraphQL<T>(text: string): Pick<GraphQLAnswer<T>, 'data' | 'errors' | 'code'> {
  const json = /^data: (\{.*)$/m.exec(text)?.[1] ?? text;
  const { data, errors } = parsed<{ data?: T | null; errors?: readonly GraphQLFailure[] }>(json);
  return { data, errors, code: errors?.[0]?.extensions?.code };
}

function parsed<T extends object>(json: string): T {
  try {
    return JSON.parse(json) as T;
  } catch {
    throw new Error(`no JSON: ${json.slice(0, 200)}`);
  }
}
