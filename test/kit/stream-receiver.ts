/** A receiver of log streams on this machine: keeps what it was sent, and answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly severity: string;
  readonly leafIndex: number;
}

export interface Received {
  /** The path that it was posted to. */
  readonly path: string;
  readonly deliveryId: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly events: readonly ReceivedEvent[];
  /** What it was answered; null while it was not. */
  status: number | null;
}

/** A status, or what it does instead of answering at once. */
export type Answer = number | ((response: ServerResponse) => void);

export interface Receiver {
  readonly port: number;
  /** For OUTBOUND_ALLOW. */
  readonly host: string;
  url(path?: string): string;
  /** All that came, in its order. */
  readonly received: readonly Received[];
  /** Those of a path that were answered with success. */
  taken(path: string): readonly Received[];
  /** The events of those, each delivery once. */
  events(path: string): readonly ReceivedEvent[];
  /** What is asked from now on; 200 before. */
  answer(how: (request: Received) => Answer): void;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let decide: (request: Received) => Answer = () => 200;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(parts).toString();
    const { headers } = request;
    const one: Received = {
      path: request.url ?? '',
      deliveryId: String(headers['signet-delivery'] ?? headers['webhook-id'] ?? ''),
      headers,
      body,
      events: eventsOf(body),
      status: null,
    };
    received.push(one);
    const answer = decide(one);
    if (typeof answer === 'function') return answer(response);
    one.status = answer;
    response.writeHead(answer).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const taken = (path: string) =>
    received.filter((one) => one.path === path && one.status !== null && one.status < 300);
  return {
    port,
    host: `127.0.0.1:${port}`,
    url: (path = '/') => `http://127.0.0.1:${port}${path}`,
    received,
    taken,
    events(path) {
      const once = new Map(taken(path).map((one) => [one.deliveryId, one]));
      return [...once.values()].flatMap(({ events }) => events);
    },
    answer(how) {
      decide = how;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function eventsOf(body: string): readonly ReceivedEvent[] {
  try {
    const parsed = JSON.parse(body) as unknown;
    if (Array.isArray(parsed)) return parsed as ReceivedEvent[];
    return (parsed as { data?: { events?: ReceivedEvent[] } }).data?.events ?? [];
  } catch {
    return [];
  }
}
