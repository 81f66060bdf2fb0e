/** What a request for GraphQL asks: the parameters of GraphQL over HTTP, section 5. */
import type { IncomingMessage } from 'node:http';
import type { Context } from '#kernel/context.ts';
import { BadRequest, UnsupportedMediaType } from '#kernel/errors.ts';
import { readJson } from '#kernel/http/read-body.ts';
import { bodyLimits } from './time-limit.ts';

export const JSON_ONLY = ['application/json'];

export interface Params {
  readonly query: string | null;
  readonly hash: string | null;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
}

const MAX_NAME = 200;

/** Well-formed parameters, or BadRequest. */
export function readParams(body: unknown): Params {
  if (!isRecord(body))
    throw new BadRequest(
      'The body must be a JSON object with query and variables; arrays of operations are not taken',
    );
  const { query, operationName, variables, extensions } = body;
  if (query != null && typeof query !== 'string') throw new BadRequest('query must be a string');
  if (operationName != null && typeof operationName !== 'string')
    throw new BadRequest('operationName must be a string');
  if (operationName && operationName.length > MAX_NAME)
    throw new BadRequest(`operationName must have at most ${MAX_NAME} characters`);
  if (variables != null && !isRecord(variables))
    throw new BadRequest('variables must be an object');
  if (extensions != null && !isRecord(extensions))
    throw new BadRequest('extensions must be an object');
  return {
    query: query ?? null,
    hash: hashOf(body, extensions ?? {}),
    operationName: operationName ?? null,
    variables: variables ?? {},
  };
}

/** `documentId: "sha256:..."`, or the extension that Apollo's clients send. */
function hashOf(body: Record<string, unknown>, extensions: Record<string, unknown>): string | null {
  const persisted = extensions['persistedQuery'];
  const given = isRecord(persisted) ? persisted['sha256Hash'] : body['documentId'];
  if (given == null) return null;
  const hash =
    typeof given === 'string' ? /^(?:sha256:)?([0-9a-f]{64})$/.exec(given)?.[1] : undefined;
  if (!hash) throw new BadRequest('The hash of a persisted document must be 64 hex digits');
  return hash;
}

/** What may stand in a request that Yoga reads. */
export interface Asked {
  readonly query?: unknown;
  readonly operationName?: unknown;
}

/** Of a GET. Throws BadRequest when one stands twice: readers would differ in which they take. */
export function queryOf(url: string): Asked {
  const start = url.indexOf('?');
  const given = [...new URLSearchParams(start < 0 ? '' : url.slice(start))];
  const asked = Object.fromEntries(given);
  if (Object.keys(asked).length < given.length)
    throw new BadRequest('Each parameter may be given once');
  return asked;
}

/** Yoga reads the body that we have checked. */
export async function handBody(request: IncomingMessage, ctx: Context): Promise<Asked> {
  const body = await readJson(request, { ...bodyLimits(ctx), types: JSON_ONLY });
  if (!isRecord(body)) throw new UnsupportedMediaType('Send one operation as a JSON object');
  Object.assign(request, { body });
  return body;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
