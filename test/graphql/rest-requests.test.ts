/** What the REST door makes of requests: parameters, bodies, conditions, refusals. */
import { describe, expect, it } from 'vitest';
import { readIfMatch } from '#graphql/rest/conditions.ts';
import { widgetDoor } from './widget-door.ts';

const { call, refusals, reads } = widgetDoor();
const entries = async (method: string, target: string, body?: unknown) => {
  const answer = await call(method, target, body === undefined ? {} : { body });
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ code: 'BAD_REQUEST', requestId: 'req_1' });
  return (answer.json as { errors: unknown }).errors;
};

describe('query parameters', () => {
  it('become variables of their types', async () => {
    const answer = await call('GET', '/v1/widgets?first=1&search=x&colours=RED&colours=BLUE');
    expect(answer.status).toBe(200);
    expect((answer.json as { items: unknown[] }).items).toHaveLength(1);
  });

  it('are refused when they are unknown, repeated or of another type', async () => {
    expect(await entries('GET', '/v1/widgets?fisrt=1')).toEqual([
      { parameter: 'fisrt', detail: 'is not a parameter of this route' },
    ]);
    expect(await entries('GET', '/v1/widgets?first=1&first=2')).toEqual([
      { parameter: 'first', detail: 'must be given once' },
    ]);
    expect(await entries('GET', '/v1/widgets?first=1e3&colours=PINK')).toEqual([
      { parameter: 'colours', detail: expect.stringContaining('"PINK"') },
      { parameter: 'first', detail: expect.stringContaining('1e3') },
    ]);
    expect(await entries('GET', '/v1/widgets?first=99999999999')).toHaveLength(1);
    expect(await entries('GET', '/v1/widgets?first=')).toHaveLength(1);
    expect(await entries('POST', '/v1/widgets?dryRun=1', { name: 'w5' })).toHaveLength(1);
    expect(await entries('GET', `/v1/widgets?${'x'.repeat(5_000)}=1`)).toEqual([
      { parameter: `${'x'.repeat(200)}...`, detail: expect.any(String) },
    ]);
  });

  it('that mean nothing acceptable are 400 and named', async () => {
    const answer = await call('GET', '/v1/widgets?first=1000');
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT' } });
    expect(answer.json).toMatchObject({
      errors: [{ parameter: 'first', detail: 'must be between 1 and 100' }],
    });
    expect(await call('GET', '/v1/widgets/x1')).toMatchObject({
      status: 400,
      json: { code: 'INVALID_ID' },
    });
    expect(await call('PATCH', '/v1/widgets/x1')).toMatchObject({
      status: 400,
      json: { code: 'INVALID_INPUT', errors: [{ parameter: 'id', detail: 'must be a widget id' }] },
    });
  });
});

describe('bodies', () => {
  it('must be JSON objects', async () => {
    expect(await entries('POST', '/v1/widgets', [])).toEqual([
      { pointer: '#', detail: 'must be a JSON object' },
    ]);
    expect(await entries('POST', '/v1/widgets', 'text')).toHaveLength(1);
    expect(await entries('POST', '/v1/widgets')).toEqual([
      { pointer: '#/name', detail: 'is required' },
    ]);
  });

  it('hold known fields of the right types, and say of each what is wrong', async () => {
    const body = {
      name: 5,
      colour: 'PINK',
      tags: ['a', null],
      note: null,
      tenantId: 'x',
      'a/b~c%': 1,
    };
    expect(await entries('POST', '/v1/widgets', body)).toEqual([
      { pointer: '#/tenantId', detail: 'is not a field of this body' },
      { pointer: '#/a~1b~0c%25', detail: 'is not a field of this body' },
      { pointer: '#/name', detail: 'String cannot represent a non string value: 5' },
      { pointer: '#/colour', detail: 'Value "PINK" does not exist in "Colour" enum.' },
      { pointer: '#/tags/1', detail: expect.any(String) },
    ]);
    const wrong = { name: 'w', tags: Array.from({ length: 1_000 }, () => 1) };
    expect(await entries('POST', '/v1/widgets', wrong)).toHaveLength(20);
    expect(await entries('POST', '/v1/widgets', { name: null })).toEqual([
      { pointer: '#/name', detail: 'must not be null' },
    ]);
  });

  it('do not repeat the path or the If-Match header', async () => {
    expect(await entries('PATCH', '/v1/widgets/w1', { id: 'w2', version: 3 })).toEqual([
      { pointer: '#/id', detail: 'stands in the path; leave it out of the body' },
      { pointer: '#/version', detail: 'is sent as the If-Match header' },
    ]);
  });

  it('are not taken where there is nothing to say', async () => {
    expect(await entries('DELETE', '/v1/widgets/w2', {})).toEqual([
      { detail: 'DELETE takes no body here' },
    ]);
    expect(await entries('GET', '/v1/widgets', {})).toHaveLength(1);
  });

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/json; charset=utf-7',
    '',
  ])('are not taken as %s', async (type) => {
    const answer = await call('POST', '/v1/widgets', {
      body: { name: 'w7' },
      headers: { 'content-type': type },
    });
    expect(answer).toMatchObject({ status: 415, json: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });

  it('are checked by the domain with the status of its error', async () => {
    const answer = await call('POST', '/v1/widgets', { body: { name: 'w7', tags: ['a', ''] } });
    expect(answer).toMatchObject({ status: 422, json: { code: 'INVALID_INPUT' } });
    expect(answer.json).toMatchObject({
      errors: [{ pointer: '#/tags/1', detail: 'must not be empty' }],
    });
  });
});

describe('conditions', () => {
  it('If-Match lets a change pass only at its version', async () => {
    const patch = (tag: string) =>
      call('PATCH', '/v1/widgets/w1', { body: { name: 'same' }, headers: { 'if-match': tag } });
    expect(await patch('"2"')).toMatchObject({ status: 412, json: { code: 'VERSION_MISMATCH' } });
    expect(await patch('W/"3"')).toMatchObject({ status: 412 });
    expect(await patch('"three"')).toMatchObject({ status: 412 });
    expect(await patch('3')).toMatchObject({
      status: 400,
      json: { errors: [{ header: 'If-Match' }] },
    });
    expect(await patch('"3"')).toMatchObject({ status: 200, headers: { etag: '"4"' } });
    expect(await patch('*')).toMatchObject({ status: 200, headers: { etag: '"5"' } });
    const made = await call('POST', '/v1/widgets', {
      body: { name: 'w8' },
      headers: { 'if-match': '"1"' },
    });
    expect(made.status).toBe(412);
  });

  it('reads entity tags as RFC 9110 writes them', () => {
    expect(readIfMatch('*')).toBeNull();
    expect(readIfMatch(' "7" , W/"8", "x"')).toBe(7);
    expect(() => readIfMatch('"1", "2"')).toThrow('must name one version');
    expect(() => readIfMatch('"99999999999"')).toThrow('was changed');
    expect(() => readIfMatch('"0"')).toThrow('was changed');
    for (const malformed of ['', '"', '"a"b"', 'w/"1"', '"1" "2"', '"a b"'])
      expect(() => readIfMatch(malformed), malformed).toThrow('must be an entity tag');
  });

  it('If-None-Match spares the body of what has not changed', async () => {
    const get = (tag: string) =>
      call('GET', '/v1/widgets/w2', { headers: { 'if-none-match': tag } });
    for (const tag of ['"3"', 'W/"3"', '"1", "3"', '*'])
      expect(await get(tag)).toMatchObject({ status: 304, headers: { etag: '"3"' }, body: null });
    expect((await get('"4"')).status).toBe(200);
  });
});

describe('callers', () => {
  it('who may not do it learn nothing about the input, and a refused command is recorded once', async () => {
    reads.body = 0;
    const body = { nonsense: true };
    const stranger = await call('POST', '/v1/widgets', { body, scopes: ['anonymous'] });
    expect(stranger).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
    expect(stranger.headers['www-authenticate']).toBe('Bearer realm="signet"');
    refusals.length = 0;
    const reader = await call('POST', '/v1/widgets?x=1', { body, scopes: ['widgets:read'] });
    expect(reader).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    expect(refusals).toEqual(['createWidget FORBIDDEN']);
    expect(reads.body).toBe(0);
  });
});
