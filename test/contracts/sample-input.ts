/** The least input that a command accepts, found from its zod shape alone. */
import { z } from 'zod';
import type { Ids } from './fixtures.ts';

let made = 0;

/**
 * Required fields only, and as many optional ones as a rule over the whole object asks for (such as
 * "a user or a group"), and those that are `including`. In wire form: dates are strings, ids are texts. Throws for a shape that has
 * no value here; then teach `candidates` one.
 */
export function sampleInput(
  schema: z.ZodObject,
  ids: Ids,
  including: readonly string[] = [],
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const optional: string[] = [];
  for (const [name, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    if (!including.includes(name) && field.safeParse(undefined).success) optional.push(name);
    else input[name] = sample(field, name, ids);
  }
  if (accepts(schema, input)) return wire(input);
  for (const name of optional) {
    const more = { ...input, [name]: sample(schema.shape[name] as z.ZodType, name, ids) };
    if (accepts(schema, more)) return wire(more);
  }
  throw new Error(`no sample for an object with ${Object.keys(schema.shape).join(', ')}`);
}

/** Every field that holds an id, with the type of it. */
export function idFields(schema: z.ZodObject, ids: Ids): readonly (readonly [string, keyof Ids])[] {
  return (Object.entries(schema.shape) as [string, z.ZodType][]).flatMap(([name, field]) => {
    const type = (Object.keys(ids) as (keyof Ids)[]).find((one) => isIdOf(field, one, ids));
    return type ? [[name, type] as const] : [];
  });
}

function isIdOf(field: z.ZodType, type: keyof Ids, ids: Ids): boolean {
  return field.safeParse(ids[type]).success && !field.safeParse('some text').success;
}

function sample(schema: z.ZodType, name: string, ids: Ids): unknown {
  const found = candidates(ids).find((value) => accepts(schema, value));
  if (found !== undefined) return found;
  const inner = innermost(schema);
  if (inner instanceof z.ZodArray) {
    const item = [sample(inner.element as z.ZodType, name, ids)];
    if (accepts(schema, item)) return item;
  }
  if (inner instanceof z.ZodEnum) return inner.options[0];
  if (inner instanceof z.ZodObject) return sampleInput(inner, ids);
  throw new Error(`${name}: no sample for zod ${inner.def.type}`);
}

/** One of each form that inputs take; the first that a shape accepts is its sample. */
function candidates(ids: Ids): readonly unknown[] {
  made += 1;
  return [
    `sample-${made}`,
    `sample.${made}@example.com`,
    `sample-${made}.example.com`,
    'en',
    'users:read',
    'https://sample.example.com/logo.svg',
    '#a1b2c3',
    'QSBzYW1wbGUgc2VlZCBvZiBURFRP',
    1,
    3,
    10,
    100,
    20_000,
    100_000,
    true,
    new Date(Date.now() + 86_400_000),
    {},
    'authorization_code',
    'openid',
    'user.create',
    { keys: [PUBLIC_KEY] },
    ...Object.values(ids),
  ];
}

/** Of P-256; its private half was never kept. */
const PUBLIC_KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: '85RXx6lPYwI2hHUWLBxTkEqFXDAB2BgqAzGB53BpCSg',
  y: 'yf8mLEEIDMZkjuVlhb17aP_KzE4n7ZiotLk3ryAlG7M',
};

function accepts(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

function innermost(schema: z.ZodType): z.ZodType {
  let inner = schema;
  for (;;) {
    const def = inner.def as { innerType?: z.ZodType; in?: z.ZodType };
    const next = def.innerType ?? def.in;
    if (!next) return inner;
    inner = next;
  }
}

function wire(input: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(input)) as Record<string, unknown>;
}
