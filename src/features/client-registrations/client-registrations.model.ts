/** Clients that register themselves (RFC 7591): what is allowed them, and the tokens that they show. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { clientSettings } from '#features/clients/clients.model.ts';
import type { CreatorKind } from '#kernel/actor.ts';
import { id } from '#kernel/ids.ts';
import { line } from '#kernel/text.ts';

export interface ClientRegistrationPolicyRow {
  readonly tenantId: string;
  readonly enabled: boolean;
  readonly grantTypes: readonly string[];
  readonly identityScopes: readonly string[];
  readonly apiScopes: readonly string[];
  /** Identifiers of API resources, in order. */
  readonly audiences: readonly string[];
  readonly version: number;
}

/** What a tenant without a row of its own has. */
export const DEFAULT_REGISTRATION: Omit<ClientRegistrationPolicyRow, 'tenantId'> = {
  enabled: false,
  grantTypes: ['authorization_code', 'refresh_token'],
  identityScopes: ['email', 'offline_access', 'openid', 'profile'],
  apiScopes: [],
  audiences: [],
  version: 1,
};

const { grantTypes, identityScopes, apiScopes, audiences } = clientSettings;

/** What may be set; left out, it stays. */
export const clientRegistrationPolicy = {
  enabled: z
    .boolean()
    .optional()
    .describe('Whether clients may register themselves, with an initial access token.'),
  grantTypes: grantTypes.describe(
    'How they may get tokens; authorization_code and refresh_token unless told.',
  ),
  identityScopes: identityScopes.describe(
    'What they may learn about people; openid, profile, email and offline_access unless told.',
  ),
  apiScopes: apiScopes.describe(
    "The most that they may do in this tenant's API, as far as their initial access token allows it too; nothing unless told.",
  ),
  audiences: audiences.describe(
    'Identifiers of the API resources that each of them may ask tokens for; none unless told.',
  ),
};

export interface InitialAccessTokenRow {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly apiScopes: readonly string[];
  readonly maxClients: number;
  readonly clientsMade: number;
  readonly createdByKind: CreatorKind;
  readonly createdById: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

export const initialAccessTokenId = id('initialtoken').describe('The initial access token.');

const DAY_MS = 86_400_000;
/** Milliseconds. Whoever has it is not asked who they are. */
export const TOKEN_LIFE = { usual: 7 * DAY_MS, most: 90 * DAY_MS };

export const newInitialAccessToken = {
  name: line(120).describe('For whom or for what it is.'),
  maxClients: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('How many clients may register with it, 1 to 1000; 1 unless told.'),
  apiScopes: apiScopes.describe(
    "What these clients may do in this tenant's API: of what the policy allows, and never more than whoever makes the token. Nothing unless told.",
  ),
  expiresAt: z
    .date()
    .optional()
    .describe('When it stops working, at most 90 days from now; in 7 days unless told.'),
};

/** By which a client that registered itself is managed (RFC 7592). */
export interface ClientRegistrationRow {
  readonly clientId: string;
  readonly hash: Buffer;
  /** The most that it may give itself. */
  readonly apiScopes: readonly string[];
}

interface NewToken {
  readonly token: string;
  readonly hash: Buffer;
}

/** `sgia_<random>`: lets clients register. 256 bits of randomness, so a plain digest is enough at rest. */
export const initialAccessToken = () => newToken('sgia');

/** `sgra_<random>`: manages one client. */
export const registrationAccessToken = () => newToken('sgra');

function newToken(prefix: string): NewToken {
  const token = `${prefix}_${randomBytes(32).toString('hex')}`;
  return { token, hash: hashToken(token) };
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
