import { execFile } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { guardedOutbound, type OutboundRequest } from '#kernel/outbound.ts';
import { isPublicAddress, type OutboundError } from '#kernel/outbound-addresses.ts';

let hits = 0;
let port = 0;
const server = http.createServer((request, response) => {
  hits += 1;
  const path = request.url ?? '';
  if (path === '/moved') response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end();
  else if (path === '/endless') endless(response);
  else if (path === '/silent') response.writeHead(200).flushHeaders();
  else if (path === '/cut') response.writeHead(200, { 'content-length': '9' }).write('half');
  else if (path === '/never') request.resume();
  else echo(request, response);
  if (path === '/cut') setImmediate(() => response.destroy());
});

function echo(request: http.IncomingMessage, response: http.ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method, headers } = request;
    response.setHeader('x-seen', 'yes');
    response.end(JSON.stringify({ method, headers, body: Buffer.concat(chunks).toString() }));
  });
}

function endless(response: http.ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536)));
  };
  response.on('drain', more);
  more();
}

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  hits = 0;
});

const strict = (answers: string[] = ['127.0.0.1']) =>
  guardedOutbound(
    { outboundPorts: new Set([port]), outboundAllow: new Set() },
    async () => answers,
  );
const allowed = () =>
  guardedOutbound({
    outboundPorts: new Set([443]),
    outboundAllow: new Set([`127.0.0.1:${port}`, `localhost:${port}`]),
  });

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return (error as OutboundError | null)?.reason ?? 'none';
}

const LOCAL_FORMS = [
  'http://127.0.0.1:P/',
  'http://127.1:P/',
  'http://127.0.1:P/',
  'http://2130706433:P/',
  'http://0x7f000001:P/',
  'http://0x7f.0.0.1:P/',
  'http://0x7f.1:P/',
  'http://0177.0.0.1:P/',
  'http://017700000001:P/',
  'http://0177.0x0.0.01:P/',
  'http://127.0.0.1.:P/',
  'http://127.127.127.127:P/',
  'http://0.0.0.0:P/',
  'http://0:P/',
  'http://[::1]:P/',
  'http://[::]:P/',
  'http://[0:0:0:0:0:0:0:1]:P/',
  'http://[::ffff:127.0.0.1]:P/',
  'http://[::ffff:7f00:1]:P/',
  'http://[::127.0.0.1]:P/',
  'http://[64:ff9b::7f00:1]:P/',
  'http://[64:ff9b:1::7f00:1]:P/',
  'http://[2002:7f00:1::]:P/',
  'http://[2001:0:7f00:1::]:P/',
  'http://[fe80::1]:P/',
  'http://[fc00::1]:P/',
  'http://[fec0::1]:P/',
  'http://[ff02::1]:P/',
  'http://[2001:db8::1]:P/',
  'http://10.0.0.1:P/',
  'http://172.16.0.1:P/',
  'http://192.168.0.1:P/',
  'http://169.254.169.254:P/latest/meta-data/',
  'http://100.64.0.1:P/',
  'http://100.100.100.200:P/',
  'http://168.63.129.16:P/',
  'http://224.0.0.1:P/',
  'http://255.255.255.255:P/',
  'http://192.0.2.1:P/',
  'http://198.18.0.1:P/',
  'http://１２７.０.０.１:P/',
  'http://①②⑦.0.0.1:P/',
  'http://127。0。0。1:P/',
  'http:\\\\127.0.0.1:P\\',
  'http:127.0.0.1:P',
  'HTTP://127.0.0.1:P',
  'http:///127.0.0.1:P/',
  'http://%31%32%37.0.0.1:P/',
  'http://localhost:P/',
  'http://localhost.:P/',
  'http://LOCALHOST:P/',
  'http://localhost.localdomain:P/',
  'http://foo.localhost:P/',
  'http://127.0.0.1.nip.io:P/',
];

test.each(LOCAL_FORMS)('H05 %s reaches nothing', async (form) => {
  const url = form.replace(':P', `:${port}`);
  expect(await reasonOf(strict()(url))).toBe('address');
  expect(hits).toBe(0);
});

test.each([
  ['ftp://127.0.0.1:P/', 'scheme'],
  ['file:///etc/passwd', 'scheme'],
  ['gopher://127.0.0.1:P/', 'scheme'],
  ['data:text/plain,x', 'scheme'],
  ['unix:/run/docker.sock', 'scheme'],
  ['http://public.example@127.0.0.1:P/', 'url'],
  ['http://user:pw@public.example:P/', 'url'],
  ['//127.0.0.1:P/', 'url'],
  ['http://', 'url'],
  ['', 'url'],
  ['http://public.example:22/', 'port'],
  ['https://public.example/', 'port'],
])('H05 %s is refused for its %s', async (form, reason) => {
  expect(await reasonOf(strict()(form.replace(':P', `:${port}`)))).toBe(reason);
  expect(hits).toBe(0);
});

test('H05 a name is refused when one of its addresses is private, in whatever order', async () => {
  const url = `http://rebind.example:${port}/`;
  for (const answers of [
    ['127.0.0.1'],
    ['3ffe::1', '127.0.0.1'],
    ['127.0.0.1', '3ffe::1'],
    ['2606:4700::1', '::ffff:127.0.0.1'],
    ['nonsense'],
  ]) {
    expect(await reasonOf(strict(answers)(url))).toBe('address');
  }
  expect(await reasonOf(strict([])(url))).toBe('name');
  expect(hits).toBe(0);
});

test('H05 a name that changes its mind is connected to as it was checked, or not at all', async () => {
  let asked = 0;
  const outbound = guardedOutbound(
    { outboundPorts: new Set([port]), outboundAllow: new Set() },
    async () => {
      asked += 1;
      return asked === 1 ? ['3ffe::1'] : ['127.0.0.1'];
    },
  );
  const url = `http://rebind.example:${port}/`;
  const brief = { timeoutMs: 300, connectTimeoutMs: 200 };
  expect(['timeout', 'network']).toContain(await reasonOf(outbound(url, brief)));
  expect(asked).toBe(1);
  expect(await reasonOf(outbound(url, brief))).toBe('address');
  expect(hits).toBe(0);
});

test('H05 a redirect is an answer, not an order', async () => {
  const answer = await allowed()(`http://127.0.0.1:${port}/moved`);
  expect(answer.status).toBe(302);
  expect(hits).toBe(1);
});

test('an allowed host is reached, also by name, and gets what was sent', async () => {
  const request = { method: 'POST', body: 'hello', headers: { 'x-id': '1' } } as const;
  const answer = await allowed()(`http://localhost:${port}/`, request);
  expect(answer.status).toBe(200);
  expect(answer.headers['x-seen']).toBe('yes');
  expect(JSON.parse(answer.body.toString())).toMatchObject({
    method: 'POST',
    body: 'hello',
    headers: { 'x-id': '1', host: `localhost:${port}`, 'content-length': '5' },
  });
});

test.each(['Host', 'connection', 'Transfer-Encoding', 'content-length', 'Proxy-Authorization'])(
  'the header %s is not the caller’s to set',
  async (name) => {
    const sent = allowed()(`http://127.0.0.1:${port}/`, { headers: { [name]: 'x' } });
    expect(await reasonOf(sent)).toBe('header');
    expect(hits).toBe(0);
  },
);

const BRIEF: OutboundRequest = { timeoutMs: 150 };

test.each([
  ['/endless', { maxBytes: 100_000 }, 'too-large'],
  ['/silent', BRIEF, 'timeout'],
  ['/never', BRIEF, 'timeout'],
  ['/cut', {}, 'network'],
  ['/never', { signal: AbortSignal.abort() }, 'network'],
])('%s ends as it must (%j): %s', async (path, request, reason) => {
  expect(await reasonOf(allowed()(`http://127.0.0.1:${port}${path}`, request))).toBe(reason);
});

test('a caller who gives up ends the request', async () => {
  const control = new AbortController();
  const sent = allowed()(`http://127.0.0.1:${port}/never`, { signal: control.signal });
  while (hits === 0) await new Promise(setImmediate);
  control.abort();
  expect(await reasonOf(sent)).toBe('network');
});

test('H05 proxies named by the environment are not used', async () => {
  const script = `
    import { guardedOutbound } from '#kernel/outbound.ts';
    const outbound = guardedOutbound({ outboundPorts: new Set([80]), outboundAllow: new Set() },
      async () => ['3ffe::1']);
    await outbound('http://public.example/', { timeoutMs: 300 }).catch((e) => console.log(e.reason));`;
  const proxy = `http://127.0.0.1:${port}`;
  const env = { ...process.env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy, http_proxy: proxy };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '-e', script], {
    env,
  });
  expect(stdout.trim()).toMatch(/^(timeout|network)$/);
  expect(hits).toBe(0);
});

test.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001::200e'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);
