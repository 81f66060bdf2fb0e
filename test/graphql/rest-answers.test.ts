/** What the REST door makes of results: resources, lists, problems. */
import { describe, expect, it } from 'vitest';
import { errorStatuses } from '#graphql/rest/error-statuses.ts';
import { DomainError } from '#kernel/errors.ts';
import { widgetDoor } from './widget-door.ts';

describe('answers', () => {
  it('are the resource itself', async () => {
    const { call } = widgetDoor();
    const answer = await call('GET', '/v1/widgets/w1');
    expect(answer).toMatchObject({ status: 200, operation: 'GetWidget', headers: { etag: '"3"' } });
    expect(answer.json).toEqual({ id: 'w1', name: 'w1', colour: 'RED', shade: null, version: 3 });
  });

  it('to HEAD are those to GET without the body', async () => {
    const { call } = widgetDoor();
    const get = await call('GET', '/v1/widgets/w1');
    const head = await call('HEAD', '/v1/widgets/w1');
    expect(head).toMatchObject({ status: 200, body: null });
    expect(head.headers).toEqual({ ...get.headers, 'content-length': String(get.body?.length) });
  });

  it('are the object inside the success envelope, with what stands beside it', async () => {
    const { call } = widgetDoor();
    const made = await call('POST', '/v1/widgets', { body: { name: 'w3', colour: 'BLUE' } });
    expect([made.status, made.headers['location']]).toEqual([201, '/v1/widgets/w3']);
    expect(made.json).toEqual({
      id: 'w3',
      name: 'w3',
      colour: 'BLUE',
      shade: null,
      version: 1,
      secret: 'once',
    });
    const changed = await call('PATCH', '/v1/widgets/w3', { body: { name: 'w-three' } });
    expect(changed).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      json: { name: 'w-three', version: 2 },
    });
    expect(await call('DELETE', '/v1/widgets/w3')).toMatchObject({ status: 204, body: null });
    expect((await call('GET', '/v1/widgets/w3')).status).toBe(404);
  });

  it('of lists are items with the way on', async () => {
    const { call } = widgetDoor();
    const page = await call('GET', '/v1/widgets?first=1&search=a%26b&before=w9');
    expect(page.json).toMatchObject({ items: [{ id: 'w1' }], nextCursor: 'w1', totalCount: 2 });
    expect(page.headers['link']).toBe('</v1/widgets?first=1&search=a%26b&after=w1>; rel="next"');
    const backwards = await call('GET', '/v1/widgets?last=2&before=w9');
    expect(backwards.json).toMatchObject({ nextCursor: null });
    expect(backwards.headers).not.toHaveProperty('link');
    const parts = await call('GET', '/v1/widgets/w1/parts');
    expect(parts.json).toEqual({ items: [{ id: 'p1' }], nextCursor: null });
  });
});

describe('problems', () => {
  it('a missing object is 404, wherever it was looked for', async () => {
    const { call } = widgetDoor();
    const missing = await call('GET', '/v1/widgets/w404');
    expect(missing).toMatchObject({
      status: 404,
      json: { code: 'NOT_FOUND', detail: 'Widget not found' },
    });
    expect((await call('GET', '/v1/widgets/w404/parts')).json).toEqual(missing.json);
    expect(await call('PATCH', '/v1/widgets/w404')).toMatchObject({
      status: 404,
      json: { code: 'WIDGET_GONE' },
    });
  });

  it('have the status of the error that the union names', async () => {
    const { call } = widgetDoor();
    const taken = await call('POST', '/v1/widgets', { body: { name: 'w1' } });
    expect(taken.status).toBe(409);
    expect(taken.json).toEqual({
      type: 'urn:signet:error:WIDGET_TAKEN',
      title: 'Widget taken',
      status: 409,
      detail: 'Another widget has this name',
      code: 'WIDGET_TAKEN',
      requestId: 'req_1',
    });
  });

  it('say when to come back', async () => {
    const answer = await widgetDoor().call('GET', '/v1/faults/limited');
    expect(answer).toMatchObject({ status: 429, json: { code: 'RATE_LIMITED', retryAfter: 7 } });
    expect(answer.headers['retry-after']).toBe('7');
    expect(await widgetDoor().call('GET', '/v1/faults/missing')).toMatchObject({ status: 404 });
  });

  it('hide what is our fault, and log it', async () => {
    const { call, logged } = widgetDoor();
    for (const kind of ['unexpected', 'undeclared']) {
      const answer = await call('GET', `/v1/faults/${kind}`);
      expect(answer).toMatchObject({ status: 500, json: { code: 'INTERNAL', requestId: 'req_1' } });
      expect(answer.body).not.toMatch(/hunter2|odd secret|ODD/);
    }
    expect(logged).toHaveLength(2);
  });

  it('hide a failure of the door itself', async () => {
    const { call, logged } = widgetDoor();
    const headers = { 'content-type': 'application/json', 'content-length': '1' };
    const answer = await call('POST', '/v1/widgets', { headers });
    expect(answer).toMatchObject({ status: 500, json: { code: 'INTERNAL' } });
    expect(answer.body).not.toContain('JSON');
    expect(logged).toHaveLength(1);
  });
});

describe('statuses', () => {
  it('come from the error classes, and one code has one status', () => {
    expect(errorStatuses().get('VERSION_MISMATCH')).toBe(412);
    expect(errorStatuses().get('INTERNAL')).toBe(500);
    class Gone extends DomainError {
      static override readonly code: string = 'GONE';
      static override readonly status: number = 410;
    }
    class Away extends Gone {
      static override readonly status = 404;
    }
    expect(() => errorStatuses([Gone, Away])).toThrow(
      'GONE is declared with the statuses 410 and 404',
    );
  });
});
