/** Who is calling. Resolved once a request by the door; never taken from the request's body. */
import type { Acr } from '#kernel/access.ts';
import { encodeId, type IdType } from '#kernel/ids.ts';

export const ACTOR_KINDS = [
  'anonymous',
  'user',
  'api-key',
  'client',
  /** What lets clients register themselves. */
  'initial-access-token',
  'internal',
  'system',
] as const;

export type ActorKind = (typeof ACTOR_KINDS)[number];

/** How a person showed who they are. */
export interface Authentication {
  /** Null: by a token that outlives its session. */
  readonly sessionId: string | null;
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
  /** uuid of the user, API key, client or initial access token; null for the others. */
  readonly id: string | null;
  /** The tenant that the credential belongs to, which is not always the effective tenant. */
  readonly tenantId: string | null;
  /** What the caller may do, after every intersection (roles, creator, door). */
  readonly scopes: ReadonlySet<string>;
  /** Null for all but people. */
  readonly authentication: Authentication | null;
  /** The application through which a person acts; null where they act themselves, by their session. */
  readonly client: { readonly id: string; readonly firstParty: boolean } | null;
  /** Who really acts, in the name of the person that `id` is (RFC 8693, 1.1); null where nobody else does. */
  readonly act: { readonly kind: 'user' | 'client'; readonly id: string } | null;
  /** Digest key material of the presented credential; seals replayed answers. Null without one. */
  readonly credential: Buffer | null;
}

export const anonymous: Actor = {
  kind: 'anonymous',
  id: null,
  tenantId: null,
  scopes: new Set(),
  authentication: null,
  client: null,
  act: null,
  credential: null,
};

/** The prefix of the actor's id, where it has one. */
export function idTypeOfActor(kind: ActorKind): IdType | null {
  if (kind === 'user') return 'user';
  if (kind === 'client') return 'client';
  if (kind === 'initial-access-token') return 'initialtoken';
  return kind === 'api-key' ? 'key' : null;
}

/** Who made something, as it is stored with it. `platform-*` makers belong to the platform's tenant. */
export type CreatorKind =
  | 'internal'
  | 'system'
  | 'user'
  | 'api-key'
  | 'platform-user'
  | 'client'
  | 'initial-access-token'
  | 'platform-api-key'
  | 'platform-client'
  | 'platform-initial-access-token';

/** The kind of an actor who makes something in this tenant. */
export function creatorKind({ kind, tenantId }: Actor, effective: string): CreatorKind {
  if (kind === 'anonymous') throw new Error('an anonymous caller passed the scope check');
  if (kind === 'internal' || kind === 'system' || tenantId === effective) return kind;
  return `platform-${kind}`;
}

/** The id of whoever of this tenant made something; null when the platform did. */
export function creatorId({
  createdByKind: kind,
  createdById: id,
}: {
  readonly createdByKind: CreatorKind;
  readonly createdById: string | null;
}): string | null {
  const type = idTypeOfActor(kind as ActorKind);
  return type && id ? encodeId(type, id) : null;
}
