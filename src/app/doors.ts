/** Which door stands at which path. */
import type { Services } from '#kernel/context.ts';
import { type Responder, responder } from '#kernel/http/respond.ts';
import { hostedDoor, hostedProblem, tenantOfPath } from '#protocols/hosted/hosted-door.ts';
import {
  awaitedBy,
  isIssuers,
  metadataDoor,
  oidcDoor,
  resourceDoor,
} from '#protocols/oidc/oidc-door.ts';
import { issuerProblem } from '#protocols/oidc/oidc-problem.ts';
import type { Issuers } from '#protocols/oidc/providers.ts';
import { downloadMounts } from './download-door.ts';
import { graphqlDoor, graphqlProblem } from './graphql-door.ts';
import { health } from './health.ts';
import { readOperations, readPersisted } from './operations.ts';
import { reference } from './reference.ts';
import { restHandle } from './rest-door.ts';
import { schema } from './schema.ts';
import { type FindPage, type Mount, pathOf } from './server.ts';

export interface Doors {
  readonly public: readonly Mount[];
  readonly platform: readonly Mount[];
  /** Pages that need no caller, at the port of the public doors and at INTERNAL_PORT. */
  readonly publicPages: FindPage;
  readonly internalPages: FindPage;
  drain(): void;
}

export function createDoors(services: Services, issuers: Issuers): Doors {
  const respond = responder(services.config);
  const state = health(services, respond);
  const catalogue = readOperations();
  const persisted = readPersisted();
  const graphiql = services.config.nodeEnv === 'development';
  const graphql = (endpoint: string) =>
    graphqlDoor({ schema, persisted, respond, endpoint, graphiql });
  const pages = reference(services, respond);
  const web = services.config.roles.has('web');
  const problem = graphqlProblem(respond);
  const [issuer, hosted] = [oidcDoor(issuers, respond), hostedDoor(respond, awaitedBy(issuers))];
  const rest = (prefix: string) => restHandle(schema, catalogue, persisted, respond, prefix);
  // A process that answers no requests has nothing to document, and one port.
  const separate = web && services.config.internalPort !== undefined;
  const shown: FindPage = (request) => state.state(request) ?? (web ? pages(request) : null);
  const withMetrics: FindPage = (request) => state.metrics(request) ?? shown(request);
  return {
    public: [
      ...downloadMounts('public', '/v1', respond),
      { path: '/v1/', door: 'public', handle: rest('/v1') },
      { path: '/graphql', door: 'public', handle: graphql('/graphql'), problem },
      {
        path: '/t/',
        door: 'public',
        tenantOf: tenantOfPath,
        handle: (request, response, ctx) =>
          (isIssuers(pathOf(request)) ? issuer : hosted)(request, response, ctx),
        problem: issuerProblem(respond, hostedProblem(respond)),
        ownCors: isIssuers,
      },
      ...wellKnown(issuers, respond),
    ],
    platform: [
      ...downloadMounts('platform', '/internal/v1', respond),
      { path: '/internal/v1/', door: 'platform', handle: rest('/internal/v1') },
      {
        path: '/internal/graphql',
        door: 'platform',
        handle: graphql('/internal/graphql'),
        problem,
      },
    ],
    publicPages: separate ? shown : withMetrics,
    internalPages: withMetrics,
    drain: state.drain,
  };
}

/** What RFC 8615 puts at fixed places: who the issuers and the protected resources are. */
function wellKnown(issuers: Issuers, respond: Responder): Mount[] {
  return [
    ...['oauth-authorization-server', 'openid-configuration'].map((name) => ({
      path: `/.well-known/${name}/t/`,
      door: 'public' as const,
      tenantOf: (path: string) => path.split('/')[4] ?? '',
      handle: metadataDoor(issuers, respond),
      problem: issuerProblem(respond, hostedProblem(respond)),
    })),
    {
      path: '/.well-known/oauth-protected-resource/t/',
      door: 'public',
      tenantOf: (path) => path.split('/')[4] ?? '',
      handle: resourceDoor(issuers, respond),
    },
  ];
}
