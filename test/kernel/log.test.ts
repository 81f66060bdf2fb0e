import { expect, test } from 'vitest';
import { createLog, type Log } from '#kernel/log.ts';

const CANARY = 'c4n4ry-5ecret-value';

function written(write: (log: Log) => void, hide: string[] = []): string {
  const lines: string[] = [];
  write(createLog({ level: 'trace', hide }, { write: (line) => lines.push(line) }));
  expect(lines.length).toBeGreaterThan(0);
  return lines.join('');
}

const NAMES = [
  'authorization',
  'Proxy-Authorization',
  'cookie',
  'set-cookie',
  'password',
  'newPassword',
  'clientSecret',
  'access_token',
  'refreshToken',
  'apiKey',
  'x-api-key',
  'X-API-Key',
  'code',
  'code_verifier',
  'otp',
  'privateKey',
  'MASTER_KEY',
  'DATABASE_URL',
  'SAMLResponse',
];

test.each(NAMES)('K04 a value named %s is hidden wherever it stands', (name) => {
  const secret = { [name]: CANARY };
  const out = written((log) => {
    log.info(secret, 'flat');
    log.info({ a: { b: [{ c: secret }] } }, 'deep');
    log.info({ list: { [name]: [CANARY, { inner: CANARY }] } }, 'not a string');
    log.info({ map: new Map([[name, CANARY]]), set: new Set([secret]) }, 'collections');
    log.child(secret).info('bound');
    log
      .child({ a: 1 })
      .child({ request: { headers: secret } })
      .warn({ b: 2 }, 'bound twice');
  });
  expect(out).not.toContain(CANARY);
});

test.each([
  ['a bearer header', `authorization was Bearer ${CANARY}`],
  ['a basic header', `Basic ${Buffer.from(CANARY).toString('base64')}`],
  ['a query', `/cb?code=${CANARY}&x=1`],
  ['a query further on', `https://a.example/cb?x=1&access_token=${CANARY}#top`],
  ['a form', `grant_type=x&client_secret=${CANARY}`],
  ['a URL with a password', `connect postgres://signet:${CANARY}@db:5432/signet`],
  ['JSON', JSON.stringify({ user: 'ada', password: CANARY })],
  ['JSON in JSON', JSON.stringify({ body: JSON.stringify({ apiKey: CANARY }) })],
  ['the secret of a client', `client sgcs_${CANARY} was refused`],
  ['what lets clients register', `token sgia_${CANARY} was refused`],
  ['what manages a client', `token sgra_${CANARY} was refused`],
  ['an API key', `key sgnt_01h455vb4pex5vsknk084sn02q_${CANARY} was refused`],
  ['a JWT', `token eyJhbGciOiJub25lIn0.${CANARY}.${CANARY} expired`],
])('K04 a secret inside a text is hidden: %s', (_, text) => {
  const out = written((log) => {
    log.info(text);
    log.info({ url: text, list: [text] }, 'as a value');
    log.error(new Error(text, { cause: new Error(text) }));
    log.error({ err: new AggregateError([new Error(text)], text) }, 'several');
    log.info('printed %s and %o', text, { text });
    log.child({ text }).info('bound');
  });
  expect(out).not.toContain(CANARY);
  expect(out).not.toContain(Buffer.from(CANARY).toString('base64'));
});

test('K04 the values that the process itself was given are hidden by their bytes', () => {
  const key = 'an"odd\\internal-key-of-an-operator';
  const out = written((log) => log.info({ note: `it is ${key}` }, `see ${key}`), [key]);
  expect(out).not.toContain('internal-key-of-an-operator');
});

test('K04 an error tells its type, code, text and cause, not what a driver hung on it', () => {
  const error = Object.assign(new Error('duplicate key'), {
    code: '23505',
    parameters: [CANARY],
    detail: `Key (email)=(${CANARY}) exists`,
  });
  const out = written((log) => log.error({ err: error, errorCode: 'UNAVAILABLE' }, 'failed'));
  expect(out).not.toContain(CANARY);
  expect(JSON.parse(out)).toMatchObject({
    level: 'error',
    errorCode: 'UNAVAILABLE',
    err: { type: 'Error', message: 'duplicate key', errorCode: '23505' },
  });
});

test('what is no secret stays readable', () => {
  const line = { requestId: 'req_1', path: '/v1/users?first=20', status: 200, at: new Date(0) };
  expect(JSON.parse(written((log) => log.info(line, 'answered')))).toMatchObject({
    requestId: 'req_1',
    path: '/v1/users?first=20',
    status: 200,
    at: '1970-01-01T00:00:00.000Z',
    msg: 'answered',
  });
});

test('H08 no value forges a line or steers a terminal', () => {
  const evil = '\r\n{"level":"fatal","msg":"forged"}\u001b[2J\u009b31m\u2028\u2029\u0085\u0000';
  const out = written((log) => {
    log.info({ agent: evil, [evil]: 1 }, evil);
    log.child({ evil }).info('bound');
  });
  const lines = out.split('\n').filter(Boolean);
  expect(lines).toHaveLength(2);
  const codes = [...out.replaceAll('\n', '')].map((character) => character.codePointAt(0) ?? 0);
  const control = (code: number) => code < 0x20 || (code >= 0x7f && code < 0xa0);
  expect(codes.filter((code) => control(code) || code === 0x2028 || code === 0x2029)).toEqual([]);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', agent: evil, msg: evil });
});

test('a value that holds itself, or goes too deep, does not stop the line', () => {
  const loop = { name: 'loop', big: 10n, bytes: Buffer.alloc(3), self: {} };
  loop.self = loop;
  let deep: unknown = CANARY;
  for (let level = 0; level < 50; level += 1) deep = { deep };
  expect(JSON.parse(written((log) => log.info({ loop, deep }, 'odd')))).toMatchObject({
    loop: { name: 'loop', big: '10', bytes: '[3 bytes]', self: '[circular]' },
  });
});
