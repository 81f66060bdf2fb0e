/**
 * What was once promised about an event stays promised: logs, exports and receivers hold events of
 * years ago. A type that is recorded no more stays in the catalogue, and the print refuses to take a
 * member back, or to change what it may hold, under the same version.
 */
import type { JsonSchema } from '#kernel/events/event-schema.ts';

export interface EventCatalogue {
  readonly envelope: JsonSchema;
  readonly events: Readonly<Record<string, PublishedEvent>>;
}

export interface PublishedEvent {
  readonly summary: string;
  readonly severity: string;
  readonly v: number;
  readonly schema: JsonSchema;
  /** It was recorded once, and is not any more. */
  readonly retired?: true;
  /** Earlier versions' schemas, the oldest first. */
  readonly earlier?: readonly JsonSchema[];
}

/** The catalogue with what was published before. Throws with every promise that would be broken. */
export function mergeEvents(published: EventCatalogue, now: EventCatalogue): EventCatalogue {
  const broken = brokenPromises(published, now);
  if (broken.length > 0)
    throw new Error(
      `schema/events.json promises what would not hold any more; give the event a new version (tellsVersion, v):\n${broken.join('\n')}`,
    );
  const names = [...new Set([...Object.keys(published.events), ...Object.keys(now.events)])].sort();
  return {
    envelope: now.envelope,
    events: Object.fromEntries(
      names.map((name) => [name, merged(published.events[name], now.events[name])]),
    ),
  };
}

function merged(before: PublishedEvent | undefined, now: PublishedEvent | undefined) {
  if (!before) return now as PublishedEvent;
  if (!now) return { ...before, retired: true as const };
  const earlier = [...(before.earlier ?? []), ...(before.v < now.v ? [before.schema] : [])];
  return { ...now, ...(earlier.length > 0 ? { earlier } : {}) };
}

function brokenPromises(published: EventCatalogue, now: EventCatalogue): string[] {
  const broken = lost(published.envelope, now.envelope, 'envelope');
  for (const [name, before] of Object.entries(published.events)) {
    const after = now.events[name];
    if (after && after.v < before.v) broken.push(`${name}: version ${before.v} became ${after.v}`);
    if (after && after.v === before.v) broken.push(...lost(before.schema, after.schema, name));
  }
  return broken;
}

/** What may come later: members, and values of an enum. Everything else stays as it was. */
function lost(before: unknown, after: unknown, path: string): string[] {
  if (before === after || FOR_PEOPLE.test(path)) return [];
  if (Array.isArray(before) && Array.isArray(after))
    return before.flatMap((item, n) =>
      isObject(item) ? lost(item, after[n], `${path}.${n}`) : gone(item, after, path),
    );
  if (!isObject(before) || !isObject(after))
    return [`${path}: ${JSON.stringify(before)} became ${JSON.stringify(after) ?? 'nothing'}`];
  return Object.keys(before).flatMap((key) => lost(before[key], after[key], `${path}.${key}`));
}

function gone(item: unknown, after: readonly unknown[], path: string): string[] {
  return after.includes(item) ? [] : [`${path}: ${JSON.stringify(item)} is gone`];
}

/** Not the members of an event that happen to have these names. */
const FOR_PEOPLE = /(?<!\.properties)\.(description|title)$/;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
