/** Who is calling. Resolved once a request by the door; never taken from the request's body. */
import type { IdType } from '#kernel/ids.ts';

export type ActorKind = 'anonymous' | 'user' | 'api-key' | 'internal' | 'system';

export interface Actor {
  readonly kind: ActorKind;
  /** uuid of the user or API key; null for the others. */
  readonly id: string | null;
  /** The tenant that the credential belongs to, which is not always the effective tenant. */
  readonly tenantId: string | null;
  /** What the caller may do, after every intersection (roles, creator, door). */
  readonly scopes: ReadonlySet<string>;
  /** Digest key material of the presented credential; seals replayed answers. Null without one. */
  readonly credential: Buffer | null;
}

export const anonymous: Actor = {
  kind: 'anonymous',
  id: null,
  tenantId: null,
  scopes: new Set(),
  credential: null,
};

/** The prefix of the actor's id, where it has one. */
export function idTypeOfActor(kind: ActorKind): IdType | null {
  if (kind === 'user') return 'user';
  return kind === 'api-key' ? 'key' : null;
}
