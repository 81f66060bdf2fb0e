/** What the fakes of key services stand on: an HTTP server that can be made to answer otherwise. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { guardedOutbound } from '#kernel/outbound.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** `silence` never answers, `cut` ends in the middle of it. */
export type Otherwise = Said | 'silence' | 'cut';

export interface FakeServer {
  readonly url: string;
  /** As KMS_ALLOW names it. */
  readonly host: string;
  /** Every request since the last look. */
  readonly asked: Asked[];
  /** What is answered instead, while it answers anything; null: what it would. */
  otherwise: ((asked: Asked) => Otherwise | null) | null;
  close(): Promise<void>;
}

export async function fakeServer(answer: (asked: Asked) => Said): Promise<FakeServer> {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    const asked = { method, path, headers, body: Buffer.concat(chunks).toString() };
    fake.asked.push(asked);
    const said = fake.otherwise?.(asked) ?? answer(asked);
    if (said === 'silence') return;
    if (said === 'cut') {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setImmediate(() => response.destroy());
      return;
    }
    const body = typeof said.body === 'string' ? said.body : JSON.stringify(said.body);
    response.writeHead(said.status, said.headers).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeServer = {
    url: `http://${host}`,
    host,
    asked: [],
    otherwise: null,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return fake;
}

/** The guarded client as an operator would open it to these servers. */
export function outboundTo(...servers: readonly Pick<FakeServer, 'host'>[]) {
  return guardedOutbound({
    outboundPorts: new Set(),
    outboundAllow: new Set(servers.map(({ host }) => host)),
  });
}
