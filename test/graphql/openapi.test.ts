/** The printed OpenAPI document: what it says of toy routes, and that the linter accepts ours. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadOperations } from '#graphql/operations.ts';
import { type OpenApiOptions, openApi } from '#graphql/rest/openapi.ts';
import { openApiDocument } from '../../src/app/reference.ts';
import { ERRORS, OPERATIONS, widgetSchema } from './widgets.ts';

interface Document {
  paths: Record<string, Record<string, OperationObject>>;
  components: Record<'schemas' | 'responses' | 'headers' | 'parameters', Record<string, unknown>>;
  tags: unknown;
}

interface OperationObject {
  summary: string;
  description: string;
  security: unknown;
  parameters: { name?: string; $ref?: string; schema?: unknown }[];
  requestBody?: unknown;
  responses: Record<
    string,
    { content?: Record<string, { schema: unknown }>; headers?: object; $ref?: string }
  >;
}

const OPTIONS: OpenApiOptions = {
  prefix: '/v1',
  title: 'Widgets',
  version: '1.0.0',
  description: 'Things.',
  server: '/',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  tags: { widgets: 'Things.', platform: 'Everything.' },
  errors: ERRORS,
};

const toy = widgetSchema();
const catalogue = loadOperations(toy, [{ file: 'widgets.operations.graphql', text: OPERATIONS }]);
const print = (options: Partial<OpenApiOptions> = {}) =>
  openApi(catalogue, toy, { ...OPTIONS, ...options }) as unknown as Document;
const document = print();
const answer = (path: string, verb: string, status: string) =>
  document.paths[path]?.[verb]?.responses[status];
const json = (path: string, verb: string, status: string) =>
  answer(path, verb, status)?.content?.['application/json']?.schema;

describe('the document of the toy routes', () => {
  it('names what is selected after its fragment, and is null only where the graph is', () => {
    expect(document.components.schemas['Widget']).toEqual({
      type: 'object',
      description: 'A thing.',
      required: ['id', 'name', 'colour', 'shade', 'version'],
      properties: {
        id: { type: 'string' },
        name: { type: 'string' },
        colour: { $ref: '#/components/schemas/Colour' },
        shade: { anyOf: [{ $ref: '#/components/schemas/Colour' }, { type: 'null' }] },
        version: { type: 'integer', format: 'int32' },
      },
    });
    expect(document.components.schemas['Colour']).toEqual({
      type: 'string',
      enum: ['RED', 'BLUE'],
    });
    expect(json('/v1/widgets/{id}', 'get', '200')).toEqual({ $ref: '#/components/schemas/Widget' });
  });

  it('opens envelopes and lists', () => {
    expect(json('/v1/widgets', 'post', '201')).toEqual({
      allOf: [
        { $ref: '#/components/schemas/Widget' },
        { type: 'object', required: ['secret'], properties: { secret: { type: 'string' } } },
      ],
    });
    expect(json('/v1/widgets', 'get', '200')).toMatchObject({
      required: ['items', 'totalCount', 'nextCursor'],
      properties: {
        items: { type: 'array', items: { $ref: '#/components/schemas/Widget' } },
        nextCursor: { type: ['string', 'null'] },
      },
    });
    expect(Object.keys(answer('/v1/widgets', 'get', '200')?.headers ?? {})).toEqual([
      'Link',
      'RateLimit',
    ]);
    expect(Object.keys(answer('/v1/widgets', 'post', '201')?.headers ?? {})).toEqual([
      'Location',
      'RateLimit',
    ]);
    expect(answer('/v1/widgets/{id}', 'delete', '204')).not.toHaveProperty('content');
  });

  it('asks in the body for what neither the path nor a header gives', () => {
    expect(document.components.schemas['CreateWidgetBody']).toMatchObject({
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: { type: 'string', description: 'The name.' },
        tags: { type: ['array', 'null'], items: { type: 'string' } },
      },
    });
    const update = document.components.schemas['UpdateWidgetBody'] as { properties: object };
    expect(Object.keys(update.properties)).toEqual(['name']);
    expect(document.paths['/v1/widgets/{id}']?.['delete']).not.toHaveProperty('requestBody');
  });

  it('lists parameters, which are never null', () => {
    const { parameters = [] } = document.paths['/v1/widgets']?.['get'] ?? {};
    expect(parameters.map(({ name }) => name)).toEqual([
      'search',
      'colours',
      'first',
      'after',
      'last',
      'before',
    ]);
    expect(parameters[2]).toEqual({
      name: 'first',
      in: 'query',
      required: false,
      description: 'How many.',
      schema: { type: 'integer', format: 'int32' },
    });
    const refs = (path: string, verb: string) =>
      document.paths[path]?.[verb]?.parameters.flatMap(({ $ref }) => $ref?.split('/').at(-1) ?? []);
    expect(refs('/v1/widgets', 'post')).toEqual(['IdempotencyKey']);
    expect(refs('/v1/widgets/{id}', 'get')).toEqual(['IfNoneMatch']);
    expect(refs('/v1/widgets/{id}', 'patch')).toEqual(['IfMatch']);
  });

  it('names the scopes of all that is selected', () => {
    const create = document.paths['/v1/widgets']?.['post'];
    expect(create).toMatchObject({
      summary: 'Creates a widget',
      security: [{ bearer: ['widgets:read', 'widgets:write'] }],
    });
    expect(create?.description).toContain(
      'Requires the scopes `widgets:read` and `widgets:write`.',
    );
    expect(document.paths['/v1/faults/{kind}']?.['get']?.security).toEqual([]);
  });

  it('has a problem for each status, with its codes', () => {
    const update = document.paths['/v1/widgets/{id}']?.['patch']?.responses ?? {};
    const codes = Object.fromEntries(
      Object.entries(update).flatMap(([status, { $ref }]) =>
        $ref ? [[status, $ref.split('/').at(-1)]] : [],
      ),
    );
    expect(codes).toEqual({
      400: 'BadRequestOrInvalidInput',
      401: 'Unauthenticated',
      403: 'ForbiddenOrTenantSuspended',
      404: 'WidgetGone',
      412: 'VersionMismatch',
      413: 'PayloadTooLarge',
      415: 'UnsupportedMediaType',
      422: 'InvalidInput',
      429: 'RateLimited',
      500: 'Internal',
      503: 'Unavailable',
    });
    expect(document.components.responses['RateLimited']).toMatchObject({
      headers: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
    });
    expect(
      Object.keys(document.paths['/v1/widgets/{id}']?.['delete']?.responses ?? {}),
    ).not.toContain('422');
  });

  it('has two faces: the platform adds its own routes and the choice of a tenant', () => {
    expect(Object.keys(document.paths)).not.toContain('/v1/everything');
    expect(document.tags).toEqual([{ name: 'widgets', description: 'Things.' }]);
    const { paths } = print({ prefix: '/internal/v1' });
    const refs = (path: string) => JSON.stringify(paths[path]?.['get']?.parameters);
    expect(refs('/internal/v1/widgets')).toContain('TenantId');
    expect(refs('/internal/v1/everything')).not.toContain('TenantId');
    expect(Object.keys(paths).every((path) => path.startsWith('/internal/v1/'))).toBe(true);
  });

  it('is not printed with a tag or an error that nobody describes', () => {
    expect(() => print({ tags: {} })).toThrow('the tag widgets has no description');
    expect(() => print({ errors: [] })).toThrow('no error class answers as');
  });
});

describe('the linter', () => {
  it.each(['public', 'platform'] as const)('finds nothing in our %s document', async (door) => {
    expect(await lint(openApiDocument(door, '/'))).toEqual([]);
  });

  it('would find something', async () => {
    expect(await lint({ ...print(), info: { title: 'Widgets', version: '1' } })).toContain(
      'info-license',
    );
  });
});

/** The rules of the recommended set that a document breaks, warnings included. */
async function lint(printed: unknown): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'signet-lint-'));
  try {
    await writeFile(join(folder, 'openapi.json'), JSON.stringify(printed));
    const cli = new URL('../../node_modules/@redocly/cli/bin/cli.js', import.meta.url).pathname;
    const args = [cli, 'lint', 'openapi.json', '--extends=recommended', '--format=json'];
    const env = {
      ...process.env,
      REDOCLY_TELEMETRY: 'off',
      REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
      CI: 'true',
    };
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: folder,
      env,
    }).catch((failed: { stdout: string }) => failed);
    const { problems } = JSON.parse(stdout) as { problems: { ruleId: string }[] };
    return problems.map(({ ruleId }) => ruleId);
  } finally {
    await rm(folder, { recursive: true });
  }
}
