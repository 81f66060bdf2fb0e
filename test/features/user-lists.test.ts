/** Lists of users: what is found, in which order, page by page. Other lists share the pages. */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';

const house = await openHouse();
const make = makers(house);

interface Page {
  readonly edges: { cursor: string; node: { id: string } }[];
  readonly nodes: { id: string; email: string }[];
  readonly pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  readonly totalCount: number;
}

const LIST = `query ($filter: UserFilter, $first: Int, $after: String, $last: Int, $before: String) {
  users(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } } nodes { id email } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

async function list(tenant: MadeTenant, variables: object): Promise<Page & { code?: string }> {
  const answer = await tenant.gql<{ users: Page }>(LIST, variables);
  return { ...(answer.data?.users as Page), ...(answer.code ? { code: answer.code } : {}) };
}

const emails = async (tenant: MadeTenant, filter: object): Promise<string[]> =>
  (await list(tenant, { filter })).nodes?.map(({ email }) => email.split('@')[0] ?? '');

const people = await make.tenant();
for (const [email, displayName, givenName, familyName] of [
  ['ada@example.com', 'Ada Lovelace', 'Augusta Ada', 'King-Noel'],
  ['alan@example.com', 'Alan Turing', 'Alan', 'Turing'],
  ['ada.yonath@weizmann.example', 'Ada Yonath', 'Ada', 'Yonath'],
  ['rene@example.com', 'René Descartes', 'René', "O'Descartes"],
  ['alonzo@princeton.example', 'ALONZO CHURCH', 'Alonzo', 'Church'],
] as const)
  await make.user(people, { email, displayName, givenName, familyName });

test('search finds whole words of names and addresses, whatever their case and form', async () => {
  const found: [string, string[]][] = [
    ['ada', ['ada', 'ada.yonath']],
    ['ADA lovelace', ['ada']],
    ['king-noel', ['ada']],
    ['yonath', ['ada.yonath']],
    ['weizmann', ['ada.yonath']],
    ['weizmann.example', ['ada.yonath']],
    ['ada@example.com', ['ada']],
    [' ADA@Example.com ', ['ada']],
    ['alan turing alan@example.com', ['alan']],
    ['rené', ['rene']],
    ['rene\u0301', ['rene']],
    ['church', ['alonzo']],
    ['ａｌｏｎｚｏ', ['alonzo']],
    ['lov', []],
    ['ada turing', []],
  ];
  for (const [search, expected] of found)
    expect([search, await emails(people, { search })]).toEqual([search, expected]);
});

test('search follows a change of name or address', async () => {
  const tenant = await make.tenant();
  const { id } = await make.user(tenant, { email: 'x@old.example', displayName: 'Before' });
  await tenant.rest('PATCH', `/v1/users/${id}`, {
    body: { email: 'y@new.example', displayName: 'After' },
  });
  for (const [search, expected] of [
    ['before', 0],
    ['x@old.example', 0],
    ['after', 1],
    ['new', 1],
    ['y@new.example', 1],
  ] as const)
    expect([search, (await emails(tenant, { search })).length]).toEqual([search, expected]);
});

test('a prefix of the address lists in the order of the address', async () => {
  expect(await emails(people, { emailPrefix: 'A' })).toEqual([
    'ada.yonath',
    'ada',
    'alan',
    'alonzo',
  ]);
  expect(await emails(people, { emailPrefix: 'ada' })).toEqual(['ada.yonath', 'ada']);
  expect(await emails(people, { emailPrefix: 'ada@' })).toEqual(['ada']);
  expect(await emails(people, { emailPrefix: 'zz' })).toEqual([]);
  expect(await emails(people, { emailPrefix: '%' })).toEqual([]);
  expect(await emails(people, { emailPrefix: 'a_' })).toEqual([]);
});

test('status filters alone and together with a search', async () => {
  const tenant = await make.tenant();
  const [on, off] = [
    await make.user(tenant, { email: 'on@example.com', displayName: 'Twin' }),
    await make.user(tenant, { email: 'off@example.com', displayName: 'Twin' }),
  ];
  await tenant.rest('POST', `/v1/users/${off.id}/suspend`);
  expect(await emails(tenant, { status: 'SUSPENDED' })).toEqual(['off']);
  expect(await emails(tenant, { status: 'ACTIVE', search: 'twin' })).toEqual(['on']);
  expect(await emails(tenant, { status: 'SUSPENDED', emailPrefix: 'o' })).toEqual(['off']);
  expect(await emails(tenant, { status: 'SUSPENDED', email: on.email })).toEqual([]);
  expect(await emails(tenant, { email: null, search: null, status: null })).toEqual(['on', 'off']);
});

test('D08 T32 filters that contradict, hide or do not exist are refused', async () => {
  const refused: [object, string][] = [
    [{ email: 'a@b.example', search: 'x' }, 'INVALID_INPUT'],
    [{ email: 'a@b.example', emailPrefix: 'x' }, 'INVALID_INPUT'],
    [{ emailPrefix: 'a', search: 'x' }, 'INVALID_INPUT'],
    [{ emailPrefix: ' ' }, 'INVALID_INPUT'],
    [{ emailPrefix: 'a\u0000' }, 'INVALID_INPUT'],
    [{ search: ' .,- ' }, 'INVALID_INPUT'],
    [{ search: 'a b c d e f g h i' }, 'INVALID_INPUT'],
    [{ passwordHash: 'x' }, 'BAD_USER_INPUT'],
    [{ attributes: {} }, 'BAD_USER_INPUT'],
    [{ status: 'DELETED' }, 'BAD_USER_INPUT'],
    [{ email: ['a'] }, 'BAD_USER_INPUT'],
  ];
  for (const [filter, code] of refused)
    expect([filter, (await list(people, { filter })).code]).toEqual([filter, code]);
  const { status, body } = await people.rest<{ errors: object[] }>(
    'GET',
    '/v1/users?orderBy=email',
  );
  expect([status, body.errors]).toEqual([
    400,
    [{ parameter: 'orderBy', detail: 'is not a parameter of this route' }],
  ]);
  expect(await emails(people, { email: 'not an address' })).toEqual([]);
  expect(await emails(people, { email: 'a\u0000@example.com' })).toEqual([]);
});

test('pages walk forward and backward, stable while users are added', async () => {
  const tenant = await make.tenant();
  const before: string[] = [];
  for (let n = 0; n < 12; n += 1) before.push((await make.user(tenant)).id);
  const walked: string[] = [];
  let after: string | null = null;
  const added: string[] = [];
  for (let round = 0; ; round += 1) {
    const page: Page = await list(tenant, { first: 5, after });
    expect(page.pageInfo.hasPreviousPage).toBe(round > 0);
    expect(page.edges.map(({ node }) => node.id)).toEqual(page.nodes.map(({ id }) => id));
    expect(page.edges.at(-1)?.cursor).toBe(page.pageInfo.endCursor);
    expect(page.edges[0]?.cursor).toBe(page.pageInfo.startCursor);
    walked.push(...page.nodes.map(({ id }) => id));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
    if (round < 2) added.push((await make.user(tenant)).id);
  }
  expect(walked).toEqual([...before, ...added]);
  const backward: string[] = [];
  let end: string | null = null;
  for (;;) {
    const page: Page = await list(tenant, { last: 5, before: end });
    backward.unshift(...page.nodes.map(({ id }) => id));
    expect(page.totalCount).toBe(14);
    expect(page.pageInfo.hasNextPage).toBe(end !== null);
    if (!page.pageInfo.hasPreviousPage) break;
    end = page.pageInfo.startCursor;
  }
  expect(backward).toEqual(walked);
});

test('REST follows the Link to the end, and each page begins where the last one ended', async () => {
  const tenant = await make.tenant();
  const made: string[] = [];
  for (let n = 0; n < 5; n += 1)
    made.push((await make.user(tenant, { email: `p${n}@example.com` })).id);
  const walked: string[] = [];
  let path: string | undefined = '/v1/users?emailPrefix=p&first=2';
  while (path) {
    const page: Awaited<ReturnType<typeof read>> = await read(path);
    walked.push(...page.body.items.map(({ id }) => id));
    path = /^<([^>]+)>; rel="next"$/.exec(String(page.headers['link']))?.[1];
    expect(path === undefined).toBe(page.body.nextCursor === null);
  }
  expect(walked).toEqual(made);
  function read(from: string) {
    return tenant.rest<{ items: { id: string }[]; nextCursor: string | null }>('GET', from);
  }
});

test('D09 a cursor that was edited, or is of another list or tenant, is refused', async () => {
  const tenant = await make.tenant();
  for (let n = 0; n < 3; n += 1) await make.user(tenant);
  const { endCursor } = (await list(tenant, { first: 2 })).pageInfo;
  const cursor = String(endCursor);
  const groups = '{ groups { nodes { id } pageInfo { endCursor } } }';
  await make.group(tenant);
  const other = await tenant.gql<{ groups: { pageInfo: { endCursor: string } } }>(groups);
  const edited = Array.from({ length: cursor.length }, (_, i) => {
    const swapped = cursor[i] === 'A' ? 'B' : 'A';
    return `${cursor.slice(0, i)}${swapped}${cursor.slice(i + 1)}`;
  });
  const wrong = [
    ...edited,
    '',
    'null',
    ` ${cursor}`,
    `${cursor}=`,
    `${cursor}AAAA`,
    cursor.slice(0, -4),
    other.data?.groups.pageInfo.endCursor,
    (await list(tenant, { filter: { emailPrefix: 'u' } })).pageInfo.endCursor,
    (await list(people, { first: 2 })).pageInfo.endCursor,
    Buffer.from('["0"]').toString('base64url'),
    'x'.repeat(10_000),
  ];
  for (const after of wrong)
    expect([after, (await list(tenant, { after })).code]).toEqual([after, 'INVALID_CURSOR']);
  expect((await list(tenant, { before: wrong[0] })).code).toBe('INVALID_CURSOR');
  const rest = await tenant.rest<{ code: string }>('GET', `/v1/users?after=${wrong[0]}`);
  expect([rest.status, rest.body.code]).toEqual([400, 'INVALID_CURSOR']);
  expect((await list(tenant, { after: cursor })).nodes).toHaveLength(1);
});

test('a page has 1 to 100 items, 20 when nobody says, from one end only', async () => {
  const wrong = [
    { first: 0 },
    { first: -1 },
    { first: 101 },
    { first: 1000 },
    { last: 0 },
    { last: 101 },
    { first: 1, last: 1 },
  ];
  for (const variables of wrong)
    expect([variables, (await list(people, variables)).code]).toEqual([variables, 'INVALID_INPUT']);
  for (const variables of [{ first: 1.5 }, { first: '5' }, { first: 2 ** 31 }])
    expect((await list(people, variables)).code).toBe('BAD_USER_INPUT');
  for (const query of ['first=0', 'first=1000', 'first=x', 'first=1&first=2', 'first=1&last=1']) {
    const { status } = await people.rest('GET', `/v1/users?${query}`);
    expect([query, status]).toEqual([query, 400]);
  }
  const many = await make.tenant();
  for (let n = 0; n < 21; n += 1) await make.user(many);
  const page = await list(many, {});
  expect([page.nodes.length, page.totalCount, page.pageInfo.hasNextPage]).toEqual([20, 21, true]);
  const empty = await list(await make.tenant(), {});
  expect(empty).toEqual({
    edges: [],
    nodes: [],
    totalCount: 0,
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  });
});
