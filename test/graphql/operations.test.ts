import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { combinedAccess } from '#graphql/document-access.ts';
import { documentHash, loadOperations, type OperationSource } from '#graphql/operations.ts';
import { mergePublished, persistedDocuments } from '#graphql/published-operations.ts';
import { OPERATIONS, SDL, widgetSchema } from './widgets.ts';

const schema = widgetSchema();
const source = (text: string): OperationSource => ({ file: 'toy.operations.graphql', text });
const load = (...texts: string[]) => loadOperations(schema, texts.map(source));

describe('the catalogue of operations', () => {
  const catalogue = load(OPERATIONS);

  it('holds every operation, sorted, with its own minimal and valid document', () => {
    const names = catalogue.operations.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(names).toHaveLength(8);
    for (const operation of catalogue.operations) {
      expect(validate(schema, parse(operation.text))).toEqual([]);
      expect(operation.text).not.toContain('@rest');
      expect(operation.hash).toBe(documentHash(operation.text));
      expect(catalogue.byHash.get(operation.hash)).toBe(operation);
    }
    expect(catalogue.byName.get('GetWidget')?.text).not.toContain('Problem');
  });

  it('knows the route, the summary, the scopes and the command', () => {
    expect(catalogue.byName.get('UpdateWidget')).toMatchObject({
      kind: 'mutation',
      summary: 'Changes a widget.',
      scopes: ['widgets:read', 'widgets:write'],
      command: 'updateWidget',
      rest: {
        method: 'PATCH',
        path: '/v1/widgets/{id}',
        tag: 'widgets',
        status: 200,
        ifMatch: 'version',
      },
    });
    expect(catalogue.byName.get('Fault')?.access).toBe('public');
  });

  it('does not depend on the order of its sources', () => {
    const [fragment = '', ...operations] = OPERATIONS.split(/(?=query GetWidget)/);
    const turned = load(operations.join(''), fragment);
    expect([...turned.byHash.keys()].sort()).toEqual([...catalogue.byHash.keys()].sort());
  });

  it.each([
    ['query { widget(id: 1) { id } }', 'must be named'],
    ['query getWidget { widget(id: 1) { id } }', 'PascalCase'],
    ['query A { widget(id: 1) { id } a: widget(id: 2) { id } }', 'exactly one root field'],
    [
      'query A { widget(id: 1) { id } } query A { widget(id: 2) { id } }',
      'only one operation named "A"',
    ],
    ['query A { widget(id: 1) { colours } }', 'Cannot query field "colours"'],
    ['query A @rest(path: "/v1/a", tag: "a") { widget(id: 1) { id } }', 'argument "method"'],
    ['query A { widget(id: 1) { ', 'Syntax Error'],
  ])('refuses %s', (text, complaint) => {
    expect(() => load(text)).toThrow(complaint);
    expect(() => load(text)).toThrow('toy.operations.graphql:1');
  });
});

describe('what a document demands', () => {
  it('is what all its demands ask for together', () => {
    const or = { scopes: [['a'], ['b']] };
    expect(combinedAccess(['public'])).toBe('public');
    expect(combinedAccess(['public', 'authenticated'])).toBe('authenticated');
    expect(
      combinedAccess([{ scopes: [['a']] }, 'authenticated', { scopes: [['b', 'a']] }]),
    ).toEqual({ scopes: [['a', 'b']] });
    expect(combinedAccess([or, { scopes: [['a']] }])).toEqual({ scopes: [['a']] });
    expect(combinedAccess([or, { scopes: [['c'], ['d']] }])).toEqual({
      scopes: [
        ['a', 'c'],
        ['a', 'd'],
        ['b', 'c'],
        ['b', 'd'],
      ],
    });
  });
});

describe('published operations', () => {
  const old = load('query GetWidget($id: ID!) { widget(id: $id) { id } }');
  const now = load('query GetWidget($id: ID!) { widget(id: $id) { id name } }');
  const [oldHash = ''] = old.byHash.keys();
  const [newHash = ''] = now.byHash.keys();
  const published = mergePublished(mergePublished({ Gone: [] }, old), now);

  it('keep every hash, the newest first', () => {
    expect(Object.keys(published)).toEqual(['GetWidget', 'Gone'].sort());
    expect(published['GetWidget']?.map(({ hash }) => hash)).toEqual([newHash, oldHash]);
    expect(mergePublished(published, now)).toEqual(published);
    expect(mergePublished(published, old)['GetWidget']?.[0]?.hash).toBe(oldHash);
  });

  it('are found by their hash, old ones too', () => {
    const documents = persistedDocuments(schema, now, published);
    expect([...documents.keys()].sort()).toEqual([oldHash, newHash].sort());
    expect(documents.get(oldHash)?.name).toBe('GetWidget');
  });

  it('must go on validating, and be the text of their hash', () => {
    const without = buildSchema(SDL.replace('name: String!  colour: Colour!', 'colour: Colour!'));
    const empty = loadOperations(without, []);
    expect(() => persistedDocuments(without, empty, published)).toThrow(
      `GetWidget ${newHash}: Cannot query field "name"`,
    );
    const forged = { GetWidget: [{ hash: newHash, document: '{ widgets { totalCount } }' }] };
    expect(() => persistedDocuments(schema, old, forged)).toThrow('not the one of this hash');
  });
});
