/** K12: a process that is told to stop takes nobody new, finishes what it began, and goes. */
import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { createHome } from '../kit/homes.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';
import { houseOf, type ServerProcess, startServer } from './server-process.ts';

const home = await createHome();
afterAll(() => home.remove());

/** A request whose body is not there yet; `finish` sends it. */
function begin(server: ServerProcess, secret: string, input: object, agent?: Agent) {
  const body = JSON.stringify(input);
  const open: ClientRequest = request({
    port: server.port,
    method: 'POST',
    path: '/v1/users',
    ...(agent ? { agent } : {}),
    headers: {
      authorization: `Bearer ${secret}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  open.flushHeaders();
  return {
    open,
    /** The server has it, and waits for the body. */
    begun: once(open, 'continue'),
    async finish(): Promise<IncomingMessage> {
      const answered = once(open, 'response') as Promise<[IncomingMessage]>;
      open.end(body);
      const [response] = await answered;
      response.resume();
      return response;
    },
  };
}

/** A subscription over SSE, once it is there. */
async function openStream(server: ServerProcess, secret: string): Promise<IncomingMessage> {
  const open = request({
    port: server.port,
    method: 'POST',
    path: '/graphql',
    headers: {
      authorization: `Bearer ${secret}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
  });
  open.end(JSON.stringify({ query: 'subscription { auditEvents { id } }' }));
  const [response] = (await once(open, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  return response;
}

async function listens(server: ServerProcess): Promise<boolean> {
  const socket = connect(server.port, '127.0.0.1');
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return connected;
}

test('K12 requests in flight are answered and kept, streams end, and the exit is clean', async () => {
  const server = await startServer({ home });
  const tenant = await makers(houseOf(server)).tenant();
  const stream = await openStream(server, tenant.secret);
  const ended = once(stream.resume(), 'end');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const slow = [0, 1, 2].map((n) =>
    begin(server, tenant.secret, { email: `slow${n}@example.com` }),
  );
  const kept = begin(server, tenant.secret, { email: 'kept@example.com' }, agent);
  await Promise.all([...slow, kept].map(({ begun }) => begun));

  const exit = server.end('SIGTERM');
  await until(async () => !(await listens(server)));
  await ended;

  // The client of `kept` would use its connection again: the answer tells it not to.
  const answers = await Promise.all([...slow, kept].map(({ finish }) => finish()));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201, 201]);
  for (const { headers } of answers) expect(headers.connection).toBe('close');
  expect(await exit).toEqual({ code: 0, signal: null });

  const again = await startServer({ home });
  const { data } = await tenant.at(houseOf(again)).gql('{ users(first: 10) { nodes { email } } }');
  expect(data).toEqual({
    users: {
      nodes: expect.arrayContaining(
        ['slow0', 'slow1', 'slow2', 'kept'].map((name) => ({ email: `${name}@example.com` })),
      ),
    },
  });
  expect((await again.end('SIGTERM')).code).toBe(0);
});

test('K12 what does not end is ended at the deadline', async () => {
  const server = await startServer({ home, env: { SHUTDOWN_TIMEOUT: '1' } });
  const tenant = await makers(houseOf(server)).tenant();
  const { open, begun } = begin(server, tenant.secret, { email: 'never@example.com' });
  await begun;
  const cut = new Promise((resolve) => open.once('error', resolve));
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(await cut).toMatchObject({ code: 'ECONNRESET' });
});
