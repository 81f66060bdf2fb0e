/** REST over node:http: requests in, answers out. Everything that REST means is in #graphql/rest. */
import type { IncomingMessage } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import type { OperationCatalogue } from '#graphql/operations.ts';
import type { PersistedOperations } from '#graphql/persisted-operations.ts';
import { restDoor } from '#graphql/rest/door.ts';
import type { RestRequest } from '#graphql/rest/read-request.ts';
import type { Context } from '#kernel/context.ts';
import { readJson } from '#kernel/http/read-body.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { type Handle, pathOf } from './server.ts';
import { bodyLimits } from './time-limit.ts';

export function restHandle(
  schema: GraphQLSchema,
  catalogue: OperationCatalogue,
  persisted: PersistedOperations,
  respond: Responder,
  prefix: string,
): Handle {
  const door = restDoor(catalogue, schema, prefix, {
    executor: (operation) => persisted.find(operation.hash)?.compiled(),
  });
  return async (request, response, ctx) => {
    const { status, headers, body } = await door.handle(restRequest(request, ctx), ctx);
    if (body === null) respond.empty(response, status, headers);
    else respond.text(response, status, body, headers);
    return undefined;
  };
}

function restRequest(request: IncomingMessage, ctx: Context): RestRequest {
  const path = pathOf(request);
  return {
    method: request.method ?? 'GET',
    path,
    search: new URLSearchParams((request.url ?? '').slice(path.length + 1)),
    headers: request.headers as Record<string, string | undefined>,
    readJson: () => readJson(request, bodyLimits(ctx)),
  };
}
