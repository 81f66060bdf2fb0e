/**
 * Downloads over node:http: who may, what is asked for, and then a stream that goes as fast as its
 * reader. Until its first byte it is refused like any route; what fails later ends the connection,
 * so that half an answer is not taken for a whole one.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { downloadParameters } from '#graphql/rest/download-parameters.ts';
import { MalformedRequest, type ProblemEntry, problemOf } from '#graphql/rest/problem.ts';
import { refusal } from '#kernel/access.ts';
import type { Context, Door } from '#kernel/context.ts';
import { DomainError, InvalidInput, MethodNotAllowed } from '#kernel/errors.ts';
import type { Download, OpenedDownload } from '#kernel/http/download.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { DOWNLOADS } from './downloads.ts';
import type { Handle, Mount, Stream } from './server.ts';

/** Whoever takes nothing for so long has gone, or wants to keep us. */
const STALLED_MS = 60_000;

/** Before the door of all other routes below `prefix`. */
export function downloadMounts(door: Door, prefix: string, respond: Responder): Mount[] {
  return DOWNLOADS.map((download) => ({
    path: `${prefix}/${download.path}`,
    door,
    handle: downloadHandle(download, respond),
  }));
}

function downloadHandle(download: Download, respond: Responder): Handle {
  return async (request, response, ctx) => {
    try {
      const opened = await open(download, request, ctx);
      return sending(opened, response, ctx, respond);
    } catch (error) {
      const { status, headers, body } = problemOf(asParameters(error), ctx);
      const allow = error instanceof MethodNotAllowed ? { allow: 'GET, OPTIONS' } : {};
      respond.text(response, status, body ?? '', { ...headers, ...allow });
      return undefined;
    }
  };
}

async function open(
  download: Download,
  request: IncomingMessage,
  ctx: Context,
): Promise<OpenedDownload> {
  if (request.method !== 'GET') throw new MethodNotAllowed();
  // As everywhere, who may not do it learns nothing about the input.
  const refused = refusal(download.access, ctx, download.name);
  if (refused) {
    await ctx.refusals.record(ctx, download.event, refused.code);
    throw refused;
  }
  return download.open(ctx, read(download, request.url ?? ''));
}

/** Throws MalformedRequest with every complaint. */
function read(download: Download, url: string): unknown {
  const [, query = ''] = /\?([^#]*)/.exec(url) ?? [];
  const search = new URLSearchParams(query);
  const known = downloadParameters(download);
  const entries: ProblemEntry[] = [];
  const values: Record<string, unknown> = {};
  for (const name of new Set(search.keys())) {
    const given = search.getAll(name);
    const parameter = known.find((one) => one.name === name);
    const told = { parameter: name.slice(0, 200) };
    if (!parameter) entries.push({ ...told, detail: 'is not a parameter of this route' });
    else if (parameter.type === 'array') values[name] = given;
    else if (given.length > 1) entries.push({ ...told, detail: 'must be given once' });
    else values[name] = fromText(parameter.type, given[0] ?? '');
    if (entries.length === MAX_ENTRIES) break;
  }
  const parsed = download.input.safeParse(values);
  for (const { path, message } of parsed.error?.issues ?? [])
    entries.push({ parameter: path.join('.'), detail: message });
  if (entries.length > 0) throw new MalformedRequest(entries);
  return parsed.data;
}

const MAX_ENTRIES = 20;

/** What does not look like its type stays text, of which the shape complains. */
function fromText(type: unknown, text: string): unknown {
  if (type === 'integer' && /^-?\d{1,16}$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** A URL holds parameters, not fields. */
function asParameters(error: unknown): unknown {
  if (!(error instanceof InvalidInput)) return error;
  return new MalformedRequest(
    error.fields.map(({ path, message }) => ({
      parameter: path.replace(/^filter\./, ''),
      detail: message,
    })),
  );
}

function sending(
  { contentType, fileName, headers, chunks }: OpenedDownload,
  response: ServerResponse,
  ctx: Context,
  respond: Responder,
): Stream {
  response.writeHead(200, {
    ...respond.headers,
    'content-type': contentType,
    'content-disposition': `attachment; filename="${fileName}"`,
    ...headers,
  });
  // What a filter is yet to find may take longer than whoever is on the way waits for a first byte.
  response.flushHeaders();
  response.setTimeout(STALLED_MS, () => {
    if (response.writableLength > 0) response.destroy();
  });
  return async () => {
    try {
      await pipeline(Readable.from(chunks, { highWaterMark: 1 }), response);
    } catch (error) {
      response.destroy();
      if (hasLeft(error) || error instanceof DomainError) return;
      ctx.log.error({ err: error, requestId: ctx.requestId }, 'a download broke off');
    }
  };
}

function hasLeft(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}
