import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseJson } from '#kernel/http/json-text.ts';
import { parseMediaType } from '#kernel/http/media-type.ts';
import { type JsonBody, readJson } from '#kernel/http/read-body.ts';
import { type Problem, responder } from '#kernel/http/respond.ts';

let options: JsonBody = {};
let port = 0;
const respond = responder({ publicUrl: 'http://localhost' });
const server = http.createServer((request, response) => {
  readJson(request, options).then(
    (value) => respond.json(response, 200, { value: value ?? 'nothing' }),
    (error: unknown) => respond.problem(response, error, 'req_1'),
  );
});

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

interface Answer extends Partial<Problem> {
  httpStatus: number;
  value?: unknown;
}

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  use: JsonBody = {},
): Promise<Answer> {
  options = use;
  const all = { 'content-type': 'application/json', ...headers };
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers: all });
  return { httpStatus: answer.status, ...((await answer.json()) as Partial<Problem>) };
}

test('a JSON body is read, and UTF-8 is understood', async () => {
  expect(await post('{"name":"Zoë 🦄","list":[1,{"a":null}]}')).toEqual({
    httpStatus: 200,
    value: { name: 'Zoë 🦄', list: [1, { a: null }] },
  });
  const spelled = { 'content-type': 'Application/JSON ; Charset="UTF-8"' };
  expect((await post('{}', spelled)).httpStatus).toBe(200);
});

test.each([
  ['application/json; charset=utf-7'],
  ['application/json; charset=ibm-1047'],
  ['application/json; charset=utf-16'],
  ['application/json; charset=utf-8; charset=utf-7'],
  ['application/json, text/plain'],
  ['application/x-www-form-urlencoded'],
  ['multipart/form-data; boundary=x'],
  ['text/plain'],
  ['application/jsonp'],
  ['json'],
])('H06 the content type %s is answered 415', async (type) => {
  const answer = await post('{}', { 'content-type': type });
  expect(answer).toMatchObject({ httpStatus: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
});

test('H06 a body without a type, and a compressed one, are answered 415', async () => {
  expect((await post(new Uint8Array([123, 125]), { 'content-type': '' })).httpStatus).toBe(415);
  expect((await post('{}', { 'content-encoding': 'gzip' })).httpStatus).toBe(415);
});

test('H06 2 MB are answered 413, to a client that writes all of it before it reads', async () => {
  const answer = await post(JSON.stringify({ text: 'x'.repeat(2_000_000) }));
  expect(answer).toMatchObject({ httpStatus: 413, code: 'PAYLOAD_TOO_LARGE' });
});

test('H06 a body that lies about its length, or never says it, meets the same cap', async () => {
  const limits = { maxBytes: 1000 };
  expect((await post('x'.repeat(1001), {}, limits)).httpStatus).toBe(413);
  expect((await post(`"${'x'.repeat(998)}"`, {}, limits)).httpStatus).toBe(200);
  options = limits;
  const chunked = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const endless = await raw(`${chunked}Transfer-Encoding: chunked\r\n\r\n`, '3e8\r\n', 1000);
  expect(endless).toMatch(/^HTTP\/1\.1 413 /);
  const announced = await raw(`${chunked}Content-Length: 99999999\r\n\r\n`);
  expect(announced).toMatch(/^HTTP\/1\.1 413 [\s\S]*Connection: close/i);
});

test('H06 a body that does not arrive is given up', async () => {
  options = { timeoutMs: 50 };
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9';
  expect(await raw(`${head}\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 408 [\s\S]*REQUEST_TIMEOUT/);
});

/** Sends bytes, then chunks of a size for as long as the server takes them; answers what it said. */
function raw(head: string, chunkHead = '', chunkSize = 0): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    let said = '';
    socket.write(head);
    const more = () => {
      while (chunkSize > 0 && socket.writable) {
        if (!socket.write(`${chunkHead}${'x'.repeat(chunkSize)}\r\n`)) break;
      }
    };
    socket.on('drain', more);
    socket.on('data', (data) => {
      said += String(data);
    });
    socket.on('error', () => resolve(said));
    socket.on('close', () => resolve(said));
    more();
  });
}

test.each([
  ['{"a":1', /not valid JSON/],
  ["{'a':1}", /not valid JSON/],
  ['{"a":1}{}', /not valid JSON/],
  ['{"a":NaN}', /not valid JSON/],
  ['', /empty/],
  ['{"a":1,"a":2}', /the key "a" twice/],
  ['{"a":1,"\\u0061":2}', /the key "a" twice/],
  ['{"x":{"b":1},"y":[{"b":1},{"b":1,"c":"}","b":2}]}', /the key "b" twice/],
  ['{"__proto__":{"admin":true}}', /__proto__/],
  ['{"a":{"\\u005f_proto__":1}}', /__proto__/],
  ['['.repeat(65) + ']'.repeat(65), /deeper than 64/],
  [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, /deeper than 64/],
])('H06 %.40s is answered 400', async (body, detail) => {
  const answer = await post(body);
  expect(answer).toMatchObject({ httpStatus: 400, code: 'BAD_REQUEST', requestId: 'req_1' });
  expect(answer.detail).toMatch(detail);
});

test('H06 bytes that are not UTF-8 are answered 400', async () => {
  const overlong = new Uint8Array([0x22, 0xc0, 0xaf, 0x22]);
  expect((await post(overlong)).detail).toMatch(/UTF-8/);
});

test('H09 the answer to malformed JSON quotes nothing of it', async () => {
  expect(JSON.stringify(await post('{"password": hunter2}'))).not.toContain('hunter');
});

test.each([
  ['{"a":{"b":1},"b":{"a":1},"c":[{"a":1},{"a":2}],"d":"\\"a\\":1,\\"a\\":2"}'],
  [`${'['.repeat(64)}${']'.repeat(64)}`],
  ['"\\\\"'],
  ['{"a\\"":1,"a":"\\\\","b" : [ ] }'],
])('%.60s is fine', (text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

test('an optional body may be absent', async () => {
  expect((await post('', { 'content-type': '' }, { optional: true })).value).toBe('nothing');
});

test.each([
  ['text/html', 'text/html', []],
  ['Text/HTML;Charset="utf-8"', 'text/html', [['charset', 'utf-8']]],
  [
    'a/b; x=1 ;y="a \\"q\\";" ; ',
    'a/b',
    [
      ['x', '1'],
      ['y', 'a "q";'],
    ],
  ],
  ['application/graphql-response+json', 'application/graphql-response+json', []],
])('a media type %s is read', (text, type, parameters) => {
  const media = parseMediaType(text);
  expect(media?.type).toBe(type);
  expect([...(media?.parameters ?? [])]).toEqual(parameters);
});

test.each([
  '',
  'text',
  'text/',
  '/html',
  'a/b; x',
  'a/b; x=',
  'a/b x=1',
  'a/b; x=1; X=2',
  'a/b; x="1',
])('a media type %s is malformed', (text) => {
  expect(parseMediaType(text)).toBeNull();
});
