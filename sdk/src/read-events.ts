/** Reads the events of a subscription: server-sent events as GraphQL over SSE names them. */
import { connectionLost, dataOf } from './answer.ts';

/** What the server said, where its stream then stands, or both. */
export interface Told<Data> {
  readonly id: string | null;
  readonly data?: Data;
}

/** Ends at the event `complete`; a stream that stops without it was lost, which is an error. */
export async function* readEvents<Data>(
  response: Response,
): AsyncGenerator<Told<Data>, void, undefined> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const read = await reader?.read().catch((cause: unknown) => {
        throw connectionLost(cause);
      });
      if (!read || read.done) throw connectionLost(undefined);
      const blocks = (rest + decoder.decode(read.value, { stream: true })).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const { event, data, id } = fields(block);
        if (event === 'complete') return;
        if (event === 'next') yield { id, data: dataOf<Data>(response, data) };
        else if (id !== null) yield { id };
      }
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}

/** Comments (`:`) keep the connection alive and say nothing. */
function fields(block: string): { event: string; data: string; id: string | null } {
  const lines = block.split(/\r?\n/).map((line) => /^(\w+): ?(.*)$/.exec(line));
  const all = (name: string) =>
    lines.flatMap((line) => (line?.[1] === name ? [line[2] ?? ''] : []));
  return {
    event: all('event').at(-1) ?? 'message',
    data: all('data').join('\n'),
    id: all('id').at(-1) ?? null,
  };
}
