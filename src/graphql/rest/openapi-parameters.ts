/** What a request of a route carries, in OpenAPI's terms. */
import { type GraphQLInputType, GraphQLNonNull, isNonNullType } from 'graphql';
import type { Download } from '#kernel/http/download.ts';
import { downloadParameters } from './download-parameters.ts';
import { exampleId } from './openapi-examples.ts';
import type { JsonSchema, Schemas } from './openapi-schemas.ts';
import type { Route } from './route.ts';
import { isPlatform } from './route-table.ts';
import type { Slot } from './slots.ts';

const COMPONENTS: Readonly<Record<string, JsonSchema>> = {
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description:
      'Change it only if it still has this entity tag, as `ETag` gave it; otherwise 412. `*` is any.',
    schema: { type: 'string', examples: ['"3"'] },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'Answer 304 without a body while it still has this entity tag.',
    schema: { type: 'string', examples: ['"3"'] },
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Of your choice, 8 to 200 characters. A repeated request with the same key and input gets the first answer and changes nothing; keys are kept for 24 hours.',
    schema: { type: 'string', minLength: 8, maxLength: 200, examples: ['7b6f9c1e-import-0001'] },
  },
  TenantId: {
    name: 'X-Tenant-ID',
    in: 'header',
    description: "The tenant to act in; the caller's own when it is left out.",
    schema: { type: 'string', examples: [exampleId(['tenant'])] },
  },
};

/** The parameters that many routes share; kept when one refers to them. */
export class Parameters {
  private readonly used = new Set<string>();
  private readonly schemas: Schemas;
  private readonly prefix: string;

  constructor(schemas: Schemas, prefix: string) {
    this.schemas = schemas;
    this.prefix = prefix;
  }

  components(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(Object.entries(COMPONENTS).filter(([name]) => this.used.has(name)));
  }

  of(route: Route): readonly JsonSchema[] {
    const { rest, ifMatch, platformOnly } = route;
    return [
      ...route.params.map((slot) => this.parameter(route, slot)),
      ...[...route.query.values()].map((slot) => this.parameter(route, slot)),
      ...(isPlatform(this.prefix) && !platformOnly ? [this.shared('TenantId')] : []),
      ...(rest.method === 'POST' ? [this.shared('IdempotencyKey')] : []),
      ...(ifMatch ? [this.shared('IfMatch')] : []),
      ...(rest.method === 'GET' && rest.etag ? [this.shared('IfNoneMatch')] : []),
    ];
  }

  ofDownload(download: Download): readonly JsonSchema[] {
    return [
      ...downloadParameters(download).map(({ name, description, schema }) => ({
        name,
        in: 'query',
        required: false,
        description,
        schema,
      })),
      ...(isPlatform(this.prefix) ? [this.shared('TenantId')] : []),
    ];
  }

  /** Undefined when the route takes no fields. */
  body(route: Route): JsonSchema | undefined {
    const slots = [...(route.body?.values() ?? [])];
    if (slots.length === 0) return undefined;
    const required = slots.filter((slot) => slot.required).map(({ name }) => name);
    const schema = this.schemas.component(`${route.operation.name}Body`, route, () => ({
      type: 'object',
      additionalProperties: false,
      ...(required.length > 0 ? { required } : {}),
      properties: Object.fromEntries(slots.map((slot) => [slot.name, this.property(slot)])),
    }));
    return {
      required: required.length > 0,
      content: { 'application/json': { schema } },
    };
  }

  private property(slot: Slot): JsonSchema {
    return {
      ...this.schemas.input(slot.type, slot.name),
      ...(slot.description ? { description: slot.description } : {}),
      ...(slot.default === undefined ? {} : { default: slot.default }),
    };
  }

  private parameter(route: Route, slot: Slot): JsonSchema {
    const before = route.segments[route.segments.indexOf(`{${slot.name}}`) - 1];
    const schema = this.schemas.input(present(slot), slot.name);
    const example = slot.in === 'path' && exampleId([slot.name, before ?? '']);
    return {
      name: slot.name,
      in: slot.in,
      required: slot.required,
      ...(slot.description ? { description: slot.description } : {}),
      schema: {
        ...schema,
        ...(example ? { examples: [example] } : {}),
        ...(slot.default === undefined ? {} : { default: slot.default }),
      },
    };
  }

  private shared(name: string): JsonSchema {
    this.used.add(name);
    return { $ref: `#/components/parameters/${name}` };
  }
}

/** A parameter that is there is not null: a URL cannot say null. */
function present({ type }: Slot): GraphQLInputType {
  return isNonNullType(type) ? type : new GraphQLNonNull(type);
}
