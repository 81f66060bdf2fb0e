/**
 * In front of some instances: each request goes to the next one that is ready, on a connection of its
 * own. Where nobody listens, another is asked; what was sent to one is never sent again.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  readonly url: string;
  close(): Promise<void>;
}

export async function balance(ports: readonly number[]): Promise<Balancer> {
  let turn = 0;
  const ready = new Set(ports);
  const looking = setInterval(() => {
    for (const port of ports)
      void isReady(port).then((is) => (is ? ready.add(port) : ready.delete(port)));
  }, LOOK_EVERY_MS);

  function forward(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    body: Buffer,
    to: number[],
  ): void {
    const [port, ...others] = to;
    const { method, url, headers } = incoming;
    const options = { host: '127.0.0.1', port, method, path: url, headers, agent: false } as const;
    const upstream = request(options, (answer) => {
      const { connection: _, ...kept } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, kept);
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    upstream.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' && others.length > 0)
        forward(incoming, outgoing, body, others);
      else if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    });
    upstream.end(body);
  }

  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      turn += 1;
      const up = ready.size > 0 ? [...ready] : ports;
      const first = turn % up.length;
      forward(incoming, outgoing, Buffer.concat(parts), [
        ...up.slice(first),
        ...up.slice(0, first),
      ]);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      clearInterval(looking);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const LOOK_EVERY_MS = 100;

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/readyz', agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
