/**
 * GraphQL inputs derived from zod shapes, so that nobody writes a shape twice. GraphQL checks the
 * form (kinds, presence, enum members); zod then checks the meaning and yields the typed value.
 */
import type { InputFieldRef, InputTypeRef } from '@pothos/core';
import { z } from 'zod';
import { type BuilderTypes, builder } from './builder.ts';

export type InputRef = InputTypeRef<BuilderTypes, unknown>;

/** `z.string().meta({ graphql: 'ID' })` derives another scalar than the kind's own. */
interface GraphMeta {
  graphql?: 'ID' | 'DateTime' | 'JSONObject';
  /** Names an enum or a nested object. */
  id?: string;
  description?: string;
}

type NamedInput =
  | InputRef
  | 'String'
  | 'Int'
  | 'Float'
  | 'Boolean'
  | 'ID'
  | 'DateTime'
  | 'JSONObject';
type TypeParam = NamedInput | [NamedInput];

const made = new Map<string, InputRef>();

/** The input type `name` for a zod object; the same schema answers the same type. */
export function inputType(name: string, schema: z.ZodObject, description: string): InputRef {
  const known = made.get(name);
  if (known) return known;
  const ref = builder.inputType(name, {
    description,
    fields: (t) => {
      const fields: Record<string, InputFieldRef<BuilderTypes, unknown>> = {};
      for (const [key, value] of Object.entries(schema.shape)) {
        const { inner, required } = unwrap(value as z.ZodType);
        fields[key] = t.field({
          type: typeOf(`${name}.${key}`, inner) as 'String',
          required: required as true,
          description: describe(`${name}.${key}`, value as z.ZodType),
        }) as InputFieldRef<BuilderTypes, unknown>;
      }
      return fields as never;
    },
  }) as unknown as InputRef;
  made.set(name, ref);
  return ref;
}

/** The GraphQL enum of a zod enum that carries `.meta({ id: 'UserStatus' })`; made once. */
export function enumOf(schema: z.ZodEnum): InputRef {
  const meta = metaOf(schema);
  if (!meta.id)
    throw new Error(`enum ${schema.options.join('|')} needs .meta({ id, description })`);
  const known = made.get(meta.id);
  if (known) return known;
  const ref = builder.enumType(meta.id, {
    description: meta.description ?? meta.id,
    values: schema.options.map(String),
  }) as unknown as InputRef;
  made.set(meta.id, ref);
  return ref;
}

function typeOf(where: string, schema: z.ZodType): TypeParam {
  const meta = metaOf(schema);
  if (meta.graphql) return meta.graphql;
  if (schema instanceof z.ZodArray) {
    const { inner } = unwrap(schema.element as z.ZodType);
    return [typeOf(where, inner) as NamedInput];
  }
  if (schema instanceof z.ZodObject)
    return inputType(
      meta.id ?? fail(where, 'a nested object needs .meta({ id })'),
      schema,
      meta.description ?? where,
    );
  if (schema instanceof z.ZodEnum) return enumOf(schema);
  return scalarOf(where, schema);
}

function scalarOf(where: string, schema: z.ZodType): NamedInput {
  switch (schema.def.type) {
    case 'string':
      return 'String';
    case 'boolean':
      return 'Boolean';
    case 'number':
      return (schema as z.ZodNumber).format ? 'Int' : 'Float';
    case 'date':
      return 'DateTime';
    case 'record':
      return 'JSONObject';
    default:
      return fail(where, `zod ${schema.def.type} has no GraphQL form; use .meta({ graphql })`);
  }
}

/** Strips what GraphQL expresses by nullability or not at all; meta on an outer layer wins. */
function unwrap(schema: z.ZodType): { inner: z.ZodType; required: boolean } {
  let inner = schema;
  let required = true;
  for (;;) {
    if (metaOf(inner).graphql) return { inner, required: required && !isOptional(inner) };
    if (
      inner instanceof z.ZodOptional ||
      inner instanceof z.ZodNullable ||
      inner instanceof z.ZodDefault
    ) {
      required = false;
      inner = inner.def.innerType as z.ZodType;
    } else if (inner instanceof z.ZodPipe) inner = inner.def.in as z.ZodType;
    else return { inner, required };
  }
}

function isOptional(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}

function describe(where: string, schema: z.ZodType): string {
  let inner = schema;
  for (;;) {
    const { description } = metaOf(inner);
    if (description) return description;
    const next =
      (inner.def as { innerType?: z.ZodType; in?: z.ZodType }).innerType ??
      (inner.def as { in?: z.ZodType }).in;
    if (!next) return fail(where, 'needs .describe()');
    inner = next;
  }
}

function metaOf(schema: z.ZodType): GraphMeta {
  return (schema.meta() ?? {}) as GraphMeta;
}

function fail(where: string, problem: string): never {
  throw new Error(`input ${where}: ${problem}`);
}
