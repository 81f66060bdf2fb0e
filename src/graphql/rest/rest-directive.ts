/** `@rest`: where an operation stands among the REST routes. Only operation documents carry it. */
import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLEnumType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLSchema,
  GraphQLString,
  getDirectiveValues,
  type OperationDefinitionNode,
} from 'graphql';

const REST_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type RestMethod = (typeof REST_METHODS)[number];

/** The directive's arguments, as an operation gives them. */
export interface RestMeta {
  readonly method: RestMethod;
  /** `/v1/users/{id}`; below `/internal/v1` for what only the platform door serves. */
  readonly path: string;
  readonly tag: string;
  /** The status of a success. */
  readonly status: number;
  /** What this operation does, where its field can do more. */
  readonly summary?: string;
  /** The answer's field that is its entity tag. */
  readonly etag?: string;
  /** The variable, or the field of the input, that an If-Match header fills. */
  readonly ifMatch?: string;
  /** Template of the Location header; `{id}` is a field of the answer. */
  readonly location?: string;
}

const text = new GraphQLNonNull(GraphQLString);

const restDirective = new GraphQLDirective({
  name: 'rest',
  description: 'The REST route of an operation. OpenAPI is printed from it.',
  locations: [DirectiveLocation.QUERY, DirectiveLocation.MUTATION],
  args: {
    method: {
      description: 'The verb: GET for queries, another for mutations.',
      type: new GraphQLNonNull(
        new GraphQLEnumType({
          name: 'RestMethod',
          description: 'The verbs of HTTP that routes answer to.',
          values: Object.fromEntries(REST_METHODS.map((method) => [method, {}])),
        }),
      ),
    },
    path: { type: text, description: 'The path; `{id}` is a variable or a field of the input.' },
    tag: { type: text, description: 'The chapter of the reference that it stands in.' },
    status: { type: GraphQLInt, defaultValue: 200, description: 'The status of a success.' },
    summary: {
      type: GraphQLString,
      description: 'What this operation does, where its field can do more.',
    },
    etag: { type: GraphQLString, description: "The answer's field that is its entity tag." },
    ifMatch: { type: GraphQLString, description: 'What an If-Match header fills.' },
    location: { type: GraphQLString, description: 'Template of the Location header.' },
  },
});

/** The schema with the directive declared, to validate operation documents against. */
export function withRestDirective(schema: GraphQLSchema): GraphQLSchema {
  if (schema.getDirective(restDirective.name)) return schema;
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, directives: [...config.directives, restDirective] });
}

/** Undefined when the operation has no route. */
export function restMeta(operation: OperationDefinitionNode): RestMeta | undefined {
  const given = getDirectiveValues(restDirective, operation);
  return given && (given as unknown as RestMeta);
}
