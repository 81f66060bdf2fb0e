/** The package as others build upon it: what the compiler refuses, and what a bundler keeps. */
import { readFileSync } from 'node:fs';
import { rolldown } from 'rolldown';
import { describe, expect, test } from 'vitest';
import { installPackage } from './installed-package.ts';

const installed = await installPackage();
const published = JSON.parse(
  readFileSync(new URL('../../schema/operations.json', import.meta.url), 'utf8'),
) as Record<string, { hash: string }[]>;

describe('types', () => {
  test.each(['nodenext', 'preserve'] as const)('hold with module %s', async (module) => {
    installed.write('types.ts', TYPES);
    expect(await installed.typecheck(module)).toBe('');
  });
});

describe('a bundle', () => {
  const program = (names: string) =>
    `import { ${names} } from '@signet/sdk';\nglobalThis.kept = [${names}];\n`;

  test('holds the operations that are imported, and no other', async () => {
    const code = await bundle(program('createClient, createUser'));
    const held = Object.keys(published).filter((name) =>
      code.includes(published[name]?.[0]?.hash ?? name),
    );
    expect(held).toEqual(['CreateUser']);
    expect(classesOf(code)).toEqual([
      'EmailTakenError',
      'InvalidInputError',
      'RequestError',
      'SignetError',
    ]);
    expect(code).not.toContain('paginate');
    expect(code).not.toContain('BroadcastChannel');
  });

  test('holds what watches a session where that is imported', async () => {
    const code = await bundle(program('watchSession'));
    expect(code).toContain(published['GetSessionTimes']?.[0]?.hash);
    expect(code).toContain('BroadcastChannel');
  });

  test('of the client alone holds no operation', async () => {
    const code = await bundle(program('createClient'));
    expect(
      Object.values(published).filter(([newest]) => code.includes(newest?.hash ?? '')),
    ).toEqual([]);
    expect(classesOf(code)).toEqual(['RequestError', 'SignetError']);
  });

  test.each([
    ['oidc', 'createOidcClient', 'sessionStorage', 'SameSite=Lax'],
    ['oidc', 'createServiceTokens', 'client_credentials', 'sessionStorage'],
    ['server', 'nodeGuard', 'no guard of', 'jwks_uri'],
    ['server', 'createVerifier', 'jwks_uri', 'no guard of'],
  ])('of @signet/sdk/%s with %s alone holds what it needs', async (entry, name, held, left) => {
    const code = await bundle(
      `import { ${name} } from '@signet/sdk/${entry}';\nglobalThis.kept = ${name};\n`,
    );
    expect(code).not.toMatch(/^import\b|\brequire\(|node:/m);
    expect([code.includes(held), code.includes(left)]).toEqual([true, false]);
    expect(code).not.toContain('persistedQuery');
  });

  test('imports nothing but itself, and nothing of Node', async () => {
    const code = await bundle("export * from '@signet/sdk';\n");
    expect(code).not.toMatch(/\bimport\b|\brequire\b|\bprocess\b|\bBuffer\b/);
    for (const [newest] of Object.values(published)) expect(code).toContain(newest?.hash);
  });
});

function classesOf(code: string): string[] {
  return [...code.matchAll(/(\w+Error) = class\b/g)].map(([, name]) => name ?? '').sort();
}

async function bundle(text: string): Promise<string> {
  const build = await rolldown({
    input: installed.write('entry.js', text),
    cwd: installed.folder,
    platform: 'browser',
  });
  const { output } = await build.generate({ format: 'esm', comments: false });
  await build.close();
  return output[0].code;
}

const TYPES = `
import {
  type Client, createClient, createUser, deleteUser, getOwnTenant, getUser, type Group, InvalidInputError,
  isSignetError, listGroupMembers, listUsers, paginate, SignetError, TypedDocumentString, type User,
} from '@signet/sdk';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_equal: Same<A, B>): void {}

export async function program(client: Client) {
  const { user } = await createUser(client, { input: { email: 'a@example.com' } });
  same<typeof user, User>(true);
  same<typeof user.status, 'ACTIVE' | 'SUSPENDED'>(true);
  same<Awaited<ReturnType<typeof deleteUser>>, { deletedId: string }>(true);
  same<Awaited<ReturnType<typeof getUser>>, User | null>(true);
  same<NonNullable<Awaited<ReturnType<typeof listGroupMembers>>>['nodes'], User[]>(true);
  for await (const one of paginate(client, listUsers, { status: 'ACTIVE' }, { pageSize: 50 })) same<typeof one, User>(true);
  for await (const one of paginate(client, listGroupMembers, { id: 'group_1' })) same<typeof one, User>(true);
  await listUsers(client);
  await getOwnTenant(client);

  const result = await createUser.result(client, { input: { email: 'a@example.com' } });
  if (result.__typename === 'CreateUserSuccess') same<typeof result.user, User>(true);
  else if (result.code === 'INVALID_INPUT') same<typeof result.fields, { path: string; message: string }[]>(true);
  else same<typeof result.code, 'EMAIL_TAKEN'>(true);

  const error: unknown = null;
  if (error instanceof InvalidInputError) same<typeof error.fields[number]['path'], string>(true);
  if (isSignetError(error, 'EMAIL_TAKEN')) same<typeof error, SignetError<'EMAIL_TAKEN'>>(true);

  const own = new TypedDocumentString<{ n: number }, { a: string }>('query');
  same<Awaited<ReturnType<typeof client.request<{ n: number }, { a: string }>>>, { n: number }>(true);
  await client.request(own, { a: 'x' });

  // @ts-expect-error variables are missing
  await createUser(client);
  // @ts-expect-error a required field is missing
  await createUser(client, { input: {} });
  // @ts-expect-error an unknown variable
  await listUsers(client, { first: 1, mail: 'x' });
  // @ts-expect-error an unknown input field
  await createUser(client, { input: { email: 'a@example.com', mail: 'x' } });
  // @ts-expect-error a value that the enum lacks
  await listUsers(client, { status: 'GONE' });
  // @ts-expect-error a field that is not selected
  user.groups;
  // @ts-expect-error the walk sets first itself
  paginate(client, listUsers, { first: 5 });
  // @ts-expect-error what is not a list cannot be walked
  paginate(client, getUser, { id: 'user_1' });
  // @ts-expect-error a variable of the wrong type
  await client.request(own, { a: 1 });
  // @ts-expect-error a group is not a user
  same<Group, User>(true);
}

createClient({ url: 'https://id.example.com' });
createClient({ url: 'https://id.example.com', session: true, tenant: 'acme' });
// @ts-expect-error one of them, not both
createClient({ url: 'https://id.example.com', apiKey: 'a', token: 'b' });
// @ts-expect-error nor these
createClient({ url: 'https://id.example.com', apiKey: 'a', session: true });
// @ts-expect-error true, or left out
createClient({ url: 'https://id.example.com', session: false });
// @ts-expect-error what is named must be there
createClient({ url: 'https://id.example.com', apiKey: undefined });
`;
