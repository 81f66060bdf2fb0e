/** The context of work that nobody asked for just now: the program itself acts, in one tenant's name. */
import { randomUUID } from 'node:crypto';
import type { Actor } from '#kernel/actor.ts';
import type { Context, Services } from '#kernel/context.ts';
import { tenantScopes } from '#kernel/scopes.ts';

/** May do whatever the tenant's owner may. Enter the tenant by `db.inTenant`, as jobs do. */
export function systemContext(
  services: Services,
  tenantId: string,
  signal: AbortSignal = new AbortController().signal,
): Context {
  const actor: Actor = {
    kind: 'system',
    id: null,
    tenantId,
    scopes: new Set(tenantScopes()),
    authentication: null,
    client: null,
    act: null,
    credential: null,
  };
  return {
    ...services,
    actor,
    tenantId,
    door: 'system',
    site: null,
    requestId: randomUUID(),
    address: null,
    userAgent: null,
    idempotencyKey: null,
    lastEventId: null,
    setCookie: () => undefined,
    signal,
    reauthenticate: async () => actor,
    memo: new Map(),
  };
}
