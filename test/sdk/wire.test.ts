/** What the SDK sends and how it takes trouble, at a fetch that answers as it is told. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type ClientOptions,
  createUser,
  getUser,
  isSignetError,
  RequestError,
} from '../../sdk/generated/sdk.ts';
import { clientOf, failure, json, lost, SECRET, settle, VARIABLES } from './told-fetch.ts';

const user = { id: 'user_1', email: 'ada@example.com' };
const created = () => json({ data: { createUser: { user } } });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a call', () => {
  test('sends the hash alone, and a key for a write', async () => {
    const { client, sent } = clientOf([created(), json({ data: { user: null } })]);
    expect(await createUser(client, VARIABLES)).toEqual({ user });
    expect(await getUser(client, { id: 'user_1' })).toBeNull();
    const [write, read] = sent;
    expect(write?.url).toBe('https://id.example.com/graphql');
    expect(write?.headers.get('authorization')).toBe(`Bearer ${SECRET}`);
    expect(write?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
    expect(write?.body).toEqual({
      extensions: { persistedQuery: { version: 1, sha256Hash: createUser.operation.hash } },
      variables: VARIABLES,
    });
    expect(read?.headers.get('idempotency-key')).toBeNull();
  });

  test('sends the document to a server that lacks the hash, and remembers', async () => {
    const missing = failure('PERSISTED_QUERY_NOT_FOUND', 400);
    const { client, sent } = clientOf([missing, created(), created()]);
    await createUser(client, VARIABLES);
    await createUser(client, VARIABLES);
    const { text } = createUser.operation;
    expect(sent.map(({ body }) => body['query'])).toEqual([undefined, text, text]);
    const keys = sent.map(({ headers }) => headers.get('idempotency-key'));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[1]).not.toBe(keys[2]);
  });

  test('asks for a token before each attempt', async () => {
    const tokens = ['first', 'second'];
    const { client, sent } = clientOf([lost(), created()], {
      apiKey: undefined,
      token: () => tokens.shift() ?? 'none',
    } as Partial<ClientOptions>);
    await settle(createUser(client, VARIABLES));
    const seen = sent.map(({ headers }) => headers.get('authorization'));
    expect(seen).toEqual(['Bearer first', 'Bearer second']);
  });

  test('names the tenant that a platform caller chose', async () => {
    const { client, sent } = clientOf([created()], { tenant: 'tenant_1' });
    await createUser(client, VARIABLES);
    expect(sent[0]?.headers.get('x-tenant-id')).toBe('tenant_1');
  });
});

describe('trouble that passes', () => {
  test.each([
    ['the answer says when', failure('RATE_LIMITED', 429, { retryAfter: 7 }), 7_000],
    ['a header says when', json({}, 503, { 'retry-after': '3' }), 3_000],
    ['an error of the operation says when', failure('UNAVAILABLE', 200, { retryAfter: 2 }), 2_000],
  ])('is waited for: %s', async (_what, reply, delay) => {
    const { client, sent } = clientOf([reply, created()]);
    const { value, waited } = await settle(createUser(client, VARIABLES));
    expect(value).toEqual({ user });
    expect(waited).toBe(delay);
    expect(new Set(sent.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
  });

  test('is waited for longer and longer while the server is away', async () => {
    const { client, sent } = clientOf([
      lost(),
      lost(),
      new Response('<html>', { status: 502 }),
      created(),
    ]);
    const { value, waited } = await settle(createUser(client, VARIABLES));
    expect(value).toEqual({ user });
    expect(sent).toHaveLength(4);
    expect(waited).toBeGreaterThanOrEqual((250 + 500 + 1000) / 2);
    expect(waited).toBeLessThanOrEqual(250 + 500 + 1000);
  });

  test('a connection lost within the answer is one of them', async () => {
    const half = new ReadableStream({
      pull: (controller) => controller.error(new TypeError('terminated')),
    });
    const { client } = clientOf([new Response(half), created()]);
    expect((await settle(createUser(client, VARIABLES))).value).toEqual({ user });
  });

  test('ends with the last error when attempts run out', async () => {
    const { client, sent } = clientOf([lost(), lost(), lost()], { retry: { attempts: 2 } });
    const { value } = await settle(createUser(client, VARIABLES));
    expect(value).toMatchObject({ code: 'NETWORK_ERROR', status: 0, requestId: null });
    expect(sent).toHaveLength(2);
  });

  test('is not waited for when the server asks for more than allowed', async () => {
    const reply = failure('RATE_LIMITED', 429, { retryAfter: 60 });
    const { client, sent } = clientOf([reply], { retry: { maxDelay: 59_999 } });
    const { value } = await settle(createUser(client, VARIABLES));
    expect(value).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 60, requestId: 'r-1' });
    expect(sent).toHaveLength(1);
  });

  test('an abort ends the wait', async () => {
    const { client, sent } = clientOf([lost(), created()]);
    const controller = new AbortController();
    const call = createUser(client, VARIABLES, { signal: controller.signal });
    const refused = expect(call).rejects.toThrow('no longer wanted');
    while (sent.length === 0) await vi.advanceTimersByTimeAsync(0);
    controller.abort(new Error('no longer wanted'));
    await refused;
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
  });

  test('an abort ends an attempt', async () => {
    const hangs = (signal: AbortSignal | null | undefined) =>
      new Promise<Response>((_, reject) => {
        signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
    const { client } = clientOf([hangs]);
    const controller = new AbortController();
    const refused = expect(
      getUser(client, { id: 'user_1' }, { signal: controller.signal }),
    ).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(0);
    controller.abort(new Error('too late'));
    await refused;
  });
});

describe('trouble that does not pass', () => {
  test.each([
    ['FORBIDDEN', failure('FORBIDDEN', 400)],
    ['BAD_RESPONSE', new Response('<html>', { status: 200 })],
    [
      'BAD_RESPONSE',
      new Response(null, { status: 301, headers: { location: 'https://b.example' } }),
    ],
    ['BAD_RESPONSE', json({ data: null })],
  ])('is thrown at once: %s', async (code, reply) => {
    const { client, sent } = clientOf([reply]);
    const { value } = await settle(getUser(client, { id: 'user_1' }));
    expect(value).toBeInstanceOf(RequestError);
    expect(value).toMatchObject({ code });
    expect(sent).toHaveLength(1);
  });

  test('half an answer is an error', async () => {
    const errors = [{ message: 'no', path: ['user'], extensions: { code: 'INTERNAL' } }];
    const { client } = clientOf([json({ data: { user: null }, errors })]);
    const { value } = await settle(getUser(client, { id: 'user_1' }));
    expect(value).toMatchObject({ code: 'INTERNAL', errors });
  });

  test('an error that this version does not know keeps its code', async () => {
    const quota = {
      __typename: 'QuotaExceededError',
      code: 'QUOTA_EXCEEDED',
      message: 'Full',
      quota: 3,
    };
    const { client } = clientOf([json({ data: { createUser: quota } })]);
    const { value } = await settle(createUser(client, VARIABLES));
    expect(isSignetError(value, 'QUOTA_EXCEEDED')).toBe(true);
    expect(value).toMatchObject({ name: 'QuotaExceededError', message: 'Full', quota: 3 });
  });
});
