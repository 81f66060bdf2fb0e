/** What is asked: three cases, each put to every contestant in its own words. */
import { readFileSync } from 'node:fs';
import { encodeId } from '#kernel/ids.ts';
import { seededId } from './seed.ts';

/** `persisted`, `rest` and `document` are ours: by hash, over /v1, and with the text of the query. */
export const CONTESTANTS = ['persisted', 'rest', 'document', 'floor', 'peer'] as const;
export type Contestant = (typeof CONTESTANTS)[number];

export interface Case {
  readonly name: string;
  /** The share of the floor's throughput that a persisted operation is to reach. */
  readonly target: number;
  readonly requests: Partial<Record<Contestant, CaseRequest>>;
}

export interface CaseRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** `[n]` stands for a number that is new in each request. */
  readonly body?: string;
  /** What a good answer contains. */
  readonly expect: string;
  /** The answer's content in a form that all contestants share. */
  read(answer: Json): unknown;
}

/** Answers are walked without declaring each contestant's shape; a wrong step gives undefined. */
export class Json {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
  at(...path: readonly string[]): Json {
    const step = (value: unknown, name: string) =>
      (value as Record<string, unknown> | null)?.[name];
    return new Json(path.reduce(step, this.value));
  }
  get list(): Json[] {
    return Array.isArray(this.value) ? this.value.map((item) => new Json(item)) : [];
  }
}

const PAGE = 50;
const TENANT = seededId(1);
const USER = seededId(77);

export function cases(): Case[] {
  return [listCase(), singleCase(), createCase()];
}

function listCase(): Case {
  const variables = { first: PAGE };
  const expect = '"Group ';
  const ours = (answer: Json) =>
    users(answer.at('data', 'users', 'nodes'), ['groups', 'nodes'], [], ['roles', 'nodes'], []);
  const group = 'groupByTenantIdAndGroupId';
  const roles = 'groupRolesByTenantIdAndGroupIdList';
  const role = 'roleByTenantIdAndRoleId';
  const members = 'groupMembersByTenantIdAndUserIdList';
  return {
    name: `list of ${PAGE} users x 3 groups x 2 roles`,
    target: 0.4,
    requests: {
      persisted: { ...persisted('ListUsersWithGroups', variables), expect, read: ours },
      document: { ...document('ListUsersWithGroups', variables), expect, read: ours },
      floor: {
        ...post('/list', { tenant: TENANT, first: PAGE }),
        expect,
        read: (answer) => users(answer, ['groups'], [], ['roles'], []),
      },
      peer: {
        ...post('/graphql', {
          query: `query ($tenant: UUID!, $first: Int!) {
            allUsersList(condition: { tenantId: $tenant }, orderBy: PRIMARY_KEY_ASC, first: $first) {
              rowId email ${members} { ${group} { rowId name ${roles} { ${role} { rowId name } } } }
            }
          }`,
          variables: { tenant: TENANT, first: PAGE },
        }),
        expect,
        read: (answer) =>
          users(answer.at('data', 'allUsersList'), [members], [group], [roles], [role]),
      },
    },
  };
}

function users(
  list: Json,
  groups: readonly string[],
  group: readonly string[],
  roles: readonly string[],
  role: readonly string[],
): unknown {
  const name = (item: Json) => String(item.at('name').value);
  return list.list.map((user) => ({
    email: user.at('email').value,
    groups: user
      .at(...groups)
      .list.map((item) => item.at(...group))
      .map((found) => ({
        name: name(found),
        roles: found
          .at(...roles)
          .list.map((item) => name(item.at(...role)))
          .sort(),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
}

/** Selected by everybody, besides the id and the times, whose text differs. */
const PROFILE = 'email emailVerified displayName givenName familyName status locale version'.split(
  ' ',
);

function singleCase(): Case {
  const variables = { id: encodeId('user', USER) };
  const expect = '"User77@example.com"';
  const profile = (user: Json) => PROFILE.map((field) => user.at(field).value);
  const ours = (answer: Json) => profile(answer.at('data', 'user'));
  return {
    name: 'single user',
    target: 0.3,
    requests: {
      persisted: { ...persisted('GetUser', variables), expect, read: ours },
      rest: { method: 'GET', path: `/v1/users/${variables.id}`, expect, read: profile },
      document: { ...document('GetUser', variables), expect, read: ours },
      floor: { ...post('/single', { tenant: TENANT, id: USER }), expect, read: profile },
      peer: {
        ...post('/graphql', {
          query: `query ($tenant: UUID!, $id: UUID!) {
            userByTenantIdAndRowId(tenantId: $tenant, rowId: $id) { rowId attributes createdAt updatedAt ${PROFILE.join(' ')} }
          }`,
          variables: { tenant: TENANT, id: USER },
        }),
        expect,
        read: (answer) => profile(answer.at('data', 'userByTenantIdAndRowId')),
      },
    },
  };
}

function createCase(): Case {
  const input = (who: Contestant) => ({ email: `${who}[n]@example.com`, displayName: 'New User' });
  const expect = '"New User"';
  const read = (user: Json) => [user.at('displayName').value, user.at('status').value];
  const ours = (answer: Json) => read(answer.at('data', 'createUser', 'user'));
  const create = (who: Contestant) => ({ input: input(who) });
  return {
    name: 'create user with audit',
    target: 0.35,
    requests: {
      persisted: { ...persisted('CreateUser', create('persisted')), expect, read: ours },
      rest: { ...post('/v1/users', input('rest')), expect, read },
      document: { ...document('CreateUser', create('document')), expect, read: ours },
      floor: { ...post('/create', { tenant: TENANT, ...input('floor') }), expect, read },
      peer: {
        ...post('/graphql', {
          query: `mutation ($tenant: UUID!, $email: String!, $displayName: String!) {
            benchCreateUser(input: { tenant: $tenant, email: $email, displayName: $displayName }) {
              result { rowId attributes createdAt updatedAt ${PROFILE.join(' ')} }
            }
          }`,
          variables: { tenant: TENANT, ...input('peer') },
        }),
        expect,
        read: (answer) => read(answer.at('data', 'benchCreateUser', 'result')),
      },
    },
  };
}

type Published = Record<string, readonly { hash: string; document: string }[]>;

/** The operation as it is published now: the newest document of its name. */
function published(name: string): { hash: string; document: string } {
  const file = new URL('../schema/operations.json', import.meta.url);
  const newest = (JSON.parse(readFileSync(file, 'utf8')) as Published)[name]?.[0];
  if (!newest) throw new Error(`schema/operations.json has no operation ${name}`);
  return newest;
}

export function persisted(name: string, variables: object) {
  const persistedQuery = { version: 1, sha256Hash: published(name).hash };
  return post('/graphql', { extensions: { persistedQuery }, variables });
}

/** A comment makes the text one that is not published. */
function document(name: string, variables: object) {
  return post('/graphql', { query: `# arbitrary\n${published(name).document}`, variables });
}

function post(path: string, body: object) {
  return { method: 'POST' as const, path, body: JSON.stringify(body) };
}
