/** JSON Schemas (OpenAPI 3.1) of what requests carry and of what operations select. */
import {
  type DocumentNode,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
  type SelectionSetNode,
} from 'graphql';
import { exampleId } from './openapi-examples.ts';
import { type SelectedField, selectedFields, selectsTypename, soleFragment } from './selections.ts';

export type JsonSchema = { readonly [keyword: string]: unknown };

const SCALARS: Readonly<Record<string, JsonSchema>> = {
  ID: { type: 'string' },
  String: { type: 'string' },
  Int: { type: 'integer', format: 'int32' },
  Float: { type: 'number' },
  Boolean: { type: 'boolean' },
  DateTime: { type: 'string', format: 'date-time', examples: ['2026-01-31T09:30:00.000Z'] },
  JSONObject: { type: 'object', additionalProperties: true },
};

/** Builds schemas, and keeps those that have a name as components. */
export class Schemas {
  private readonly schema: GraphQLSchema;
  private readonly named = new Map<string, { owner: unknown; made: JsonSchema }>();

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
  }

  /** Sorted by name. */
  components(): Readonly<Record<string, JsonSchema>> {
    const sorted = [...this.named].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([name, { made }]) => [name, made]));
  }

  /** A reference to the component `name`; `owner` tells two that would share a name apart. */
  component(name: string, owner: unknown, make: () => JsonSchema): JsonSchema {
    const known = this.named.get(name);
    if (known && known.owner !== owner)
      throw new Error(`OpenAPI: two schemas would be named ${name}; rename a fragment or a type`);
    if (!known) {
      this.named.set(name, { owner, made: {} });
      this.named.set(name, { owner, made: make() });
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  /** `where` names the field, for the example of an id. */
  input(type: GraphQLInputType, where: string): JsonSchema {
    return wrap(type, (leaf) => {
      if (isInputObjectType(leaf))
        return this.component(leaf.name, leaf, () => this.inputObject(leaf));
      return isEnumType(leaf) ? this.enumeration(leaf) : scalar(leaf, [where]);
    });
  }

  /** The object that an operation selects of a type. */
  object(
    document: DocumentNode,
    sets: readonly SelectionSetNode[],
    type: GraphQLObjectType,
  ): JsonSchema {
    const fragment = soleFragment(sets);
    if (!fragment) return this.fields(document, sets, type);
    const name = fragment.replace(/Fields$/, '');
    return this.component(name, `${fragment} on ${type.name}`, () =>
      this.fields(document, sets, type),
    );
  }

  field(document: DocumentNode, field: SelectedField, parent: GraphQLNamedType): JsonSchema {
    const made = this.output(document, field.sets, field.type, [field.name, parent.name]);
    return field.description ? { ...made, description: field.description } : made;
  }

  output(
    document: DocumentNode,
    sets: readonly SelectionSetNode[],
    type: GraphQLOutputType,
    names: readonly string[],
  ): JsonSchema {
    return wrap(type, (leaf) => {
      if (isObjectType(leaf)) return this.object(document, sets, leaf);
      if (isAbstractType(leaf))
        return {
          oneOf: this.schema
            .getPossibleTypes(leaf)
            .map((member) => ({ title: member.name, ...this.fields(document, sets, member) })),
        };
      return isEnumType(leaf) ? this.enumeration(leaf) : scalar(leaf, names);
    });
  }

  private fields(
    document: DocumentNode,
    sets: readonly SelectionSetNode[],
    type: GraphQLObjectType,
  ): JsonSchema {
    const fields = selectedFields(this.schema, document, sets, type);
    const properties = fields.map((one) => [one.key, this.field(document, one, type)] as const);
    if (selectsTypename(this.schema, document, sets, type))
      properties.push(['__typename', { type: 'string', const: type.name }]);
    return {
      type: 'object',
      ...(type.description ? { description: type.description } : {}),
      required: properties.map(([key]) => key),
      properties: Object.fromEntries(properties),
    };
  }

  private inputObject(type: GraphQLInputObjectType): JsonSchema {
    const fields = Object.values(type.getFields());
    return {
      type: 'object',
      ...(type.description ? { description: type.description } : {}),
      additionalProperties: false,
      required: fields.filter(isRequiredInputField).map(({ name }) => name),
      properties: Object.fromEntries(
        fields.map(({ name, type: inner, description, defaultValue }) => [
          name,
          {
            ...this.input(inner, name),
            ...(description ? { description } : {}),
            ...(defaultValue === undefined ? {} : { default: defaultValue }),
          },
        ]),
      ),
    };
  }

  private enumeration(type: GraphQLEnumType): JsonSchema {
    return this.component(type.name, type, () => ({
      type: 'string',
      ...(type.description ? { description: type.description } : {}),
      enum: type.getValues().map(({ name }) => name),
    }));
  }
}

/** Adds null as JSON Schema 2020-12 does; OpenAPI 3.1 has no `nullable`. */
export function orNull(schema: JsonSchema): JsonSchema {
  const { type } = schema as { type?: string };
  if (type !== undefined) return { ...schema, type: [type, 'null'] };
  return { anyOf: [schema, { type: 'null' }] };
}

/** Lists and nullability; only the innermost type is left to `leaf`. */
function wrap(type: GraphQLType, leaf: (type: GraphQLNamedType) => JsonSchema): JsonSchema {
  const required = isNonNullType(type);
  const inner = required ? (type.ofType as GraphQLType) : type;
  const made = isListType(inner)
    ? { type: 'array', items: wrap(inner.ofType as GraphQLType, leaf) }
    : leaf(inner as GraphQLNamedType);
  return required ? made : orNull(made);
}

function scalar(type: GraphQLNamedType, names: readonly string[]): JsonSchema {
  const schema = SCALARS[type.name];
  if (!schema) throw new Error(`OpenAPI: the scalar ${type.name} has no JSON Schema`);
  if (type.name !== 'ID') return schema;
  const example = exampleId(names);
  return example ? { ...schema, examples: [example] } : schema;
}
