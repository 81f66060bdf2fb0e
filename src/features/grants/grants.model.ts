/** Grants: what one sign-in gave a client. */

/** Scopes by the identifier of the API in which they hold. */
export type ResourceScopes = Readonly<Record<string, readonly string[]>>;

export interface GrantRow {
  readonly tenantId: string;
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  /** The session that it was made in; without `offline_access` it ends with it. */
  readonly sessionId: string | null;
  readonly scopes: readonly string[];
  readonly resourceScopes: ResourceScopes;
  /** Claims asked for one by one (OpenID Connect Core, 5.5). */
  readonly claims: object | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** The scope under which a grant outlives its session (OpenID Connect Core, 11). */
export const OFFLINE = 'offline_access';
