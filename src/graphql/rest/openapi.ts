/**
 * OpenAPI 3.1, printed from the operations: each is a route, its variables are the request, its
 * selection is the answer, and what it selects says which scopes it needs.
 */
import type { GraphQLSchema } from 'graphql';
import type { OperationCatalogue } from '#graphql/operations.ts';
import { type Access, requirement } from '#kernel/access.ts';
import type { ErrorClass } from '#kernel/commands/command.ts';
import type { Download } from '#kernel/http/download.ts';
import { restRoutes } from './door.ts';
import { errorClasses } from './error-statuses.ts';
import { Parameters } from './openapi-parameters.ts';
import { problemSchema } from './openapi-problems.ts';
import { Responses } from './openapi-responses.ts';
import { type JsonSchema, Schemas } from './openapi-schemas.ts';
import type { Route } from './route.ts';
import { served } from './route-table.ts';

export interface OpenApiOptions {
  /** `/v1`, or `/internal/v1` for the platform's document, which has the public routes too. */
  readonly prefix: string;
  readonly title: string;
  readonly version: string;
  /** Markdown. */
  readonly description: string;
  /** PUBLIC_URL; `/` where the document is printed for no server in particular. */
  readonly server: string;
  readonly license: { readonly name: string; readonly identifier: string };
  /** Tag -> what the chapter is about. Every tag that a route carries must be here. */
  readonly tags: Readonly<Record<string, string>>;
  /** By default all that the kernel and the commands declare. */
  readonly errors?: readonly ErrorClass[];
  /** Routes whose answers are streams; by default none. */
  readonly downloads?: readonly Download[];
}

/** A plain JSON object. Throws when a route cannot be described, naming it. */
export function openApi(
  catalogue: OperationCatalogue,
  schema: GraphQLSchema,
  options: OpenApiOptions,
): JsonSchema {
  const routes = served(restRoutes(catalogue, schema), options.prefix);
  const schemas = new Schemas(schema);
  schemas.component('Problem', problemSchema, () => problemSchema);
  const parameters = new Parameters(schemas, options.prefix);
  const responses = new Responses(schema, schemas, options.errors ?? errorClasses());
  const paths = pathsOf(routes, options, parameters, responses);
  const { title, version, description, license, server } = options;
  return {
    openapi: '3.1.0',
    info: { title, version, description, license },
    servers: [{ url: server }],
    tags: tagsOf(routes, options),
    paths,
    components: {
      securitySchemes: { bearer: BEARER },
      parameters: parameters.components(),
      ...responses.components(),
      schemas: schemas.components(),
    },
  };
}

const BEARER: JsonSchema = {
  type: 'http',
  scheme: 'bearer',
  description: 'An API key (`sgnt_...`) or an access token.',
};

/** Sorted by path; within one, in the order of reading and writing. */
function pathsOf(
  routes: readonly Route[],
  options: OpenApiOptions,
  parameters: Parameters,
  responses: Responses,
): JsonSchema {
  const paths = new Map<string, Map<string, JsonSchema>>();
  for (const route of routes) {
    const path = `${options.prefix}/${route.segments.join('/')}`;
    const verbs = paths.get(path) ?? new Map<string, JsonSchema>();
    paths.set(
      path,
      verbs.set(route.rest.method.toLowerCase(), describe(route, parameters, responses)),
    );
  }
  for (const download of options.downloads ?? []) {
    const get = describeDownload(download, parameters, responses);
    paths.set(`${options.prefix}/${download.path}`, new Map([['get', get]]));
  }
  const sorted = [...paths].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([path, verbs]) => [
      path,
      Object.fromEntries([...verbs].sort(([a], [b]) => VERBS.indexOf(a) - VERBS.indexOf(b))),
    ]),
  );
}

const VERBS = ['get', 'post', 'put', 'patch', 'delete'];

function describe(route: Route, parameters: Parameters, responses: Responses): JsonSchema {
  const { operation, rest } = route;
  const body = parameters.body(route);
  // What the graph answers with null, a route answers with its status.
  const summary = operation.summary.replace(/\bnull when\b/, '404 when');
  return {
    operationId: operation.name,
    summary: titleOf(summary, operation.name),
    description: [summary, demand(operation)].filter(Boolean).join('\n\n'),
    tags: [rest.tag],
    security: security(operation),
    parameters: parameters.of(route),
    ...(body ? { requestBody: body } : {}),
    responses: responses.of(route),
  };
}

function describeDownload(
  download: Download,
  parameters: Parameters,
  responses: Responses,
): JsonSchema {
  const { name, summary, tag } = download;
  return {
    operationId: name,
    summary: titleOf(summary, name),
    description: [summary, demand(download)].filter(Boolean).join('\n\n'),
    tags: [tag],
    security: security(download),
    parameters: parameters.ofDownload(download),
    responses: responses.ofDownload(download),
  };
}

/** The first of the sentences. */
function titleOf(summary: string, name: string): string {
  const [first = name] = summary.split(/[.;:](?:\s|$)/);
  return first;
}

function security({ access }: { readonly access: Access }): readonly JsonSchema[] {
  if (access === 'public') return [];
  if (access === 'authenticated') return [{ bearer: [] }];
  return access.scopes.map((group) => ({ bearer: group }));
}

function demand({ access }: { readonly access: Access }): string {
  return requirement(access, (scope) => `\`${scope}\``);
}

function tagsOf(routes: readonly Route[], { tags }: OpenApiOptions): readonly JsonSchema[] {
  const used = [...new Set(routes.map(({ rest }) => rest.tag))].sort();
  return used.map((name) => {
    const description = tags[name];
    if (!description) throw new Error(`OpenAPI: the tag ${name} has no description`);
    return { name, description };
  });
}
