/** Which routes there are, and which declarations of them fail the start. */
import { describe, expect, it } from 'vitest';
import { loadOperations } from '#graphql/operations.ts';
import { restDoor } from '#graphql/rest/door.ts';
import { widgetDoor } from './widget-door.ts';
import { ERRORS, widgetSchema } from './widgets.ts';

const { call } = widgetDoor();

describe('paths', () => {
  it.each([
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v1/widgets/',
    '/v1//widgets',
    '/v1/Widgets',
    '/V1/widgets',
    '/v1/widgets/w1/',
    '/v1/widgets//parts',
    '/v1/widgets/%77%31',
    '/v1/widgets/w1%2fparts',
    '/v1/widgets/../widgets',
    '/v1/widgets/w1/parts/p1',
    '/internal/v1/widgets',
    '/v1/everything',
    '/v1/constructor',
  ])('knows no %s', async (path) => {
    const answer = await call('GET', path);
    expect([answer.status, answer.headers['content-type']]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
    expect(answer.json).toMatchObject({
      code: 'NOT_FOUND',
      status: 404,
      type: 'urn:signet:error:NOT_FOUND',
      title: 'Not found',
    });
  });

  it('says which verbs a route takes', async () => {
    const answer = await call('PUT', '/v1/widgets/w1');
    expect([answer.status, answer.headers['allow']]).toEqual([
      405,
      'DELETE, GET, HEAD, OPTIONS, PATCH',
    ]);
    expect(answer.json).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    expect(await call('OPTIONS', '/v1/widgets')).toMatchObject({
      status: 204,
      headers: { allow: 'GET, HEAD, OPTIONS, POST' },
    });
    expect((await call('HEAD', '/v1/nothing')).status).toBe(404);
  });

  it('are served by the platform door too, beside its own', async () => {
    const platform = widgetDoor('/internal/v1');
    expect((await platform.call('GET', '/internal/v1/widgets/w1')).status).toBe(200);
    expect((await platform.call('GET', '/internal/v1/everything')).status).toBe(200);
    expect((await platform.call('GET', '/v1/widgets/w1')).status).toBe(404);
    const made = await platform.call('POST', '/internal/v1/widgets', { body: { name: 'w9' } });
    expect(made.headers['location']).toBe('/internal/v1/widgets/w9');
  });
});

describe('routes that cannot be served fail the start', () => {
  const schema = widgetSchema();
  const read = 'widget(id: $id) { id }';
  it.each([
    [
      `query A($id: ID!) @rest(method: GET, path: "/v2/a/{id}", tag: "a") { ${read} }`,
      'must look like /v1',
    ],
    [
      `query A($id: ID!) @rest(method: GET, path: "/v1/a/{wid}", tag: "a") { ${read} }`,
      'wid is neither',
    ],
    [
      `query A($id: ID!) @rest(method: POST, path: "/v1/a/{id}", tag: "a") { ${read} }`,
      'a query must be a GET',
    ],
    [
      `query A($id: ID!) @rest(method: GET, path: "/v1/a/{id}", tag: "a", etag: "version") { ${read} }`,
      'the answer has no version',
    ],
    [
      'query A($f: WidgetFilter) @rest(method: GET, path: "/v1/a", tag: "a") { widgets(filter: $f) { nodes { id } pageInfo { hasNextPage endCursor } } }',
      'flat variables',
    ],
    [
      'query A @rest(method: GET, path: "/v1/a", tag: "a") { widgets { nodes { id } } }',
      'select nodes and pageInfo',
    ],
    [
      'query A($id: ID!, $x: Boolean!) @rest(method: GET, path: "/v1/a/{id}", tag: "a") { widget(id: $id) { id name @include(if: $x) } }',
      '@include',
    ],
    [
      'mutation A($input: UpdateWidgetInput!) @rest(method: DELETE, path: "/v1/a", tag: "a") { updateWidget(input: $input) { ...Problem } }',
      'fills id',
    ],
    [
      'mutation A($input: UpdateWidgetInput!) @rest(method: PATCH, path: "/v1/a/{id}", tag: "a") { updateWidget(input: $input) { ... on UpdateWidgetSuccess { widget { id } } } }',
      'select ...Problem',
    ],
  ])('%s', (text, complaint) => {
    const catalogue = loadOperations(schema, [{ file: 'a', text }]);
    expect(() => restDoor(catalogue, schema, '/v1', { errors: ERRORS })).toThrow(complaint);
  });

  it('and so do two with the same verb and path', () => {
    const one = (name: string, id: string) =>
      `query ${name}($${id}: ID!) @rest(method: GET, path: "/v1/a/{${id}}", tag: "a") { widget(id: $${id}) { id } }`;
    const catalogue = loadOperations(schema, [
      { file: 'a', text: one('A', 'id') + one('B', 'other') },
    ]);
    expect(() => restDoor(catalogue, schema, '/v1', { errors: ERRORS })).toThrow(
      'have the same route',
    );
  });
});
