/** A subscription over server-sent events, as a client of the GraphQL over SSE protocol holds it. */
import { request } from 'node:http';
import type { Caller } from './as.ts';
import { until } from './until.ts';

export interface Stream<T> {
  /** What arrived so far: the data of each `next`. */
  readonly received: readonly T[];
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The `id:` of what arrived, also without data: where the stream stands. */
  readonly ids: readonly string[];
  /** Codes of errors that arrived in place of data. */
  readonly codes: readonly string[];
  /** When the server has ended it, with a word (`complete`) or without one. */
  ended(): Promise<'complete' | 'cut'>;
  /** The client goes away. */
  close(): void;
}

type Sender = Pick<Caller, 'secret' | 'door' | 'tenant'>;

/** Resolves when the headers are there. */
export function subscribe<T>(
  house: { readonly url: string },
  caller: Sender,
  query: string,
  variables: object = {},
  extraHeaders: Readonly<Record<string, string>> = {},
): Promise<Stream<T>> {
  const { promise, resolve, reject } = Promise.withResolvers<Stream<T>>();
  const received: T[] = [];
  const codes: string[] = [];
  const ids: string[] = [];
  let end: 'complete' | 'cut' | null = null;
  const sent = request(`${house.url}${caller.door === 'platform' ? '/internal' : ''}/graphql`, {
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(caller.secret ? { authorization: `Bearer ${caller.secret}` } : {}),
      ...(caller.tenant ? { 'x-tenant-id': caller.tenant } : {}),
      ...extraHeaders,
    },
  });
  sent.on('error', (error) => (end ? undefined : reject(error)));
  sent.on('response', (response) => {
    let text = '';
    let complete = false;
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      text += part;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const id = /^id: (.*)$/m.exec(event)?.[1];
        if (id) ids.push(id);
        if (/^event: complete/m.test(event)) complete = true;
        else if (/^event: next/m.test(event)) {
          const { data, errors } = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '{}');
          if (data) received.push(data);
          for (const { extensions } of errors ?? []) codes.push(String(extensions?.code));
        }
      }
    });
    response.on('error', () => undefined);
    response.on('close', () => {
      if (text.startsWith('{'))
        for (const { extensions } of JSON.parse(text).errors ?? []) codes.push(extensions?.code);
      end = complete ? 'complete' : 'cut';
    });
    resolve({
      received,
      codes,
      ids,
      status: response.statusCode ?? 0,
      headers: response.headers,
      ended: () => until(() => end, { what: 'the end of the stream' }),
      close: () => sent.destroy(),
    });
  });
  sent.end(JSON.stringify({ query, variables }));
  return promise;
}
