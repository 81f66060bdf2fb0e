/**
 * Holds what a house has recorded against what `schema/events.json` promises. Every house does it at
 * its end, so that the whole suite's events are looked at.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { canonicalJson, type Json } from '#kernel/events/event.ts';
import { allEventTypes } from '#kernel/events/event-types.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { EventCatalogue } from '../../src/app/published-events.ts';
import { type AuditRow, recordOf } from './audit-row.ts';
import type { Instance } from './house.ts';
import { rows } from './stored.ts';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0] & object;
interface Members {
  readonly properties?: Record<string, JsonSchema>;
  readonly required?: readonly string[];
}

const file = new URL('../../schema/events.json', import.meta.url);
const promised = JSON.parse(readFileSync(file, 'utf8')) as EventCatalogue;
const envelope = z.fromJSONSchema(closed(promised.envelope as JsonSchema));

/** What is recorded otherwise than promised, in words; the same fault once. */
export async function brokenPromises(house: Instance): Promise<string[]> {
  const tenants = await rows<{ id: string }>(house, PLATFORM_TENANT_ID, 'SELECT id FROM tenants');
  const faults = new Set<string>();
  for (const { id } of tenants)
    for (const row of await rows<AuditRow>(house, id, 'SELECT * FROM audit_events'))
      for (const fault of faultsOf(row)) faults.add(fault);
  return [...faults];
}

/** Stricter than what is printed: a member that nobody promised is a fault as well. */
export function faultsOf(row: AuditRow): string[] {
  const checks = checksOf(row);
  if (!checks && isOfTests(row.type)) return [];
  if (!checks) return [`${row.type} is no event of schema/events.json`];
  const record = JSON.parse(canonicalJson({ v: 1, ...recordOf(row) } as unknown as Json));
  return checks.flatMap(([what, shape]) => {
    const { error } = shape.safeParse(what === 'record' ? record : record[what]);
    return error ? [`${row.type} (${row.result}): ${what}: ${z.prettifyError(error)}`] : [];
  });
}

/** Of commands that tests declare for themselves: they are promised to nobody. */
function isOfTests(name: string): boolean {
  return allEventTypes().some((type) => type.name === name);
}

type Check = readonly [what: string, shape: z.ZodType];

const known = new Map<string, readonly Check[] | null>();

/** What a type's rows must pass; null when there is no such type. */
function checksOf({ type, result }: AuditRow): readonly Check[] | null {
  const key = `${type} ${result}`;
  if (!known.has(key)) known.set(key, makeChecks(type, result));
  return known.get(key) ?? null;
}

function makeChecks(type: string, result: string): readonly Check[] | null {
  const schema = promised.events[type]?.schema;
  if (!schema) return null;
  const own = schema.properties as Record<string, JsonSchema>;
  return [
    ['record', envelope],
    ['details', z.fromJSONSchema(closed(detailsOf(schema as JsonSchema, result)))],
    ['severity', z.fromJSONSchema(own['severity'] as JsonSchema)],
    ['result', z.fromJSONSchema(own['result'] as JsonSchema)],
    ['targets', targetsOf(own['targets'] as JsonSchema)],
  ];
}

function detailsOf(schema: JsonSchema, result: string): JsonSchema {
  const { details } = schema.properties as { details: JsonSchema };
  const general = (promised.envelope.properties as { details: JsonSchema }).details;
  const alternatives = (schema as { anyOf?: { properties: { details?: Members } }[] }).anyOf;
  const required = alternatives?.[1]?.properties.details?.required ?? [];
  const others = result === 'SUCCESS' ? required : [];
  return {
    ...details,
    properties: { ...general.properties, ...details.properties },
    required: [...others],
  } as JsonSchema;
}

function targetsOf(targets: JsonSchema): z.ZodType {
  const { items } = targets as { items?: Members };
  if (!items) return z.array(z.never());
  const { properties } = items;
  const { type } = properties as { type: JsonSchema };
  return z.array(z.object({ type: z.fromJSONSchema(type), id: z.string() }));
}

/** No other members than those that are named. */
function closed(schema: JsonSchema): JsonSchema {
  const { properties } = schema as Members;
  if (!properties || 'additionalProperties' in schema) return schema;
  const inner = Object.entries(properties).map(([name, one]) => [name, closed(one)] as const);
  return {
    ...schema,
    properties: Object.fromEntries(inner),
    additionalProperties: false,
  } as JsonSchema;
}
