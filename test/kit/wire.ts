/** HTTP as it is: any method, any header, any bytes; nothing added but Host and a length. */
import { Agent, request as open } from 'node:http';

export interface WireRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | null;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** `origin` such as `http://127.0.0.1:4000`; `path` is sent as it stands, not normalised. */
export function send(origin: string, request: WireRequest): Promise<WireAnswer> {
  const { hostname, port } = new URL(origin);
  const { method = 'GET', path, headers = {}, body } = request;
  return new Promise((resolve, reject) => {
    const sent = open({
      agent,
      hostname,
      port,
      method,
      path,
      headers: { ...headers } as Record<string, string>,
    });
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(parts).toString('utf8'),
        }),
      );
    });
    sent.on('error', reject);
    if (body === undefined || body === null) sent.end();
    else sent.setHeader('content-length', Buffer.byteLength(body)).end(body);
  });
}
