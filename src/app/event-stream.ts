/**
 * Subscriptions as server-sent events, in the words of GraphQL over SSE ("distinct connections"):
 * `next` for each result, `complete` at the end, a comment now and then so that nobody on the way
 * takes the connection for dead. Beside them the `id:` of where the stream stands, also without an
 * event, so that a client that lost the connection goes on where it was.
 */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
} from 'graphql';
import { maskError } from '#graphql/mask-errors.ts';
import type { Context } from '#kernel/context.ts';
import { Positioned } from '#kernel/events/stream-position.ts';

/** A result, where the stream then stands, or both. */
export interface StreamedResult extends ExecutionResult {
  readonly position?: string;
}

const PING_MS = 12_000;

/** The results of a subscription, one after the other. Its failures are its last result. */
export async function* streamedResults(
  args: ExecutionArgs,
): AsyncGenerator<StreamedResult, void, undefined> {
  const ctx = args.contextValue as Context;
  const masked = (error: unknown) => maskError(error, ctx);
  try {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) {
      yield { ...source, errors: (source.errors ?? []).map(masked) };
      return;
    }
    for await (const event of source) {
      const { position, value } =
        event instanceof Positioned ? event : { position: undefined, value: event };
      const result = value === undefined ? {} : await execute({ ...args, rootValue: value });
      const { errors } = result;
      yield {
        ...result,
        ...(errors ? { errors: errors.map(masked) } : {}),
        ...(position === undefined ? {} : { position }),
      };
    }
  } catch (error) {
    yield { errors: [masked(error instanceof Error ? error : new GraphQLError(String(error)))] };
  }
}

/** What writes a stream's results; `fetchAPI` is that of the door. */
export function writeEventStream(
  results: AsyncIterable<StreamedResult>,
  fetchAPI: { readonly Response: typeof Response; readonly ReadableStream: typeof ReadableStream },
): Response {
  const iterator = results[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let ping: NodeJS.Timeout | undefined;
  const body = new fetchAPI.ReadableStream<Uint8Array>({
    start(controller) {
      // Some clients take the headers only together with a first byte.
      const comment = () => controller.enqueue(encoder.encode(':\n\n'));
      comment();
      ping = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) comment();
      }, PING_MS).unref();
    },
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (!done) return controller.enqueue(encoder.encode(written(value)));
      clearInterval(ping);
      controller.enqueue(encoder.encode('event: complete\ndata:\n\n'));
      controller.close();
    },
    async cancel() {
      clearInterval(ping);
      await iterator.return?.();
    },
  });
  return new fetchAPI.Response(body, { status: 200, headers: HEADERS });
}

const HEADERS = {
  'content-type': 'text/event-stream',
  connection: 'keep-alive',
  'cache-control': 'no-cache',
  'content-encoding': 'none',
};

function written({ position, ...result }: StreamedResult): string {
  const id = position === undefined ? '' : `id: ${position}\n`;
  const shows = 'data' in result || 'errors' in result;
  return shows ? `${id}event: next\ndata: ${JSON.stringify(result)}\n\n` : `${id}\n`;
}
