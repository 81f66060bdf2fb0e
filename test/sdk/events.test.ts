/** How the SDK reads server-sent events. */
import { describe, expect, test } from 'vitest';
import type { RequestError } from '../../sdk/generated/sdk.ts';
import { clientOf, json } from './told-fetch.ts';

const text = (value: string) => new TextEncoder().encode(value);

describe('server-sent events', () => {
  const stream = (...chunks: Uint8Array[]) =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (const chunk of chunks) controller.enqueue(chunk);
          controller.close();
        },
      }),
      { headers: { 'content-type': 'text/event-stream' } },
    );

  async function events(reply: Response): Promise<unknown[]> {
    const { client } = clientOf([reply]);
    const seen: unknown[] = [];
    try {
      for await (const data of client.subscribe('subscription { tick }')) seen.push(data);
    } catch (error) {
      seen.push((error as RequestError).code);
    }
    return seen;
  }

  test('are read whatever their pieces', async () => {
    const one = ':\n\nevent: next\ndata: {"data":{"tick":"é"}}\n\n';
    const two =
      'event: next\r\ndata: {"data":\r\ndata: {"tick":2}}\r\n\r\nevent: complete\ndata:\n\n';
    const bytes = Uint8Array.from([...text(one), ...text(two)]);
    expect(await events(stream(text(one), text(two)))).toEqual([{ tick: 'é' }, { tick: 2 }]);
    expect(await events(stream(...[...bytes].map((byte) => Uint8Array.of(byte))))).toEqual([
      { tick: 'é' },
      { tick: 2 },
    ]);
  });

  const retry = { attempts: 3, maxDelay: 1 };
  const shows = (id: string, tick: number) =>
    text(`id: ${id}\nevent: next\ndata: {"data":{"tick":${tick}}}\n\n`);
  const END = text('event: complete\ndata:\n\n');

  async function all(replies: Parameters<typeof clientOf>[0]) {
    const { client, sent } = clientOf(replies, { retry });
    const seen: unknown[] = [];
    try {
      for await (const data of client.subscribe('subscription { tick }')) seen.push(data);
    } catch (error) {
      seen.push((error as RequestError).code);
    }
    return { seen, after: sent.map(({ headers }) => headers.get('last-event-id')) };
  }

  test('D12 go on where they stood, whether an event said so or nothing else', async () => {
    expect(
      await all([
        stream(text('id: p0\n\n')),
        stream(shows('p1', 1), text('event: next\ndata: {"data":{"tick":2}}\n\n')),
        new TypeError('nobody listens'),
        stream(text('id: p3\n\n'), shows('p4', 4), END),
      ]),
    ).toEqual({
      seen: [{ tick: 1 }, { tick: 2 }, { tick: 4 }],
      after: [null, 'p0', 'p1', 'p1'],
    });
  });

  test('go on where an instance stops, and end where they are refused', async () => {
    const told = (code: string) =>
      text(
        `event: next\ndata: {"errors":[{"message":"no","extensions":{"code":"${code}"}}]}\n\nevent: complete\ndata:\n\n`,
      );
    expect(
      await all([
        stream(shows('p1', 1), told('UNAVAILABLE')),
        stream(shows('p2', 2), told('AUDIT_TAIL_TOO_OLD')),
      ]),
    ).toEqual({
      seen: [{ tick: 1 }, { tick: 2 }, 'AUDIT_TAIL_TOO_OLD'],
      after: [null, 'p1'],
    });
  });

  test('give up where nothing comes between the losses', async () => {
    const lost = () => stream(text('id: p1\n\n'));
    expect(await all([stream(shows('p1', 1)), lost(), lost(), lost()])).toEqual({
      seen: [{ tick: 1 }, 'NETWORK_ERROR'],
      after: [null, 'p1', 'p1'],
    });
  });

  test('that stop without an end, or carry an error, throw', async () => {
    expect(await events(stream(text('event: next\ndata: {"data":{"tick":1}}\n\n')))).toEqual([
      { tick: 1 },
      'NETWORK_ERROR',
    ]);
    const refused = '{"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}';
    expect(await events(stream(text(`event: next\ndata: ${refused}\n\n`)))).toEqual(['FORBIDDEN']);
    expect(await events(json({ data: { tick: 1 } }))).toEqual(['BAD_RESPONSE']);
  });
});
