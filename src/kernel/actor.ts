/** Who is calling. Resolved once a request by the door; never taken from the request's body. */
import type { Acr } from '#kernel/access.ts';
import type { IdType } from '#kernel/ids.ts';

export type ActorKind = 'anonymous' | 'user' | 'api-key' | 'internal' | 'system';

/** How a person showed who they are. */
export interface Authentication {
  readonly sessionId: string;
  readonly acr: Acr;
  /** Authentication methods (RFC 8176). */
  readonly amr: readonly string[];
  readonly authTime: Date;
  /** The tenant does without second factors, so that none can be demanded. */
  readonly waived: boolean;
  /** What the person's roles grant, whatever of it the credential lets through. */
  readonly may: ReadonlySet<string>;
}

export interface Actor {
  readonly kind: ActorKind;
  /** uuid of the user or API key; null for the others. */
  readonly id: string | null;
  /** The tenant that the credential belongs to, which is not always the effective tenant. */
  readonly tenantId: string | null;
  /** What the caller may do, after every intersection (roles, creator, door). */
  readonly scopes: ReadonlySet<string>;
  /** Null for all but people. */
  readonly authentication: Authentication | null;
  /** Digest key material of the presented credential; seals replayed answers. Null without one. */
  readonly credential: Buffer | null;
}

export const anonymous: Actor = {
  kind: 'anonymous',
  id: null,
  tenantId: null,
  scopes: new Set(),
  authentication: null,
  credential: null,
};

/** The prefix of the actor's id, where it has one. */
export function idTypeOfActor(kind: ActorKind): IdType | null {
  if (kind === 'user') return 'user';
  return kind === 'api-key' ? 'key' : null;
}
