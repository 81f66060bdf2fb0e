/** The problems that a route may answer, one response for each status, with the codes named. */
import { type GraphQLSchema, isNonNullType } from 'graphql';
import { rootField } from '#graphql/operations.ts';
import type { ErrorClass } from '#kernel/commands/command.ts';
import * as errors from '#kernel/errors.ts';
import type { Download } from '#kernel/http/download.ts';
import type { HeaderName, Headers } from './openapi-headers.ts';
import type { JsonSchema } from './openapi-schemas.ts';
import { titleOf } from './problem.ts';
import type { Route } from './route.ts';

type Answered = Pick<ErrorClass, 'code' | 'status'>;

const INTERNAL: Answered = { code: 'INTERNAL', status: 500 };

/** The component that every problem is an instance of. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description:
    'What went wrong (RFC 9457). `code` is stable; `detail` is for people and may change.',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri', examples: ['urn:signet:error:NOT_FOUND'] },
    title: { type: 'string', description: 'The same for every problem with this code.' },
    status: { type: 'integer', format: 'int32', description: "The answer's status." },
    detail: { type: 'string', description: 'What is wrong and what to do.' },
    code: { type: 'string', description: 'Stable, in SCREAMING_CASE.' },
    requestId: { type: 'string', description: 'Names the request in our log.' },
    retryAfter: { type: 'integer', description: 'Seconds after which a retry makes sense.' },
    errors: {
      type: 'array',
      description: 'Which parts of the request are wrong.',
      items: {
        type: 'object',
        required: ['detail'],
        properties: {
          pointer: {
            type: 'string',
            description: 'JSON Pointer to a part of the body, as a URI fragment.',
            examples: ['#/scopes/0'],
          },
          parameter: { type: 'string', description: 'A parameter of the path or the query.' },
          header: { type: 'string', description: 'A header.' },
          detail: { type: 'string', description: 'What it must be.' },
        },
      },
    },
  },
};

export class Problems {
  private readonly schema: GraphQLSchema;
  private readonly headers: Headers;
  private readonly classes: ReadonlyMap<string, ErrorClass>;
  private readonly made = new Map<string, JsonSchema>();

  constructor(schema: GraphQLSchema, headers: Headers, classes: readonly ErrorClass[]) {
    this.schema = schema;
    this.headers = headers;
    this.classes = new Map(classes.map((type) => [`${type.name}Error`, type]));
  }

  components(): JsonSchema {
    return Object.fromEntries([...this.made].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** By status, in its order. */
  of(route: Route): Readonly<Record<string, JsonSchema>> {
    return this.byStatus(this.answered(route));
  }

  /** Of a download; its parameters are all in the URL. */
  ofDownload({ access }: Download): Readonly<Record<string, JsonSchema>> {
    return this.byStatus([
      errors.BadRequest,
      errors.RateLimited,
      errors.Unavailable,
      INTERNAL,
      ...when(access !== 'public', errors.Unauthenticated, errors.TenantSuspended),
      ...when(typeof access === 'object', errors.Forbidden),
    ]);
  }

  private byStatus(answered: readonly Answered[]): Readonly<Record<string, JsonSchema>> {
    const byStatus = new Map<number, Set<string>>();
    for (const { code, status } of answered)
      byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
    return Object.fromEntries(
      [...byStatus].map(([status, codes]) => [status, this.response(status, [...codes].sort())]),
    );
  }

  private answered(route: Route): Answered[] {
    const { answer, body, ifMatch, operation, params, query, rest } = route;
    const mayBeMissing =
      answer.kind !== 'envelope' &&
      !isNonNullType(rootField(this.schema, operation.definition).type);
    const read = rest.method === 'GET';
    return [
      errors.BadRequest,
      errors.RateLimited,
      errors.Unavailable,
      INTERNAL,
      // The same code is 400 where the URL is to blame and 422 where the body is.
      ...when(params.length + query.size > 0, { ...INVALID, status: errors.BadRequest.status }),
      ...when(read && params.length > 0, errors.InvalidId),
      ...when(answer.kind === 'list', errors.InvalidCursor, errors.TooCostly),
      ...when(operation.access !== 'public', errors.Unauthenticated, errors.TenantSuspended),
      ...when(operation.scopes.length > 0, errors.Forbidden),
      ...when(mayBeMissing, errors.NotFound),
      ...when(ifMatch !== null, errors.VersionMismatch),
      ...when(body !== null, errors.PayloadTooLarge, errors.UnsupportedMediaType),
      ...when(rest.method === 'POST', errors.IdempotencyKeyReused),
      ...this.declared(route).filter(({ code }) => code !== INVALID.code || body?.size),
    ];
  }

  /** The error members of the operation's union. */
  private declared({ answer }: Route): ErrorClass[] {
    if (answer.kind !== 'envelope') return [];
    return answer.errors.map(({ name }) => {
      const found = this.classes.get(name);
      if (!found) throw new Error(`OpenAPI: no error class answers as ${name}`);
      return found;
    });
  }

  private response(status: number, codes: readonly string[]): JsonSchema {
    const name = codes.map((code) => titleOf(code).replace(/(^| )./g, capital)).join('Or');
    if (!this.made.has(name)) this.made.set(name, this.problem(status, codes));
    return { $ref: `#/components/responses/${name}` };
  }

  private problem(status: number, codes: readonly string[]): JsonSchema {
    const headers: readonly HeaderName[] =
      status === 429 ? ['RateLimit', 'Retry-After'] : status === 503 ? ['Retry-After'] : [];
    return {
      description: `${codes.map((code) => `\`${code}\``).join(' or ')}.`,
      ...(headers.length > 0 ? { headers: this.headers.refer(headers) } : {}),
      content: {
        'application/problem+json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Problem' },
              {
                type: 'object',
                required: ['code'],
                properties: { code: { type: 'string', enum: codes } },
              },
            ],
          },
        },
      },
    };
  }
}

const INVALID: Answered = { code: errors.InvalidInput.code, status: errors.InvalidInput.status };

function when(condition: boolean, ...found: Answered[]): Answered[] {
  return condition ? found : [];
}

function capital(start: string): string {
  return start.trim().toUpperCase();
}
