/**
 * Every type of event that there is, declared once beside what records it: commands declare theirs by
 * themselves, protocols and doors by `declareEvent`. `schema/events.json` is printed from this, and the
 * tests hold every row that they cause against it.
 */
import { z } from 'zod';
import { ID_TYPES, type IdType } from '#kernel/ids.ts';
import type { EventResult, Severity } from './event.ts';

export interface EventType {
  /** `noun.verb`, imperative: what the rows carry as `type`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Of what was done, the usual one first. What was refused or failed is a WARNING. */
  readonly severity: readonly [Severity, ...Severity[]];
  readonly results: readonly EventResult[];
  /** Types of the things that it may be about. */
  readonly about: readonly IdType[];
  /** What `details` holds when it was done; never personal data, never a secret. */
  readonly details: z.ZodObject;
  /** Goes up when a member of `details` changes its meaning or leaves, and never for one that comes. */
  readonly v: number;
}

interface Declaration {
  readonly name: string;
  readonly summary: string;
  /** INFO unless told. */
  readonly severity?: Severity | readonly [Severity, ...Severity[]];
  /** Done or refused unless told. */
  readonly results?: readonly EventResult[];
  /** The noun of the name unless told. */
  readonly about?: readonly IdType[];
  readonly tells?: z.ZodRawShape;
  readonly v?: number;
}

const declared = new Map<string, EventType>();

/** Answers the name, for what records it. Throws when another event has it. */
export function declareEvent<const Name extends string>(
  declaration: Declaration & { readonly name: Name },
): Name {
  const { name, summary, severity = 'INFO', tells = {}, v = 1 } = declaration;
  if (declared.has(name)) throw new Error(`event ${name} is declared twice`);
  declared.set(name, {
    name,
    summary,
    severity: typeof severity === 'string' ? [severity] : severity,
    results: declaration.results ?? ['SUCCESS', 'REFUSED'],
    about: declaration.about ?? nounOf(name),
    details: z.strictObject(tells),
    v,
  });
  return name;
}

/** By name, in the order of their names. */
export function allEventTypes(): readonly EventType[] {
  return [...declared.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function nounOf(name: string): IdType[] {
  const noun = name.slice(0, name.indexOf('.'));
  return ID_TYPES.filter((type) => type === noun);
}

/** Members that many events have. */
export const told = {
  /** How many of something. */
  count: z.int().min(0),
  names: z.array(z.string()),
  /** Of what was changed: the names of the fields, never their values. */
  fields: z.array(z.string()).describe('Names of the fields that were given, sorted.'),
  sessions: z.int().min(0).describe('How many sessions ended by it.'),
  linkSent: z.boolean().describe('Whether a link was sent; not when too many were.'),
  changed: z.boolean().describe('False when it was so before.'),
} as const;
