/** A server on loopback that keeps what it gets and answers as it is told; and the guarded way to it. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { guardedOutbound, type Outbound } from '#kernel/outbound.ts';

export interface Got {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As sent, in latin1 so that no byte is lost. */
  readonly raw: Buffer;
  /** Unpacked when Content-Encoding says so. */
  readonly text: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Receiver {
  readonly origin: string;
  readonly port: number;
  readonly got: Got[];
  close(): Promise<void>;
}

/** `answer` decides by what came; null: cuts the connection without a word. */
export async function openReceiver(answer: (got: Got) => Answer | null): Promise<Receiver> {
  const all: Got[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('latin1');
    void text(request).then((body) => {
      const got = { ...read(Buffer.from(body, 'latin1'), request.headers), ...lineOf(request) };
      all.push(got);
      const told = answer(got);
      if (told === null) request.socket.destroy();
      else response.writeHead(told.status, told.headers).end(told.body ?? '');
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    got: all,
    close: () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      return closed;
    },
  };
}

function lineOf({ method, url }: { method?: string | undefined; url?: string | undefined }) {
  return { method: method ?? '', path: url ?? '' };
}

function read(raw: Buffer, headers: IncomingHttpHeaders) {
  const packed = headers['content-encoding'] === 'gzip';
  return { headers, raw, text: (packed ? gunzipSync(raw) : raw).toString('utf8') };
}

/** The real guard, open for these ports of loopback. */
export function outboundTo(...ports: readonly number[]): Outbound {
  return guardedOutbound({
    outboundPorts: new Set([80, 443]),
    outboundAllow: new Set(ports.map((port) => `127.0.0.1:${port}`)),
  });
}
