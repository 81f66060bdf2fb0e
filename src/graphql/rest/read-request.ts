/** Reads a request into the variables of its operation, and finds everything that is wrong with it. */
import { coerceInputValue, getNamedType, getNullableType, isListType } from 'graphql';
import { UnsupportedMediaType, VersionMismatch } from '#kernel/errors.ts';
import { parseMediaType } from '#kernel/http/media-type.ts';
import { readIfMatch } from './conditions.ts';
import { MalformedRequest, type ProblemEntry } from './problem.ts';
import type { Route } from './route.ts';
import type { Slot } from './slots.ts';

export interface RestRequest {
  readonly method: string;
  /** As it was sent, without the query string; never decoded. */
  readonly path: string;
  readonly search: URLSearchParams;
  /** Lower-case names; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Called at most once, and only when there is a body. Throws BadRequest or PayloadTooLarge. */
  readJson(): Promise<unknown>;
}

type Values = Map<Slot, unknown>;

/**
 * The variables, not yet coerced. Throws MalformedRequest with every complaint at once;
 * UnsupportedMediaType; VersionMismatch for an If-Match that no version can meet.
 */
export async function readVariables(
  route: Route,
  params: readonly string[],
  request: RestRequest,
): Promise<Record<string, unknown>> {
  const entries: ProblemEntry[] = [];
  const values: Values = new Map(route.params.map((slot, i) => [slot, params[i]]));
  readQuery(route, request.search, values, entries);
  await readBody(route, request, values, entries);
  for (const slot of [...route.params, ...route.query.values(), ...(route.body?.values() ?? [])])
    complain(slot, values.get(slot), entries);
  if (entries.length > 0) throw new MalformedRequest(entries);
  const tag = request.headers['if-match'];
  if (tag !== undefined && route.rest.method !== 'GET') readPrecondition(route, tag, values);
  return toVariables(route, values);
}

function readQuery(
  route: Route,
  search: URLSearchParams,
  values: Values,
  entries: ProblemEntry[],
): void {
  for (const name of new Set(search.keys())) {
    const slot = route.query.get(name);
    const given = search.getAll(name);
    if (!slot)
      note(entries, { parameter: shortened(name), detail: 'is not a parameter of this route' });
    else if (isListType(getNullableType(slot.type)))
      values.set(
        slot,
        given.map((text) => fromText(slot, text)),
      );
    else if (given.length > 1) note(entries, { parameter: name, detail: 'must be given once' });
    else values.set(slot, fromText(slot, given[0] ?? ''));
  }
}

async function readBody(
  route: Route,
  request: RestRequest,
  values: Values,
  entries: ProblemEntry[],
): Promise<void> {
  const { headers, method } = request;
  if (headers['transfer-encoding'] === undefined && !Number(headers['content-length'] ?? 0)) return;
  if (!route.body) throw new MalformedRequest([{ detail: `${method} takes no body here` }]);
  if (!isJson(headers['content-type'] ?? ''))
    throw new UnsupportedMediaType('Content-Type must be application/json, in UTF-8');
  const body = await request.readJson();
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new MalformedRequest([{ pointer: '#', detail: 'must be a JSON object' }]);
  for (const [name, value] of Object.entries(body)) {
    const slot = route.body.get(name);
    if (slot) values.set(slot, value);
    else note(entries, { pointer: pointer([name]), detail: strayField(route, name) });
  }
}

function strayField(route: Route, name: string): string {
  const inPath = route.params.some((slot) => slot.name === name);
  if (inPath) return 'stands in the path; leave it out of the body';
  if (route.ifMatch && route.rest.ifMatch === name) return 'is sent as the If-Match header';
  return 'is not a field of this body';
}

function readPrecondition(route: Route, tag: string, values: Values): void {
  const version = readIfMatch(tag);
  if (version === null) return;
  // It has no entity tag, so none can match.
  if (!route.ifMatch) throw new VersionMismatch('The resource');
  values.set(route.ifMatch, version);
}

function complain(slot: Slot, value: unknown, entries: ProblemEntry[]): void {
  if (value === undefined) {
    if (slot.required) note(entries, entry(slot, [], 'is required'));
    return;
  }
  coerceInputValue(value, slot.type, (path, _invalid, error) => {
    const detail =
      value === null ? 'must not be null' : (error.message.split(' Did you mean')[0] ?? '');
    note(entries, entry(slot, path, shortened(detail)));
  });
}

/** Stops at the 20th: a long list of wrong values must not buy a longer answer. */
function note(entries: ProblemEntry[], found: ProblemEntry): void {
  entries.push(found);
  if (entries.length === MAX_ENTRIES) throw new MalformedRequest(entries);
}

const MAX_ENTRIES = 20;

function entry(slot: Slot, path: readonly (string | number)[], detail: string): ProblemEntry {
  if (slot.in === 'body') return { pointer: pointer([slot.name, ...path]), detail };
  return { parameter: slot.name, detail };
}

/** RFC 6901 section 6: `~` and `/` escaped, then percent-encoded as a URI fragment. */
export function pointer(path: readonly (string | number)[]): string {
  const steps = path.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'));
  return `#${steps.map((step) => `/${encodeURIComponent(shortened(step.toWellFormed()))}`).join('')}`;
}

/** What does not look like the slot's type stays text, which its scalar then complains about. */
function fromText(slot: Slot, text: string): unknown {
  const { name } = getNamedType(slot.type);
  if (name === 'Int' && /^-?\d{1,10}$/.test(text)) return Number(text);
  if (name === 'Float' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  if (name === 'Boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function toVariables(route: Route, values: Values): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const variables: Record<string, unknown> = route.input ? { [route.input]: input } : {};
  for (const [slot, value] of values) {
    if (slot.field === null) variables[slot.variable] = value;
    else input[slot.field] = value;
  }
  return variables;
}

/** RFC 8259 section 8.1: JSON is UTF-8; another charset is refused rather than misread. */
function isJson(contentType: string): boolean {
  const media = parseMediaType(contentType);
  const charset = media?.parameters.get('charset') ?? 'utf-8';
  return media?.type === 'application/json' && charset.toLowerCase() === 'utf-8';
}

/** What the client sent is repeated to it, but not at any length. */
function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
