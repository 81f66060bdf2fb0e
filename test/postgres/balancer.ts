/**
 * As nginx in front of two instances: each request to the next of them, on a connection of its own.
 * Where nobody listens, the other one is asked; what was sent to one is never sent again.
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
      if (error.code === 'ECONNREFUSED' && left > 0) forward(incoming, outgoing, body, left - 1);
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
      const first = turn % ports.length;
      forward(incoming, outgoing, Buffer.concat(parts), [
        ...ports.slice(first),
        ...ports.slice(0, first),
      ]);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
