/** The OpenAPI documents of both doors and the page that shows them to people. */
import { readFileSync } from 'node:fs';
import { docsPage } from '#graphql/rest/docs-page.ts';
import { openApi } from '#graphql/rest/openapi.ts';
import type { Services } from '#kernel/context.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { DOWNLOADS } from './downloads.ts';
import { readOperations } from './operations.ts';
import { schema } from './schema.ts';
import { type FindPage, type Page, pathOf } from './server.ts';

const TAGS = {
  users: "The people of the tenant's directory.",
  groups: 'Named sets of users, which carry roles.',
  roles: 'Named sets of scopes, assigned to users and groups.',
  'api-keys': 'Credentials of machines.',
  clients: 'Programs that people sign in to, and that call by themselves.',
  consents: 'What people allowed which client.',
  'log-streams': 'Where events of the audit log are sent.',
  resources: 'APIs that tokens are made for.',
  sessions: 'Who is signed in where.',
  mfa: 'The second factors of users.',
  'sign-in': 'Signing in, for front ends that draw their own screens.',
  'sign-in-policy': 'How the people of the tenant sign in.',
  'signing-keys': 'The keys by which the tenant signs its tokens.',
  tenants: 'Customers of the platform.',
  audit: 'What happened, by whom, and how it ended.',
  viewer: 'Who is calling.',
};

const PLATFORM_NOTE =
  ' At the platform door `X-Tenant-ID` chooses the tenant that a call acts in; without it, the platform itself.';

/** `server` is PUBLIC_URL, or `/` where the document is printed for no server in particular. */
export function openApiDocument(door: 'public' | 'platform', server: string): object {
  const platform = door === 'platform';
  return openApi(readOperations(), schema, {
    prefix: platform ? '/internal/v1' : '/v1',
    title: platform ? 'Signet platform API' : 'Signet API',
    version: packageVersion(),
    description: `Identity and directory of a tenant. The same operations as GraphQL and the SDK, with the same rules.${platform ? PLATFORM_NOTE : ''}`,
    server,
    license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    tags: TAGS,
    downloads: DOWNLOADS,
  });
}

/** `/v1/openapi.json`, `/internal/v1/openapi.json` and `/docs`: the same for everybody. */
export function reference(services: Services, respond: Responder): FindPage {
  const docs = docsPage({ path: '/docs', title: 'Signet API', document: '/v1/openapi.json' });
  const pages = new Map<string, Page>([
    [docs.path, async (response) => respond.html(response, 200, docs.html, docs.headers)],
  ]);
  for (const { path, headers, body } of docs.assets)
    pages.set(path, async (response) => respond.text(response, 200, body().toString(), headers));
  for (const [path, door] of DOCUMENTS) {
    const text = once(() => JSON.stringify(openApiDocument(door, services.config.publicUrl)));
    pages.set(path, async (response) => respond.text(response, 200, text(), JSON_TYPE));
  }
  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return null;
    return pages.get(pathOf(request)) ?? null;
  };
}

const DOCUMENTS = [
  ['/v1/openapi.json', 'public'],
  ['/internal/v1/openapi.json', 'platform'],
] as const;

const JSON_TYPE = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-cache',
};

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function once(make: () => string): () => string {
  let made: string | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
