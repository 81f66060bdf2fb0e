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
