/** Owns how a document becomes a request: by its hash or its text, once for each logical call. */
import { type Answer, readAnswer, readDownload } from './answer.ts';
import { type ClientOptions, connect, connectRest, type Post } from './connection.ts';
import type { TypedDocument } from './document.ts';
import { isSignetError, RequestError } from './errors.ts';
import { readEvents } from './read-events.ts';
import { attemptsOf, isPassing, pauseAfter, type RetryOptions, withRetries } from './retry.ts';

export interface CallOptions {
  /** Ends the call, its waits included, such as `AbortSignal.timeout(5_000)`. */
  readonly signal?: AbortSignal;
  /**
   * 8 to 200 printable characters without spaces. The same key with the same input changes nothing
   * twice within 24 hours: it answers what the first call answered. Default: a new key each call.
   */
  readonly idempotencyKey?: string;
  /**
   * A page asks by itself, such as every minute, and no person: it is no use of their session, and
   * does not put off its idle end.
   */
  readonly background?: boolean;
}

/** Variables may be left out where all of them may. */
export type CallArguments<Variables, Options = CallOptions> =
  Record<never, never> extends Variables
    ? [variables?: Variables, options?: Options]
    : [variables: Variables, options?: Options];

export interface Executable {
  readonly text: string;
  /** SHA-256 of the text in hex, for a document that the server may know. */
  readonly hash?: string;
}

export interface Client {
  /** The data that a document of your own selects. Throws RequestError. */
  request<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    ...rest: CallArguments<Variables>
  ): Promise<Data>;
  /**
   * What a subscription says, until it ends, the loop is left, or the signal aborts. A lost connection
   * is opened again where the stream stood, without a gap, if it says where (the audit log's tail
   * does). Throws RequestError.
   */
  subscribe<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    ...rest: CallArguments<Variables>
  ): AsyncGenerator<Data, void, undefined>;
  /** What the generated functions call: `request` by the hash alone where the server knows it. */
  execute<Data>(
    operation: Executable,
    variables: unknown,
    options?: CallOptions,
  ): Promise<Answer<Data>>;
  /** What `exportAuditEvents` calls: the answer of a REST route below `/v1/`. Throws RequestError. */
  download(path: string, options?: DownloadOptions): Promise<Response>;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Throws TypeError on options that cannot work. Nothing is sent before the first call. */
export function createClient(options: ClientOptions): Client {
  const post = connect(options);
  const retry = options.retry ?? {};
  const get = connectRest(options);
  const execute = executor(post, retry);
  return {
    execute,
    download: (path, { signal } = {}) =>
      withRetries(retry, signal, async () => readDownload(await get(path, signal))),
    async request<Data, Variables>(
      document: TypedDocument<Data, Variables>,
      ...[variables, options]: CallArguments<Variables>
    ) {
      return (await execute<Data>({ text: document.toString() }, variables, options)).data;
    },
    subscribe<Data, Variables>(
      document: TypedDocument<Data, Variables>,
      ...[variables, options = {}]: CallArguments<Variables>
    ) {
      return listen<Data>(post, retry, { query: document.toString(), variables }, options);
    },
  };
}

function executor(post: Post, retry: RetryOptions): Client['execute'] {
  const unknownHashes = new Set<string>();

  return async <Data>(
    { text, hash }: Executable,
    variables: unknown,
    options: CallOptions = {},
  ) => {
    const { signal, idempotencyKey } = options;
    const writes = /\bmutation\b/.test(text);
    const headers = {
      ...quiet(options),
      ...(writes ? { 'idempotency-key': idempotencyKey ?? crypto.randomUUID() } : {}),
    };
    const attempt = async (document: object) =>
      readAnswer<Data>(await post({ ...document, variables }, headers, signal));
    return withRetries(retry, signal, async () => {
      if (hash === undefined) return attempt({ query: text });
      const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
      if (unknownHashes.has(hash)) return attempt({ query: text, extensions });
      try {
        return await attempt({ extensions });
      } catch (error) {
        if (!isSignetError(error, 'PERSISTED_QUERY_NOT_FOUND')) throw error;
        unknownHashes.add(hash);
        return attempt({ query: text, extensions });
      }
    });
  };
}

/**
 * Opening is retried. A stream that is lost later goes on where it stood, as often as anything comes
 * between the losses; one that does not say where it stands throws, since what it missed is not known.
 */
async function* listen<Data>(
  post: Post,
  retry: RetryOptions,
  body: object,
  options: CallOptions,
): AsyncGenerator<Data, void, undefined> {
  const { signal } = options;
  let position: string | null = null;
  for (let losses = 0; ; ) {
    const response = await openStream(post, retry, body, { ...options, position });
    try {
      for await (const { id, data } of readEvents<Data>(response)) {
        position = id ?? position;
        if (data === undefined) continue;
        losses = 0;
        yield data;
      }
      return;
    } catch (error) {
      signal?.throwIfAborted();
      losses += 1;
      if (position === null || !isPassing(error) || losses >= attemptsOf(retry)) throw error;
      await pauseAfter(error, losses, retry, signal);
    }
  }
}

function openStream(
  post: Post,
  retry: RetryOptions,
  body: object,
  { position, ...options }: CallOptions & { readonly position: string | null },
): Promise<Response> {
  const { signal } = options;
  const headers = {
    ...quiet(options),
    accept: 'text/event-stream',
    ...(position === null ? {} : { 'last-event-id': position }),
  };
  return withRetries(retry, signal, async () => {
    const opened = await post(body, headers, signal);
    const streams = opened.headers.get('content-type')?.startsWith('text/event-stream');
    if (streams) return opened;
    const { requestId } = await readAnswer(opened);
    const problem = { code: 'BAD_RESPONSE', message: 'This document is not a subscription' };
    throw new RequestError(problem, { status: opened.status, requestId });
  });
}

function quiet({ background }: CallOptions): { readonly 'x-signet-background'?: '1' } {
  return background ? { 'x-signet-background': '1' } : {};
}
