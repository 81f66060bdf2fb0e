/** Clients: shapes and limits. What goes together with what is in clients.rules.ts. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type TokenAlg, tokenAlg } from '#features/resources/resources.model.ts';
import type { CreatorKind } from '#kernel/actor.ts';
import { id } from '#kernel/ids.ts';
import { declareScope, isScope } from '#kernel/scopes.ts';
import { line } from '#kernel/text.ts';
import { httpsUri } from '#kernel/uris.ts';
import { clientJwks } from './client-keys.ts';
import { redirectUris } from './redirect-uris.ts';

declareScope('clients:read', 'Read the programs that people sign in to, never their secrets');
declareScope('clients:write', 'Create, change, disable and delete programs that people sign in to');

export const clientType = z.enum(['WEB', 'SPA', 'NATIVE', 'SERVICE']).meta({
  id: 'ClientType',
  description:
    'Where a client runs, which never changes. WEB: on a server, for people. SPA: in their browser. NATIVE: on their device. SERVICE: on a server, for itself.',
});
export type ClientType = z.infer<typeof clientType>;

export const clientAuthMethod = z
  .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
  .meta({
    id: 'ClientAuthMethod',
    description: 'How a client shows at the token endpoint who it is (RFC 7591 section 2).',
  });
export type ClientAuthMethod = z.infer<typeof clientAuthMethod>;

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** No implicit grant and no password grant (RFC 9700, 2.1.2 and 2.4). */
export const GRANT_TYPES: readonly string[] = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  DEVICE_CODE,
  TOKEN_EXCHANGE,
];

/** What a client may learn about a person (OpenID Connect Core, 5.4 and 11; roles and groups are ours). */
export const IDENTITY_SCOPES: readonly string[] = [
  'openid',
  'profile',
  'email',
  'phone',
  'address',
  'roles',
  'groups',
  'offline_access',
];

/** All that is decided about a client. */
export interface ClientSettings {
  readonly name: string;
  readonly type: ClientType;
  readonly firstParty: boolean;
  readonly publisher: string | null;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  readonly tokenEndpointAuthMethod: ClientAuthMethod;
  readonly jwks: object | null;
  readonly jwksUri: string | null;
  readonly identityScopes: readonly string[];
  readonly apiScopes: readonly string[];
  readonly idTokenAlg: TokenAlg;
  readonly refreshRotation: boolean;
  readonly refreshIdleSeconds: number;
  readonly refreshSeconds: number;
  readonly requireDpop: boolean;
  readonly requirePar: boolean;
  readonly logoUri: string | null;
  readonly clientUri: string | null;
  readonly policyUri: string | null;
  readonly termsUri: string | null;
  readonly backchannelLogoutUri: string | null;
}

export interface ClientRow extends ClientSettings {
  readonly tenantId: string;
  readonly id: string;
  /** Identifiers of API resources, in order. */
  readonly audiences: readonly string[];
  readonly disabledAt: Date | null;
  readonly version: number;
  readonly createdByKind: CreatorKind;
  readonly createdById: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const clientId = id('client').describe('The client.');

const names = <T extends z.ZodType<string, string>>(item: T, most: number) =>
  z
    .array(item)
    .max(most, `must hold at most ${most}`)
    .transform((all) => [...new Set<string>(all)].sort());
const oneOf = (known: readonly string[]) =>
  z.string().refine((text) => known.includes(text), `must be one of ${known.join(', ')}`);
const seconds = z.int().min(60).max(31_536_000);
const link = (what: string) => httpsUri.nullish().describe(`An https link to ${what}.`);

/** What may be set; what is left out follows from the type, or stays. */
export const clientSettings = {
  firstParty: z
    .boolean()
    .optional()
    .describe("Whether it is the tenant's own: then nobody is asked for consent."),
  publisher: line(120).nullish().describe('Who is behind it, as the consent page says it.'),
  redirectUris: redirectUris
    .optional()
    .describe(
      'Where people return to after signing in, compared as whole texts; for NATIVE the port of a loopback address may differ.',
    ),
  postLogoutRedirectUris: redirectUris
    .optional()
    .describe('Where people return to after signing out.'),
  grantTypes: names(oneOf(GRANT_TYPES), GRANT_TYPES.length)
    .optional()
    .describe(
      `How it gets tokens: of ${GRANT_TYPES.join(', ')}. Unless told: client_credentials for SERVICE, else authorization_code and refresh_token.`,
    ),
  tokenEndpointAuthMethod: clientAuthMethod
    .optional()
    .describe(
      'How it authenticates: none for SPA and NATIVE, else client_secret_basic unless told.',
    ),
  jwks: clientJwks
    .nullish()
    .describe('Its public keys for private_key_jwt, a JWK Set (RFC 7517); or jwksUri.'),
  jwksUri: httpsUri.nullish().describe('Where its public keys for private_key_jwt are; or jwks.'),
  identityScopes: names(oneOf(IDENTITY_SCOPES), IDENTITY_SCOPES.length)
    .optional()
    .describe(`What it may learn about people: of ${IDENTITY_SCOPES.join(', ')}.`),
  apiScopes: names(z.string().refine(isScope, 'is not a scope; see schema/scopes.json'), 200)
    .optional()
    .describe("What it may do in this tenant's API. Never more than whoever sets it."),
  audiences: names(z.string().min(1).max(255), 50)
    .optional()
    .describe('Identifiers of the API resources that it may ask tokens for.'),
  idTokenAlg: tokenAlg.optional().describe('What signs its ID tokens; RS256 unless told.'),
  refreshRotation: z
    .boolean()
    .optional()
    .describe('Whether each refresh token works once; true unless told.'),
  refreshIdleSeconds: seconds
    .optional()
    .describe('Seconds without use after which a refresh token ends; 14 days unless told.'),
  refreshSeconds: seconds
    .optional()
    .describe('Seconds after which refresh tokens end in any case; 90 days unless told.'),
  requireDpop: z
    .boolean()
    .optional()
    .describe('Whether its tokens must be bound to a key of its own (RFC 9449).'),
  requirePar: z
    .boolean()
    .optional()
    .describe('Whether it must push authorization requests beforehand (RFC 9126).'),
  logoUri: link('its logo'),
  clientUri: link('its own site'),
  policyUri: link('its privacy policy'),
  termsUri: link('its terms of service'),
  backchannelLogoutUri: httpsUri
    .nullish()
    .describe('Where it is told that a session has ended (OpenID Connect Back-Channel Logout).'),
};

export const clientName = line(120).describe('The name that people see.');

/** Seconds that earlier secrets keep working after a rotation: at most a week. */
export const secretOverlap = z
  .int()
  .min(0)
  .max(604_800)
  .optional()
  .describe('Seconds that earlier secrets keep working, at most 604800; 86400 when left out.');

export interface ClientSecret {
  readonly hash: Buffer;
  /** Null: as long as the client. */
  readonly expiresAt: Date | null;
}

/** `sgcs_<random>`; 256 bits of randomness, so a plain digest is enough at rest. */
export function newClientSecret(): { secret: string; hash: Buffer } {
  const secret = `sgcs_${randomBytes(32).toString('hex')}`;
  return { secret, hash: hashClientSecret(secret) };
}

export function hashClientSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Whether it is one that works now. Looks at each of them whole, so that time tells nothing. */
export function isClientSecret(
  secrets: readonly ClientSecret[],
  presented: string,
  now: Date,
): boolean {
  const hash = hashClientSecret(presented);
  const live = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  return live.map((secret) => timingSafeEqual(secret.hash, hash)).includes(true);
}
