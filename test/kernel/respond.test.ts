import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Forbidden, InvalidInput, NotFound, RateLimited, Unauthenticated } from '#kernel/errors.ts';
import { corsRules } from '#kernel/http/cors.ts';
import { type Responder, responder } from '#kernel/http/respond.ts';

async function answerOf(
  handler: http.RequestListener,
  init: RequestInit = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const server = http.createServer(handler);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`, init);
  const text = await answer.text();
  server.close();
  server.closeAllConnections();
  return { status: answer.status, headers: answer.headers, text };
}

const plain = responder({ publicUrl: 'http://localhost:4000' });
const secure = responder({ publicUrl: 'https://id.example.com' });

const KINDS: [string, (by: Responder) => http.RequestListener][] = [
  ['json', (by) => (_, response) => by.json(response, 200, { name: 'Zoë' })],
  ['problem', (by) => (_, response) => by.problem(response, new NotFound('User'), 'req_1')],
  ['html', (by) => (_, response) => by.html(response, 200, '<p>hi')],
  ['text', (by) => (_, response) => by.text(response, 200, 'hi')],
  ['empty', (by) => (_, response) => by.empty(response, 204)],
];

test.each(KINDS)('H04 C11 every answer carries the security headers: %s', async (_, handler) => {
  const { headers } = await answerOf(handler(secure));
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000/);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('server')).toBeNull();
  expect(headers.get('x-powered-by')).toBeNull();
});

test('H04 HSTS is promised only where PUBLIC_URL is https; pages have an opener policy', async () => {
  const { headers } = await answerOf((_, response) => plain.html(response, 200, '<p>'));
  expect(headers.get('strict-transport-security')).toBeNull();
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
});

test('headers of the caller come last', async () => {
  const headers = { 'cache-control': 'public, max-age=60', link: ['<a>', '<b>'] };
  const answer = await answerOf((_, response) => plain.json(response, 201, [1], headers));
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toBe('public, max-age=60');
  expect(answer.headers.get('link')).toBe('<a>, <b>');
});

test('a failure is a problem document with its code and request id', async () => {
  const failure = new InvalidInput([{ path: 'email', message: 'must be an e-mail address' }]);
  const { status, headers, text } = await answerOf((_, response) =>
    plain.problem(response, failure, 'req_7'),
  );
  expect(status).toBe(422);
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(headers.get('x-request-id')).toBe('req_7');
  expect(JSON.parse(text)).toEqual({
    type: 'urn:signet:error:INVALID_INPUT',
    title: 'Invalid input',
    status: 422,
    detail: 'The input is not acceptable: email must be an e-mail address',
    code: 'INVALID_INPUT',
    requestId: 'req_7',
    fields: [{ path: 'email', message: 'must be an e-mail address' }],
  });
});

test('H09 what is not ours to tell is INTERNAL, whatever it says', async () => {
  const failure = new Error('relation "users" does not exist at /srv/db.ts:12');
  const { status, text } = await answerOf((_, response) =>
    plain.problem(response, failure, 'req_7'),
  );
  expect(status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ code: 'INTERNAL', requestId: 'req_7' });
  expect(text).not.toContain('users');
});

test('401 says how, 429 says when', async () => {
  const unknown = await answerOf((_, response) =>
    plain.problem(response, new Unauthenticated(), 'req_1'),
  );
  expect(unknown.headers.get('www-authenticate')).toBe('Bearer realm="signet"');
  const often = await answerOf((_, response) =>
    plain.problem(response, new RateLimited({ retryAfter: 7 }), 'req_1'),
  );
  expect([often.status, often.headers.get('retry-after')]).toEqual([429, '7']);
  const no = await answerOf((_, response) => plain.problem(response, new Forbidden('no'), 'req_1'));
  expect(no.headers.get('www-authenticate')).toBeNull();
});

const cors = corsRules(['https://app.example.com']);
const shared: http.RequestListener = (request, response) => {
  const preflight = cors.preflight(request);
  if (preflight) plain.empty(response, 204, preflight);
  else plain.json(response, 200, {}, cors.headers(request));
};

test('H01 a known origin may read, any other gets no Access-Control header', async () => {
  const known = await answerOf(shared, { headers: { origin: 'https://app.example.com' } });
  expect(known.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  for (const origin of [
    'https://evil.example',
    'https://app.example.com.evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'HTTPS://APP.EXAMPLE.COM',
    'null',
  ]) {
    const { headers } = await answerOf(shared, { headers: { origin } });
    expect(headers.get('vary')).toBe('Origin');
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});

test('H01 a preflight is answered for known origins, and never allows credentials', async () => {
  const ask = (origin: string) =>
    answerOf(shared, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PATCH' },
    });
  const known = await ask('https://app.example.com');
  expect(known.status).toBe(204);
  expect(known.headers.get('access-control-allow-methods')).toContain('PATCH');
  expect(known.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
  expect(known.headers.get('access-control-allow-credentials')).toBeNull();
  const stranger = await ask('https://evil.example');
  expect(stranger.headers.get('access-control-allow-methods')).toBeNull();
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
});
