/** Owns the way in of a request's body: its type, its size, its time and its bytes. */
import type { IncomingMessage } from 'node:http';
import {
  BadRequest,
  type DomainError,
  PayloadTooLarge,
  RequestTimeout,
  UnsupportedMediaType,
} from '#kernel/errors.ts';
import { parseJson } from '#kernel/http/json-text.ts';
import { parseMediaType } from '#kernel/http/media-type.ts';

export interface BodyLimits {
  /** Default 1 MiB. */
  readonly maxBytes?: number;
  /** From now to the last byte; default 8 s, which is less than an operation's time. */
  readonly timeoutMs?: number;
}

export interface JsonBody extends BodyLimits {
  /** Accepted media types; default `application/json`. */
  readonly types?: readonly string[];
  readonly maxDepth?: number;
  /** Answers undefined for an empty body, whatever its type, rather than refusing it. */
  readonly optional?: boolean;
}

/**
 * A JSON body, read and checked. Throws `UnsupportedMediaType`, `PayloadTooLarge`, `BadRequest` or
 * `RequestTimeout`; answer the last with `Connection: close`.
 */
export async function readJson(request: IncomingMessage, options: JsonBody = {}): Promise<unknown> {
  const { headers } = request;
  const empty = headers['transfer-encoding'] === undefined && !Number(headers['content-length']);
  if (empty && options.optional) return undefined;
  acceptType(request, options.types ?? JSON_ONLY);
  const bytes = await readBody(request, options);
  if (bytes.length === 0) {
    if (options.optional) return undefined;
    throw new BadRequest('The body is empty; send JSON');
  }
  return parseJson(decode(bytes), options.maxDepth);
}

/** The bytes of a body. Throws `PayloadTooLarge`, `BadRequest` or `RequestTimeout`. */
export function readBody(request: IncomingMessage, limits: BodyLimits = {}): Promise<Buffer> {
  const { maxBytes = 1024 * 1024, timeoutMs = 8_000 } = limits;
  // Gone before we came to it: nothing would tell us any more.
  if (request.destroyed && !request.readableEnded)
    return Promise.reject(new BadRequest('The body ended early'));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(
      () => finish(new RequestTimeout(`The body did not arrive within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    const finish = (error?: DomainError) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      if (error) reject(error);
      else if (size > maxBytes) reject(tooLarge(maxBytes));
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
      } else {
        // Most clients write to the end before they read: let them, within reason, for else the
        // connection breaks under them and they never see the answer.
        chunks.length = 0;
        if (size > maxBytes * DRAINED) finish(tooLarge(maxBytes));
      }
    };
    const onEnd = () => finish();
    const onGone = () => finish(new BadRequest('The body ended early'));
    if (Number(request.headers['content-length'] ?? 0) > maxBytes * DRAINED) {
      finish(tooLarge(maxBytes));
      return;
    }
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

const JSON_ONLY = ['application/json'];
/** How many times the cap is read and thrown away before the connection is given up. */
const DRAINED = 16;

function acceptType(request: IncomingMessage, types: readonly string[]): void {
  const wanted = `send ${types.join(' or ')}`;
  const header = request.headers['content-type'];
  if (header === undefined) throw new UnsupportedMediaType(`There is no Content-Type; ${wanted}`);
  const media = parseMediaType(header);
  if (!media || !types.includes(media.type)) {
    throw new UnsupportedMediaType(`This Content-Type is not read here; ${wanted}`);
  }
  const charset = media.parameters.get('charset');
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new UnsupportedMediaType('This charset is not read here; send UTF-8');
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new UnsupportedMediaType('Compressed bodies are not read here; send it as it is');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new BadRequest('The body is not valid UTF-8', { cause: error });
  }
}

function tooLarge(maxBytes: number): PayloadTooLarge {
  return new PayloadTooLarge(`The body has more than ${maxBytes} bytes`);
}
