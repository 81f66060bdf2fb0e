/** The SDK's version follows the contract. */
import { describe, expect, test } from 'vitest';
import { nextVersion, requiredBump } from '../../sdk/release/required-bump.ts';

const operations = { ListUsers: [{ hash: 'a' }] };

function sdl(field: string, rest = ''): string {
  return `
    directive @authenticated on FIELD_DEFINITION
    directive @requiresScopes(scopes: [[Scope!]!]!) on FIELD_DEFINITION
    scalar Scope
    enum Color { RED GREEN }
    input Filter { name: String }
    type Query { ${field} color: Color users(filter: Filter): Int }
    ${rest}`;
}

const base = sdl('name: String @requiresScopes(scopes: [["a:read"], ["b:read", "c:read"]])');

async function bumpTo(after: string, next: object = operations): Promise<string> {
  const verdict = await requiredBump(
    { sdl: base, operations },
    { sdl: after, operations: next as typeof operations },
  );
  return verdict.bump;
}

describe('the schema', () => {
  test.each([
    ['none', base],
    ['patch', base.replace('name: String @', '"the name" name: String @')],
    ['minor', `${base} type New { id: ID }`],
    ['minor', base.replace('RED GREEN', 'RED GREEN BLUE')],
    ['minor', base.replace('name: String }', 'name: String age: Int }')],
    ['major', base.replace('RED GREEN', 'RED')],
    ['major', base.replace('color: Color', '')],
    ['major', base.replace('name: String }', 'name: String! }')],
  ])('%s', async (bump, after) => {
    expect(await bumpTo(after)).toBe(bump);
  });
});

describe('who may call', () => {
  const withScopes = (scopes: string) => sdl(`name: String @requiresScopes(scopes: ${scopes})`);
  test.each([
    ['major', 'the requirement is removed', sdl('name: String')],
    ['major', 'signing in is all that is left of it', sdl('name: String @authenticated')],
    ['major', 'an alternative is removed', withScopes('[["a:read"]]')],
    [
      'major',
      'an alternative asks for more',
      withScopes('[["a:read"], ["b:read", "c:read", "d:read"]]'),
    ],
    [
      'minor',
      'an alternative is added',
      withScopes('[["a:read"], ["b:read", "c:read"], ["d:read"]]'),
    ],
    ['minor', 'an alternative asks for less', withScopes('[["a:read"], ["b:read"]]')],
    ['minor', 'their order changes', withScopes('[["b:read", "c:read"], ["a:read"]]')],
  ])('%s when %s', async (bump, _what, after) => {
    expect(await bumpTo(after)).toBe(bump);
  });

  test('major when an open field starts to require scopes', async () => {
    const open = { sdl: sdl('name: String'), operations };
    expect((await requiredBump(open, { sdl: base, operations })).bump).toBe('major');
  });
});

describe('operations', () => {
  test('removed or changed is major, added is minor', async () => {
    expect(await bumpTo(base, {})).toBe('major');
    expect(await bumpTo(base, { ListUsers: [{ hash: 'b' }, { hash: 'a' }] })).toBe('major');
    expect(await bumpTo(base, { ...operations, GetUser: [{ hash: 'c' }] })).toBe('minor');
  });
});

test('the next version', () => {
  expect(
    ['none', 'patch', 'minor', 'major'].map((bump) => nextVersion('1.2.3', bump as 'none')),
  ).toEqual(['1.2.3', '1.2.4', '1.3.0', '2.0.0']);
});
