/** What a route answers, in OpenAPI's terms: its success, and a problem for each declared error. */
import {
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isNonNullType,
} from 'graphql';
import type { ErrorClass } from '#kernel/commands/command.ts';
import type { Download } from '#kernel/http/download.ts';
import { type AnswerPlan, answerFields } from './answer-plan.ts';
import { type HeaderName, Headers } from './openapi-headers.ts';
import { Problems } from './openapi-problems.ts';
import { type JsonSchema, orNull, type Schemas } from './openapi-schemas.ts';
import type { Route } from './route.ts';
import { selectedFields } from './selections.ts';

export class Responses {
  private readonly schema: GraphQLSchema;
  private readonly schemas: Schemas;
  private readonly headers: Headers;
  private readonly problems: Problems;

  constructor(schema: GraphQLSchema, schemas: Schemas, classes: readonly ErrorClass[]) {
    this.schema = schema;
    this.schemas = schemas;
    this.headers = new Headers();
    this.problems = new Problems(schema, this.headers, classes);
  }

  components(): { readonly headers: JsonSchema; readonly responses: JsonSchema } {
    return { headers: this.headers.components(), responses: this.problems.components() };
  }

  of(route: Route): Readonly<Record<string, JsonSchema>> {
    const { method, status, etag } = route.rest;
    const headers = this.headers.refer(['ETag']);
    const unchanged = { description: 'It still has this entity tag.', headers };
    return {
      [status]: this.success(route),
      ...(method === 'GET' && etag ? { 304: unchanged } : {}),
      ...this.problems.of(route),
    };
  }

  ofDownload(download: Download): Readonly<Record<string, JsonSchema>> {
    const described = (all: Readonly<Record<string, string>>, make: (text: string) => JsonSchema) =>
      Object.fromEntries(Object.entries(all).map(([name, text]) => [name, make(text)]));
    const header = (description: string) => ({ description, schema: { type: 'string' } });
    const content = (description: string) => ({ schema: { type: 'string', description } });
    return {
      200: {
        description: 'A stream; a connection that ends early means that it is not whole.',
        headers: {
          ...this.headers.refer(['RateLimit']),
          ...described(download.headers, header),
        },
        content: described(download.answers, content),
      },
      ...this.problems.ofDownload(download),
    };
  }

  private success(route: Route): JsonSchema {
    const { status, etag, location } = route.rest;
    const list = route.answer.kind === 'list';
    const named: HeaderName[] = ['RateLimit'];
    if (list) named.unshift('Link');
    if (location) named.unshift('Location');
    if (etag) named.unshift('ETag');
    const headers = this.headers.refer(named);
    if (status === 204) return { description: 'Done.', headers };
    return {
      description: status === 201 ? 'Created.' : list ? 'A page of the list.' : 'Done.',
      headers,
      content: { 'application/json': { schema: this.answer(route, route.answer) } },
    };
  }

  private answer({ operation }: Route, plan: AnswerPlan): JsonSchema {
    const { document } = operation;
    if (plan.kind === 'value')
      return this.schemas.output(document, plan.sets, required(plan.type), []);
    if (plan.kind === 'list') return this.page(document, plan);
    const { success, inner } = plan;
    if (!inner) return this.schemas.object(document, plan.sets, success);
    const object = this.schemas.object(
      document,
      inner.sets,
      getNamedType(inner.type) as GraphQLObjectType,
    );
    const { beside } = answerFields(this.schema, operation, plan);
    if (beside.length === 0) return object;
    const properties = beside.map((field) => [
      field.key,
      this.schemas.field(document, field, success),
    ]);
    return {
      allOf: [
        object,
        {
          type: 'object',
          required: beside.map(({ key }) => key),
          properties: Object.fromEntries(properties),
        },
      ],
    };
  }

  private page(
    document: Route['operation']['document'],
    { sets, connection }: AnswerPlan & { kind: 'list' },
  ): JsonSchema {
    const fields = selectedFields(this.schema, document, sets, connection);
    const others = fields.filter(({ key }) => key !== 'pageInfo');
    const properties = others.map((field) => [
      field.key === 'nodes' ? 'items' : field.key,
      this.schemas.field(document, field, connection),
    ]);
    const nextCursor = {
      ...orNull({ type: 'string' }),
      description: 'Pass it as `after` for the next page; null on the last page.',
    };
    const all = { ...Object.fromEntries(properties), nextCursor };
    return { type: 'object', required: Object.keys(all), properties: all };
  }
}

function required(type: GraphQLOutputType): GraphQLOutputType {
  return isNonNullType(type) ? type : new GraphQLNonNull(type);
}
