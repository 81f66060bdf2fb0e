/** What clients that register themselves may be, and as whom those act who hold a token of theirs. */
import type { ClientRow, ClientSettings } from '#features/clients/clients.model.ts';
import { anonymous } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import { type FieldProblem, InvalidInput } from '#kernel/errors.ts';
import type {
  ClientRegistrationPolicyRow,
  InitialAccessTokenRow,
} from './client-registrations.model.ts';

const LIMITED = ['grantTypes', 'identityScopes', 'apiScopes'] as const;

/** What the policy allows those whose token allows this much in the API. */
export function within(
  policy: ClientRegistrationPolicyRow,
  { apiScopes }: Pick<InitialAccessTokenRow, 'apiScopes'>,
): ClientRegistrationPolicyRow {
  return { ...policy, apiScopes: policy.apiScopes.filter((scope) => apiScopes.includes(scope)) };
}

/** Throws `InvalidInput` for what the tenant does not allow clients that register themselves. */
export function assertAllowed(
  policy: ClientRegistrationPolicyRow,
  settings: Partial<Pick<ClientSettings, (typeof LIMITED)[number]>>,
): void {
  const problems = LIMITED.flatMap((list): FieldProblem[] =>
    (settings[list] ?? []).flatMap((one, n) =>
      policy[list].includes(one)
        ? []
        : [{ path: `${list}.${n}`, message: `must be one of ${told(policy[list])}` }],
    ),
  );
  if (problems.length > 0) throw new InvalidInput(problems);
}

function told(allowed: readonly string[]): string {
  return allowed.length > 0
    ? `${allowed.join(', ')} for clients that register themselves`
    : 'none for clients that register themselves';
}

/** Whoever holds the initial access token: they may make clients, up to what its maker held. */
export function asInitialAccessToken(ctx: Context, token: InitialAccessTokenRow): Context {
  return acting(ctx, 'initial-access-token', token.id, token.apiScopes);
}

/**
 * The client itself. What administrators gave it beyond its registration, it does not hold here: a
 * client that was made stronger is changed by them alone.
 */
export function asRegisteredClient(
  ctx: Context,
  client: ClientRow,
  allowed: ClientRegistrationPolicyRow,
): Context {
  return acting(ctx, 'client', client.id, allowed.apiScopes);
}

function acting(
  ctx: Context,
  kind: 'initial-access-token' | 'client',
  id: string,
  held: readonly string[],
): Context {
  const scopes = new Set(['clients:write', ...held]);
  const actor = { ...anonymous, kind, id, tenantId: ctx.tenantId, scopes };
  // Nothing is repeated: what a token does once is counted.
  return { ...ctx, actor, idempotencyKey: null };
}
