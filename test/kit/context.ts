/** Contexts for calling commands and queries in-process, such as for actors of kind `user`. */
import { randomUUID } from 'node:crypto';
import { effectiveScopes } from '#features/roles/roles.queries.ts';
import type { Actor, ActorKind, Authentication } from '#kernel/actor.ts';
import type { CommandDefinition, InputSchema } from '#kernel/commands/command.ts';
import { runCommand } from '#kernel/commands/run-command.ts';
import type { Context, Door } from '#kernel/context.ts';
import type { Instance } from './house.ts';

export interface ContextOptions {
  /** uuid. The effective tenant, and the actor's own unless `actorTenantId` says otherwise. */
  readonly tenantId: string;
  readonly actorTenantId?: string;
  /** uuid. The person who acts; their scopes are what their roles grant unless `scopes` says. */
  readonly userId?: string;
  readonly scopes?: readonly string[];
  readonly kind?: ActorKind;
  /** How the person signed in; just now and with two factors unless told. */
  readonly signedIn?: Partial<Authentication>;
  readonly door?: Door;
  readonly idempotencyKey?: string;
}

const SIGNED_IN = {
  sessionId: randomUUID(),
  acr: 'mfa',
  amr: ['pwd', 'otp', 'mfa'],
  waived: false,
} as const;

/** What a door would hand to a command. */
export async function contextOf(house: Instance, options: ContextOptions): Promise<Context> {
  const { services } = house;
  const { tenantId, userId, door = 'public' } = options;
  const actorTenantId = options.actorTenantId ?? tenantId;
  const held = userId ? await scopesOf(services, actorTenantId, userId) : [];
  const scopes = options.scopes ?? held;
  const actor: Actor = {
    kind: options.kind ?? (userId ? 'user' : 'system'),
    id: userId ?? null,
    tenantId: actorTenantId,
    scopes: new Set(scopes),
    authentication: userId
      ? { ...SIGNED_IN, may: new Set(held), authTime: services.clock.now(), ...options.signedIn }
      : null,
    client: null,
    act: null,
    credential: userId ? Buffer.from(userId) : null,
  };
  return {
    ...services,
    actor,
    tenantId,
    door,
    site: null,
    requestId: randomUUID(),
    address: '192.0.2.1',
    userAgent: 'signet-test',
    idempotencyKey: options.idempotencyKey ?? null,
    lastEventId: null,
    setCookie: () => undefined,
    signal: new AbortController().signal,
    memo: new Map(),
    reauthenticate: async () => actor,
  };
}

/** Calls a command or a query as a door does: with the context's tenant bound to the database. */
export function call<In, Out>(
  ctx: Context,
  callee: (ctx: Context, input: In) => Promise<Out>,
  input: In,
): Promise<Out> {
  return ctx.db.inTenant(ctx.tenantId, () => callee(ctx, input));
}

/** Runs as a command does, without being one of the program's: other tests ask for all of those. */
export function unlisted<In extends InputSchema, Out, Ready = undefined>(
  definition: CommandDefinition<In, Out, Ready>,
) {
  return (ctx: Context, input: unknown): Promise<Out> => runCommand(definition, ctx, input);
}

async function scopesOf(
  services: Instance['services'],
  tenantId: string,
  userId: string,
): Promise<readonly string[]> {
  const held = await services.db.inTenant(tenantId, () =>
    effectiveScopes({ db: services.db, tenantId }, [userId]),
  );
  return [...(held.get(userId) ?? [])];
}
