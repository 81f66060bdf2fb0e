/** From a GraphQL result to the REST answer: the resource itself, or a problem. */
import type { ExecutionResult } from 'graphql';
import type { Context } from '#kernel/context.ts';
import { NotFound } from '#kernel/errors.ts';
import { entityTag, ifNoneMatchHolds } from './conditions.ts';
import { type ProblemEntry, problem, problemOf, type RestAnswer } from './problem.ts';
import { pointer, type RestRequest } from './read-request.ts';
import type { Route } from './route.ts';
import { isPlatform } from './route-table.ts';

type Json = Readonly<Record<string, unknown>>;

const TYPENAME = '__typename';
const JSON_TYPE = 'application/json; charset=utf-8';

interface FieldComplaint {
  readonly path: string;
  readonly message: string;
}

export interface AnswerOptions {
  readonly prefix: string;
  /** Code -> status. */
  readonly statuses: ReadonlyMap<string, number>;
  readonly ctx: Pick<Context, 'config' | 'log' | 'requestId'>;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  /** Of INVALID_INPUT. */
  readonly fields?: readonly FieldComplaint[];
  /** Of what passes. */
  readonly retryAfter?: number;
}

export function restAnswer(
  route: Route,
  request: RestRequest,
  result: ExecutionResult,
  options: AnswerOptions,
): RestAnswer {
  const [error] = result.errors ?? [];
  if (error) {
    const extensions = error.extensions as Omit<Refusal, 'message'>;
    return refused(route, options, { ...extensions, message: error.message });
  }
  const { answer } = route;
  const value = answer.path.reduce<unknown>(
    (at, key) => (at as Json | null)?.[key] ?? null,
    result.data,
  );
  if (value === null) return problemOf(new NotFound(answer.notFound), options.ctx);
  if (answer.kind === 'list') return list(request, value as Json);
  if (answer.kind === 'value') return success(route, request, value, options.prefix);
  const envelope = value as Json;
  if (answer.errors.some(({ name }) => name === envelope[TYPENAME]))
    return refused(route, options, envelope as unknown as Refusal);
  if (!answer.inner) return success(route, request, envelope, options.prefix);
  const { [answer.inner.key]: inner, ...others } = envelope;
  return success(route, request, { ...(inner as Json), ...others }, options.prefix);
}

function success(route: Route, request: RestRequest, value: unknown, prefix: string): RestAnswer {
  const { method, status, etag, location } = route.rest;
  const fields = value as Json;
  const tag = etag ? entityTag(fields[etag]) : null;
  const headers = {
    ...(tag === null ? {} : { etag: tag }),
    ...(location ? { location: fill(rebased(location, prefix), fields) } : {}),
  };
  if (status === 204) return { status, headers, body: null };
  const known = request.headers['if-none-match'];
  if (method === 'GET' && tag !== null && known !== undefined && ifNoneMatchHolds(known, tag))
    return { status: 304, headers, body: null };
  return {
    status,
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: JSON.stringify(value),
  };
}

function list(request: RestRequest, connection: Json): RestAnswer {
  const { nodes, pageInfo, __typename, ...others } = connection;
  const { hasNextPage, endCursor } = pageInfo as { hasNextPage: boolean; endCursor: string | null };
  const nextCursor = hasNextPage ? endCursor : null;
  return {
    status: 200,
    headers: {
      'content-type': JSON_TYPE,
      ...(nextCursor === null ? {} : { link: `<${nextPage(request, nextCursor)}>; rel="next"` }),
    },
    body: JSON.stringify({ items: nodes, nextCursor, ...others }),
  };
}

/** The same list, onwards; a page from the end keeps its size. */
function nextPage({ path, search }: RestRequest, after: string): string {
  const next = new URLSearchParams(search);
  const last = next.get('last');
  next.delete('last');
  next.delete('before');
  if (last !== null) next.set('first', last);
  next.set('after', after);
  return `${path}?${next}`;
}

/** A complaint about what the URL says is 400; about what the body says, the code's own status. */
function refused(route: Route, options: AnswerOptions, refusal: Refusal): RestAnswer {
  const { code, message, fields, retryAfter } = refusal;
  const { requestId } = options.ctx;
  const status = options.statuses.get(code) ?? 500;
  if (!options.statuses.has(code))
    options.ctx.log.error({ code, requestId }, 'an error has no status');
  if (status === 500) return problem({ status, code: 'INTERNAL', detail: INTERNAL, requestId });
  const errors = fields?.map((field) => fieldEntry(route, field));
  const inUrl = errors?.length && errors.every((entry) => entry.pointer === undefined);
  return problem({
    status: inUrl ? 400 : status,
    code,
    detail: message,
    requestId,
    ...(errors ? { errors } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

const INTERNAL = 'Something failed on our side; the requestId helps us to find it';

function fieldEntry(route: Route, { path, message }: FieldComplaint): ProblemEntry {
  const steps = path === '' ? [] : path.split('.');
  for (let length = steps.length; length > 0; length -= 1) {
    const slot = route.places.get(steps.slice(0, length).join('.'));
    if (slot?.in === 'body')
      return { pointer: pointer([slot.name, ...steps.slice(length)]), detail: message };
    if (slot?.in === 'header') return { header: slot.name, detail: message };
    if (slot) return { parameter: slot.name, detail: message };
  }
  if (route.body) return { pointer: pointer(steps), detail: message };
  return path === '' ? { detail: message } : { parameter: path, detail: message };
}

/** A route of /v1 stands below /internal/v1 too; its links stay at the door that was used. */
function rebased(path: string, prefix: string): string {
  return isPlatform(prefix) && path.startsWith('/v1/') ? prefix + path.slice('/v1'.length) : path;
}

function fill(template: string, fields: Json): string {
  return template.replace(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(fields[name])),
  );
}
