/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Printed from schema/ by codegen.ts. Do not edit. */
/** Input of acceptInvitation. */
export type AcceptInvitationInput = {
  /** The new password, at most 4096 bytes of UTF-8. Taken as it is, spaces included. */
  newPassword: string;
  /** The slug of the tenant, such as acme. */
  tenant: string;
  /** The token of the link, as its address has it. */
  token: string;
};

/** Input of activateTenant. */
export type ActivateTenantInput = {
  /** The tenant. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of activateUser. */
export type ActivateUserInput = {
  /** The user. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** How it ended: done, refused by a rule, or failed. */
export type AuditResult =
  | 'FAILED'
  | 'REFUSED'
  | 'SUCCESS';

/** How much attention an event deserves. */
export type AuditSeverity =
  | 'CRITICAL'
  | 'INFO'
  | 'NOTICE'
  | 'WARNING';

/** Input of changePassword. */
export type ChangePasswordInput = {
  /** The password until now. */
  currentPassword: string;
  /** The new password, at most 4096 bytes of UTF-8. Taken as it is, spaces included. */
  newPassword: string;
};

/** How a client shows at the token endpoint who it is (RFC 7591 section 2). */
export type ClientAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'none'
  | 'private_key_jwt';

/** Where a client runs, which never changes. WEB: on a server, for people. SPA: in their browser. NATIVE: on their device. SERVICE: on a server, for itself. */
export type ClientType =
  | 'NATIVE'
  | 'SERVICE'
  | 'SPA'
  | 'WEB';

/** Input of confirmFactor. */
export type ConfirmFactorInput = {
  /** For TOTP, EMAIL and SMS: the six digits. */
  code?: string | null | undefined;
  /** For PASSKEY: what navigator.credentials.create answered, in its JSON form. */
  credential?: object | null | undefined;
  /** The factor. */
  id: string;
};

/** Input of createApiKey. */
export type CreateApiKeyInput = {
  /** When the key stops working; without it, when it is revoked. */
  expiresAt?: string | null | undefined;
  /** What the key is for. */
  name: string;
  /** What the key may do. Never more than its creator. */
  scopes: Array<string>;
};

/** Input of createClient. */
export type CreateClientInput = {
  /** What it may do in this tenant's API. Never more than whoever sets it. */
  apiScopes?: Array<string> | null | undefined;
  /** Identifiers of the API resources that it may ask tokens for. */
  audiences?: Array<string> | null | undefined;
  /** Where it is told that a session has ended (OpenID Connect Back-Channel Logout). */
  backchannelLogoutUri?: string | null | undefined;
  /** An https link to its own site. */
  clientUri?: string | null | undefined;
  /** Whether it is the tenant's own: then nobody is asked for consent. */
  firstParty?: boolean | null | undefined;
  /** How it gets tokens: of authorization_code, refresh_token, client_credentials, urn:ietf:params:oauth:grant-type:device_code, urn:ietf:params:oauth:grant-type:token-exchange. Unless told: client_credentials for SERVICE, else authorization_code and refresh_token. */
  grantTypes?: Array<string> | null | undefined;
  /** What signs its ID tokens; RS256 unless told. */
  idTokenAlg?: TokenAlg | null | undefined;
  /** What it may learn about people: of openid, profile, email, phone, address, roles, groups, offline_access. */
  identityScopes?: Array<string> | null | undefined;
  /** Its public keys for private_key_jwt, a JWK Set (RFC 7517); or jwksUri. */
  jwks?: object | null | undefined;
  /** Where its public keys for private_key_jwt are; or jwks. */
  jwksUri?: string | null | undefined;
  /** An https link to its logo. */
  logoUri?: string | null | undefined;
  /** The name that people see. */
  name: string;
  /** An https link to its privacy policy. */
  policyUri?: string | null | undefined;
  /** Where people return to after signing out. */
  postLogoutRedirectUris?: Array<string> | null | undefined;
  /** Who is behind it, as the consent page says it. */
  publisher?: string | null | undefined;
  /** Where people return to after signing in, compared as whole texts; for NATIVE the port of a loopback address may differ. */
  redirectUris?: Array<string> | null | undefined;
  /** Seconds without use after which a refresh token ends; 14 days unless told. */
  refreshIdleSeconds?: number | null | undefined;
  /** Whether each refresh token works once; true unless told. */
  refreshRotation?: boolean | null | undefined;
  /** Seconds after which refresh tokens end in any case; 90 days unless told. */
  refreshSeconds?: number | null | undefined;
  /** Whether its tokens must be bound to a key of its own (RFC 9449). */
  requireDpop?: boolean | null | undefined;
  /** Whether it must push authorization requests beforehand (RFC 9126). */
  requirePar?: boolean | null | undefined;
  /** An https link to its terms of service. */
  termsUri?: string | null | undefined;
  /** How it authenticates: none for SPA and NATIVE, else client_secret_basic unless told. */
  tokenEndpointAuthMethod?: ClientAuthMethod | null | undefined;
  /** Where a client runs, which never changes. WEB: on a server, for people. SPA: in their browser. NATIVE: on their device. SERVICE: on a server, for itself. */
  type: ClientType;
};

/** Input of createGroup. */
export type CreateGroupInput = {
  /** What the group is for. */
  description?: string | null | undefined;
  /** Unique in the tenant whatever its letter case. */
  name: string;
};

/** Input of createInitialAccessToken. */
export type CreateInitialAccessTokenInput = {
  /** What these clients may do in this tenant's API: of what the policy allows, and never more than whoever makes the token. Nothing unless told. */
  apiScopes?: Array<string> | null | undefined;
  /** When it stops working, at most 90 days from now; in 7 days unless told. */
  expiresAt?: string | null | undefined;
  /** How many clients may register with it, 1 to 1000; 1 unless told. */
  maxClients?: number | null | undefined;
  /** For whom or for what it is. */
  name: string;
};

/** Input of createLogStream. */
export type CreateLogStreamInput = {
  /** How many seconds events are gathered for a batch that is not full, 0 to 900; 60 for S3 and 0 for others unless told. */
  batchSeconds?: number | null | undefined;
  /** Only events of these types: exactly (`user.create`) or by prefix (`user.*`). Empty: every type. */
  eventTypes?: Array<string> | null | undefined;
  /** What receives the events. */
  kind: LogStreamKind;
  /** Only events of this severity or a higher one; INFO, which is all, unless told. */
  minSeverity?: AuditSeverity | null | undefined;
  /** The name to show. */
  name: string;
  /** What the kind needs to be let in; see the guide. Sealed, and never shown again. */
  secrets?: object | null | undefined;
  /** Where and how, as the kind knows it; see the guide. Readable, so nothing secret. */
  settings: object;
  /** Where it begins; NOW unless told. */
  startAt?: LogStreamStart | null | undefined;
  /** Whether addresses and agents of people are opened and sent as `where`; false unless told. What a receiver holds outlives the erasure of a person. */
  where?: boolean | null | undefined;
};

/** Input of createResource. */
export type CreateResourceInput = {
  /** Whether refresh tokens may bring tokens for it; true unless told. */
  allowOffline?: boolean | null | undefined;
  /** What clients ask for, and the `aud` of its tokens: an absolute URI. It never changes. */
  identifier: string;
  /** The name to show. */
  name: string;
  /** All that may be done in it, at most 200; these take the place of earlier ones. */
  scopes?: Array<ResourceScopeInput> | null | undefined;
  /** What signs its tokens; ES256 unless told. */
  signingAlg?: TokenAlg | null | undefined;
  /** The form of its access tokens; JWT unless told. */
  tokenFormat?: TokenFormat | null | undefined;
  /** Seconds that its access tokens live, 60 to 86400; 900 unless told. */
  tokenSeconds?: number | null | undefined;
};

/** Input of createRole. */
export type CreateRoleInput = {
  /** What the role is for. */
  description?: string | null | undefined;
  /** Unique in the tenant whatever its letter case. */
  name: string;
  /** What the role grants, such as `users:read`. */
  scopes: Array<string>;
};

/** Input of createTenant. */
export type CreateTenantInput = {
  /** The tenant's own host name, such as login.acme.com; unique on the platform. */
  host?: string | null | undefined;
  /** The name to show. */
  name: string;
  /** Names the tenant in paths such as /t/acme; it never changes. */
  slug: string;
};

/** Input of createUser. */
export type CreateUserInput = {
  /** The tenant's own data about the user: a JSON object of at most 16 kB. */
  attributes?: object | null | undefined;
  /** The name to show. */
  displayName?: string | null | undefined;
  /** E-mail address; unique in the tenant whatever its letter case. */
  email: string;
  /** Family name. */
  familyName?: string | null | undefined;
  /** Given name. */
  givenName?: string | null | undefined;
  /** Preferred language, a BCP 47 tag such as `en-GB`. */
  locale?: string | null | undefined;
};

/** Input of deleteClient. */
export type DeleteClientInput = {
  /** The client. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of deleteGroup. */
export type DeleteGroupInput = {
  /** The group. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of deleteLogStream. */
export type DeleteLogStreamInput = {
  /** The log stream. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of deleteResource. */
export type DeleteResourceInput = {
  /** The API resource. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of deleteRole. */
export type DeleteRoleInput = {
  /** The role. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of deleteTenant. */
export type DeleteTenantInput = {
  /** The tenant. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of deleteUser. */
export type DeleteUserInput = {
  /** The user. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of disableClient. */
export type DisableClientInput = {
  /** The client. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of discardLogStreamDeadLetters. */
export type DiscardLogStreamDeadLettersInput = {
  /** Of these events, at most 500; all unless told. */
  eventIds?: Array<string> | null | undefined;
  /** The log stream. */
  id: string;
};

/** Input of enableClient. */
export type EnableClientInput = {
  /** The client. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of endClientRegistration. */
export type EndClientRegistrationInput = {
  /** The client. */
  id: string;
};

/** Input of endSession. */
export type EndSessionInput = {
  /** The session. */
  id: string;
};

/** Input of endUserSessions. */
export type EndUserSessionsInput = {
  /** The user. */
  userId: string;
};

/** Input of enrolFactor. */
export type EnrolFactorInput = {
  /** Where codes are sent. EMAIL: an address, the account's own when left out. SMS: a number such as +4915112345678. */
  address?: string | null | undefined;
  /** TOTP: codes of an authenticator app. EMAIL and SMS: codes that are sent. PASSKEY: a passkey or a hardware key. */
  kind: FactorKind;
  /** What the person calls it. */
  name: string;
};

/** TOTP: codes of an authenticator app. EMAIL and SMS: codes that are sent. PASSKEY: a passkey or a hardware key. */
export type FactorKind =
  | 'EMAIL'
  | 'PASSKEY'
  | 'SMS'
  | 'TOTP';

/** Input of importTotpSecrets. */
export type ImportTotpSecretsInput = {
  /** How the seeds are written; BASE64 when left out. */
  form?: TotpSeedForm | null | undefined;
  /** At most 500. */
  items: Array<ImportedTotpSecret>;
};

/** A user's authenticator app. */
export type ImportedTotpSecret = {
  /** What the person calls it. */
  name?: string | null | undefined;
  /** The seed: 10 to 64 bytes. */
  secret: string;
  /** The user. */
  userId: string;
};

/** Input of inviteUser. */
export type InviteUserInput = {
  /** The tenant's own data about the user: a JSON object of at most 16 kB. */
  attributes?: object | null | undefined;
  /** The name to show. */
  displayName?: string | null | undefined;
  /** E-mail address; unique in the tenant whatever its letter case. */
  email: string;
  /** Family name. */
  familyName?: string | null | undefined;
  /** Given name. */
  givenName?: string | null | undefined;
  /** Preferred language, a BCP 47 tag such as `en-GB`. */
  locale?: string | null | undefined;
};

/** What receives the events. */
export type LogStreamKind =
  | 'DATADOG'
  | 'HTTP'
  | 'S3'
  | 'SPLUNK'
  | 'STANDARD_WEBHOOKS';

/** Where a stream begins: with what happens from now on, or with all there is. */
export type LogStreamStart =
  | 'BEGINNING'
  | 'NOW';

/** ACTIVE: it sends. PAUSED: somebody stopped it. DISABLED: it stopped itself; stateReason says why. Nothing is lost meanwhile. */
export type LogStreamState =
  | 'ACTIVE'
  | 'DISABLED'
  | 'PAUSED';

/** TOTP: a code of an authenticator app. EMAIL and SMS: a code that is sent. PASSKEY: a passkey or a hardware key. BACKUP_CODE: one of the printed codes. */
export type MfaMethod =
  | 'BACKUP_CODE'
  | 'EMAIL'
  | 'PASSKEY'
  | 'SMS'
  | 'TOTP';

/** Whether a second factor is asked for. OFF: never, and nothing demands one. OPTIONAL: of whoever has one. REQUIRED_FOR_ADMINS: of whoever holds a scope that writes. */
export type MfaRequirement =
  | 'OFF'
  | 'OPTIONAL'
  | 'REQUIRED'
  | 'REQUIRED_FOR_ADMINS';

/** Input of pauseLogStream. */
export type PauseLogStreamInput = {
  /** The log stream. */
  id: string;
};

/** Input of regenerateBackupCodes. */
export type RegenerateBackupCodesInput = {
  /** Do it only if this many codes are still good. */
  left?: number | null | undefined;
};

/** Input of register. */
export type RegisterInput = {
  /** The name to show. */
  displayName?: string | null | undefined;
  /** E-mail address; unique in the tenant whatever its letter case. */
  email: string;
  /** The language of the message where the user has none, a BCP 47 tag such as `en-GB`. */
  locale?: string | null | undefined;
  /** The slug of the tenant, such as acme. */
  tenant: string;
};

/** Who may make an account: nobody, everybody, or whoever was invited, who may also ask for a lost invitation. */
export type Registration =
  | 'INVITATION'
  | 'OFF'
  | 'OPEN';

/** Input of removeFactor. */
export type RemoveFactorInput = {
  /** The factor. */
  id: string;
};

/** Input of replayLogStreamDeadLetters. */
export type ReplayLogStreamDeadLettersInput = {
  /** Of these events, at most 500; all unless told. */
  eventIds?: Array<string> | null | undefined;
  /** The log stream. */
  id: string;
};

/** Input of requestEmailChange. */
export type RequestEmailChangeInput = {
  /** E-mail address; unique in the tenant whatever its letter case. */
  email: string;
};

/** Input of requestPasswordReset. */
export type RequestPasswordResetInput = {
  /** E-mail address; unique in the tenant whatever its letter case. */
  email: string;
  /** The language of the message where the user has none, a BCP 47 tag such as `en-GB`. */
  locale?: string | null | undefined;
  /** The slug of the tenant, such as acme. */
  tenant: string;
};

/** Input of requirePasswordReset. */
export type RequirePasswordResetInput = {
  /** The user. */
  id: string;
};

/** Input of resendInvitation. */
export type ResendInvitationInput = {
  /** The user. */
  id: string;
};

/** Input of resetPassword. */
export type ResetPasswordInput = {
  /** The new password, at most 4096 bytes of UTF-8. Taken as it is, spaces included. */
  newPassword: string;
  /** The slug of the tenant, such as acme. */
  tenant: string;
  /** The token of the link, as its address has it. */
  token: string;
};

/** Something that may be done in an API. */
export type ResourceScopeInput = {
  /** What it allows, in the words of the consent page. */
  description: string;
  /** What clients ask for, such as `orders:read`. */
  name: string;
};

/** Input of resumeLogStream. */
export type ResumeLogStreamInput = {
  /** The log stream. */
  id: string;
};

/** Input of revokeApiKey. */
export type RevokeApiKeyInput = {
  /** The API key. */
  id: string;
};

/** Input of revokeConsent. */
export type RevokeConsentInput = {
  /** The consent. */
  id: string;
};

/** Input of revokeInitialAccessToken. */
export type RevokeInitialAccessTokenInput = {
  /** The initial access token. */
  id: string;
};

/** Input of revokeOwnConsent. */
export type RevokeOwnConsentInput = {
  /** The consent. */
  id: string;
};

/** Input of rewindLogStream. */
export type RewindLogStreamInput = {
  /** The log stream. */
  id: string;
  /** The first leaf that it sends next; at most as many as the log has. */
  leafIndex?: number | null | undefined;
  /** Or: the first event that happened at this moment or later. */
  since?: string | null | undefined;
};

/** Input of rotateApiKey. */
export type RotateApiKeyInput = {
  /** The API key. */
  id: string;
  /** Seconds that earlier secrets keep working, at most 604800; 86400 when left out. */
  overlapSeconds?: number | null | undefined;
};

/** Input of rotateClientSecret. */
export type RotateClientSecretInput = {
  /** The client. */
  id: string;
  /** Seconds that earlier secrets keep working, at most 604800; 86400 when left out. */
  overlapSeconds?: number | null | undefined;
};

/** Input of rotateLogStreamSecret. */
export type RotateLogStreamSecretInput = {
  /** The log stream. */
  id: string;
  /** How long the earlier secret signs too, at most 604800; 86400 unless told. */
  overlapSeconds?: number | null | undefined;
  /** What the kind needs to be let in; see the guide. Sealed, and never shown again. */
  secrets?: object | null | undefined;
};

/** Input of rotateSigningKeys. */
export type RotateSigningKeysInput = {
  /** Of this algorithm; without it, of all that are in use. */
  alg?: SigningAlg | null | undefined;
  /** For keys that leaked: the replaced ones and all before them are refused at once, and with them every token that they signed. */
  retireNow?: boolean | null | undefined;
};

/** Input of sendFactorCode. */
export type SendFactorCodeInput = {
  /** The factor. */
  id: string;
};

/** What a sign-in asks next. IDENTIFY: email, or passkey. PASSWORD: password. CHANGE_PASSWORD: newPassword. MFA: code or passkey, see methods. ENROL: code of the authenticator app that enrolment is for. DONE: nothing, there is a session. */
export type SignInStepName =
  | 'CHANGE_PASSWORD'
  | 'DONE'
  | 'ENROL'
  | 'IDENTIFY'
  | 'MFA'
  | 'PASSWORD';

/** Input of signOut. */
export type SignOutInput = {
  /** All of them instead, this one too. */
  everywhere?: boolean | null | undefined;
  /** The session; without it, the one that calls. */
  id?: string | null | undefined;
};

/** How a token is signed (RFC 7518, RFC 8037): RSA of 2048 bits, the curve P-256, or Ed25519. */
export type SigningAlg =
  | 'ES256'
  | 'EdDSA'
  | 'RS256';

/** NEXT: published, signs later. CURRENT: signs. RETIRING: signs no more, and what it signed is still good. RETIRED: refused, and its private part is erased. */
export type SigningKeyState =
  | 'CURRENT'
  | 'NEXT'
  | 'RETIRED'
  | 'RETIRING';

/** Input of startSignIn. */
export type StartSignInInput = {
  /** The slug of the tenant, such as acme. */
  tenant: string;
};

/** Input of startStepUp. */
export type StartStepUpInput = {
  /** Whether it must lead to two factors: where the acr `mfa` was missing. */
  mfa?: boolean | null | undefined;
};

/** Input of submitSignInStep. */
export type SubmitSignInStepInput = {
  /** For MFA and ENROL: the code. */
  code?: string | null | undefined;
  /** For IDENTIFY: the e-mail address. */
  email?: string | null | undefined;
  /** The flow that the step before answered. */
  flow: string;
  /** For MFA: what the code is of, where that is not plain; without a code, send one. */
  method?: MfaMethod | null | undefined;
  /** For CHANGE_PASSWORD: the new password. */
  newPassword?: string | null | undefined;
  /** For IDENTIFY and MFA: the answer of the browser, as JSON. */
  passkey?: object | null | undefined;
  /** For PASSWORD: the password. */
  password?: string | null | undefined;
  /** The slug of the tenant, such as acme. */
  tenant: string;
};

/** Input of suspendTenant. */
export type SuspendTenantInput = {
  /** The tenant. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of suspendUser. */
export type SuspendUserInput = {
  /** The user. */
  id: string;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Whether the doors of the tenant are open. */
export type TenantStatus =
  | 'ACTIVE'
  | 'DELETED'
  | 'SUSPENDED';

/** Input of testLogStream. */
export type TestLogStreamInput = {
  /** The log stream. */
  id: string;
};

/** The algorithm that signs a token (RFC 7518, RFC 8037). */
export type TokenAlg =
  | 'ES256'
  | 'EdDSA'
  | 'RS256';

/** JWT: the API reads its tokens itself (RFC 9068). OPAQUE: it asks about them (RFC 7662). */
export type TokenFormat =
  | 'JWT'
  | 'OPAQUE';

/** How seeds are written. BASE64: their bytes in base64. BASE32: as authenticator apps show them. BASE64_OF_BASE32: that text, in base64 once more. */
export type TotpSeedForm =
  | 'BASE32'
  | 'BASE64'
  | 'BASE64_OF_BASE32';

/** Input of unlockUser. */
export type UnlockUserInput = {
  /** The user. */
  id: string;
};

/** Input of updateAccount. */
export type UpdateAccountInput = {
  /** The name to show. */
  displayName?: string | null | undefined;
  /** Family name. */
  familyName?: string | null | undefined;
  /** Given name. */
  givenName?: string | null | undefined;
  /** Preferred language, a BCP 47 tag such as `en-GB`. */
  locale?: string | null | undefined;
};

/** Input of updateClient. */
export type UpdateClientInput = {
  /** What it may do in this tenant's API. Never more than whoever sets it. */
  apiScopes?: Array<string> | null | undefined;
  /** Identifiers of the API resources that it may ask tokens for. */
  audiences?: Array<string> | null | undefined;
  /** Where it is told that a session has ended (OpenID Connect Back-Channel Logout). */
  backchannelLogoutUri?: string | null | undefined;
  /** An https link to its own site. */
  clientUri?: string | null | undefined;
  /** Whether it is the tenant's own: then nobody is asked for consent. */
  firstParty?: boolean | null | undefined;
  /** How it gets tokens: of authorization_code, refresh_token, client_credentials, urn:ietf:params:oauth:grant-type:device_code, urn:ietf:params:oauth:grant-type:token-exchange. Unless told: client_credentials for SERVICE, else authorization_code and refresh_token. */
  grantTypes?: Array<string> | null | undefined;
  /** The client. */
  id: string;
  /** What signs its ID tokens; RS256 unless told. */
  idTokenAlg?: TokenAlg | null | undefined;
  /** What it may learn about people: of openid, profile, email, phone, address, roles, groups, offline_access. */
  identityScopes?: Array<string> | null | undefined;
  /** Its public keys for private_key_jwt, a JWK Set (RFC 7517); or jwksUri. */
  jwks?: object | null | undefined;
  /** Where its public keys for private_key_jwt are; or jwks. */
  jwksUri?: string | null | undefined;
  /** An https link to its logo. */
  logoUri?: string | null | undefined;
  /** The name that people see. */
  name?: string | null | undefined;
  /** An https link to its privacy policy. */
  policyUri?: string | null | undefined;
  /** Where people return to after signing out. */
  postLogoutRedirectUris?: Array<string> | null | undefined;
  /** Who is behind it, as the consent page says it. */
  publisher?: string | null | undefined;
  /** Where people return to after signing in, compared as whole texts; for NATIVE the port of a loopback address may differ. */
  redirectUris?: Array<string> | null | undefined;
  /** Seconds without use after which a refresh token ends; 14 days unless told. */
  refreshIdleSeconds?: number | null | undefined;
  /** Whether each refresh token works once; true unless told. */
  refreshRotation?: boolean | null | undefined;
  /** Seconds after which refresh tokens end in any case; 90 days unless told. */
  refreshSeconds?: number | null | undefined;
  /** Whether its tokens must be bound to a key of its own (RFC 9449). */
  requireDpop?: boolean | null | undefined;
  /** Whether it must push authorization requests beforehand (RFC 9126). */
  requirePar?: boolean | null | undefined;
  /** An https link to its terms of service. */
  termsUri?: string | null | undefined;
  /** How it authenticates: none for SPA and NATIVE, else client_secret_basic unless told. */
  tokenEndpointAuthMethod?: ClientAuthMethod | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of updateClientRegistrationPolicy. */
export type UpdateClientRegistrationPolicyInput = {
  /** The most that they may do in this tenant's API, as far as their initial access token allows it too; nothing unless told. */
  apiScopes?: Array<string> | null | undefined;
  /** Identifiers of the API resources that each of them may ask tokens for; none unless told. */
  audiences?: Array<string> | null | undefined;
  /** Whether clients may register themselves, with an initial access token. */
  enabled?: boolean | null | undefined;
  /** How they may get tokens; authorization_code and refresh_token unless told. */
  grantTypes?: Array<string> | null | undefined;
  /** What they may learn about people; openid, profile, email and offline_access unless told. */
  identityScopes?: Array<string> | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of updateGroup. */
export type UpdateGroupInput = {
  /** What the group is for. */
  description?: string | null | undefined;
  /** The group. */
  id: string;
  /** Unique in the tenant whatever its letter case. */
  name?: string | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of updateLogStream. */
export type UpdateLogStreamInput = {
  /** How many seconds events are gathered for a batch that is not full, 0 to 900; 60 for S3 and 0 for others unless told. */
  batchSeconds?: number | null | undefined;
  /** Only events of these types: exactly (`user.create`) or by prefix (`user.*`). Empty: every type. */
  eventTypes?: Array<string> | null | undefined;
  /** The log stream. */
  id: string;
  /** Only events of this severity or a higher one; INFO, which is all, unless told. */
  minSeverity?: AuditSeverity | null | undefined;
  /** The name to show. */
  name?: string | null | undefined;
  /** What the kind needs to be let in; see the guide. Sealed, and never shown again. */
  secrets?: object | null | undefined;
  /** Where and how, as the kind knows it; see the guide. Readable, so nothing secret. */
  settings?: object | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
  /** Whether addresses and agents of people are opened and sent as `where`; false unless told. What a receiver holds outlives the erasure of a person. */
  where?: boolean | null | undefined;
};

/** Input of updateResource. */
export type UpdateResourceInput = {
  /** Whether refresh tokens may bring tokens for it; true unless told. */
  allowOffline?: boolean | null | undefined;
  /** The API resource. */
  id: string;
  /** The name to show. */
  name?: string | null | undefined;
  /** All that may be done in it, at most 200; these take the place of earlier ones. */
  scopes?: Array<ResourceScopeInput> | null | undefined;
  /** What signs its tokens; ES256 unless told. */
  signingAlg?: TokenAlg | null | undefined;
  /** The form of its access tokens; JWT unless told. */
  tokenFormat?: TokenFormat | null | undefined;
  /** Seconds that its access tokens live, 60 to 86400; 900 unless told. */
  tokenSeconds?: number | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of updateRole. */
export type UpdateRoleInput = {
  /** What the role is for. */
  description?: string | null | undefined;
  /** The role. */
  id: string;
  /** Unique in the tenant whatever its letter case. */
  name?: string | null | undefined;
  /** What the role grants, such as `users:read`. */
  scopes?: Array<string> | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of updateSignInPolicy. */
export type UpdateSignInPolicyInput = {
  /** The colour of buttons and links on the pages, such as #0a7d5b. */
  accentColor?: string | null | undefined;
  /** Lanes of Argon2id, 1 to 4. */
  argon2Lanes?: number | null | undefined;
  /** Memory of Argon2id in KiB, 19456 to 131072. */
  argon2Memory?: number | null | undefined;
  /** Passes of Argon2id, 2 to 4. */
  argon2Passes?: number | null | undefined;
  /** An https URL of the logo on the pages. */
  logoUri?: string | null | undefined;
  /** Sessions of one user at the same time, 1 to 1000; the oldest give way. */
  maxSessions?: number | null | undefined;
  /** Whether a second factor is asked for. */
  mfa?: MfaRequirement | null | undefined;
  /** Least code points of a new password, 8 to 64; never less than 15, or 8 where a second factor is required of everybody. */
  passwordMinLength?: number | null | undefined;
  /** Who may make an account. */
  registration?: Registration | null | undefined;
  /** Seconds without a request after which a session ends, 60 or more. */
  sessionIdleSeconds?: number | null | undefined;
  /** Seconds after which a session ends in any case, at most 90 days. */
  sessionSeconds?: number | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of updateSigningKeyPolicy. */
export type UpdateSigningKeyPolicyInput = {
  /** Seconds that what a replaced key signed is still good, 90000 (longer than any token lives) to 2592000. */
  overlapSeconds?: number | null | undefined;
  /** Days after which a key is replaced by the next one, 1 to 730. */
  rotationDays?: number | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of updateTenant. */
export type UpdateTenantInput = {
  /** The tenant's own host name, such as login.acme.com; unique on the platform. */
  host?: string | null | undefined;
  /** The tenant. */
  id: string;
  /** The name to show. */
  name?: string | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Input of updateUser. */
export type UpdateUserInput = {
  /** The tenant's own data about the user: a JSON object of at most 16 kB. */
  attributes?: object | null | undefined;
  /** The name to show. */
  displayName?: string | null | undefined;
  /** E-mail address; unique in the tenant whatever its letter case. */
  email?: string | null | undefined;
  /** Family name. */
  familyName?: string | null | undefined;
  /** Given name. */
  givenName?: string | null | undefined;
  /** The user. */
  id: string;
  /** Preferred language, a BCP 47 tag such as `en-GB`. */
  locale?: string | null | undefined;
  /** Do it only if this is still the version. */
  version?: number | null | undefined;
};

/** Whether the user may act: ACTIVE or SUSPENDED. */
export type UserStatus =
  | 'ACTIVE'
  | 'SUSPENDED';

/** Input of verifyEmail. */
export type VerifyEmailInput = {
  /** The slug of the tenant, such as acme. */
  tenant: string;
  /** The token of the link, as its address has it. */
  token: string;
};

export type AcceptInvitationMutationVariables = Exact<{
  input: AcceptInvitationInput;
}>;


export type AcceptInvitationMutation = { acceptInvitation:
    | { email: string, endedSessions: number }
    | Problem_InvalidInputError_Fragment
    | Problem_LinkNotValidError_Fragment
    | Problem_TenantNotOpenError_Fragment
   };

export type ActivateTenantMutationVariables = Exact<{
  input: ActivateTenantInput;
}>;


export type ActivateTenantMutation = { activateTenant:
    | { tenant: TenantFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_PlatformTenantError_Fragment
    | Problem_TenantNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type ActivateUserMutationVariables = Exact<{
  input: ActivateUserInput;
}>;


export type ActivateUserMutation = { activateUser:
    | { user: UserFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_LastOwnerError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_UserNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type AddGroupMemberMutationVariables = Exact<{
  id: string;
  userId: string;
}>;


export type AddGroupMemberMutation = { addGroupMember:
    | { group: GroupFieldsFragment }
    | Problem_GroupNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_UserNotFoundError_Fragment
   };

export type AssignRoleToGroupMutationVariables = Exact<{
  groupId: string;
  roleId: string;
}>;


export type AssignRoleToGroupMutation = { assignRole:
    | { role: RoleFieldsFragment }
    | Problem_GroupNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_RoleNotFoundError_Fragment
    | Problem_UserNotFoundError_Fragment
   };

export type AssignRoleToUserMutationVariables = Exact<{
  userId: string;
  roleId: string;
}>;


export type AssignRoleToUserMutation = { assignRole:
    | { role: RoleFieldsFragment }
    | Problem_GroupNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_RoleNotFoundError_Fragment
    | Problem_UserNotFoundError_Fragment
   };

export type ChangePasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordMutation = { changePassword:
    | { endedSessions: number }
    | Problem_InvalidInputError_Fragment
    | Problem_WrongPasswordError_Fragment
   };

export type ConfirmFactorMutationVariables = Exact<{
  input: ConfirmFactorInput;
}>;


export type ConfirmFactorMutation = { confirmFactor:
    | { backupCodes: Array<string> | null, factor: OwnFactorFieldsFragment }
    | Problem_FactorNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_PasskeyTakenError_Fragment
    | Problem_UserNotFoundError_Fragment
    | Problem_WrongAnswerError_Fragment
   };

export type CreateApiKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateApiKeyMutation = { createApiKey:
    | Problem_ApiKeyChainTooLongError_Fragment
    | { secret: string, apiKey: ApiKeyFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
   };

export type CreateGroupMutationVariables = Exact<{
  input: CreateGroupInput;
}>;


export type CreateGroupMutation = { createGroup:
    | { group: GroupFieldsFragment }
    | Problem_GroupNameTakenError_Fragment
    | Problem_InvalidInputError_Fragment
   };

export type CreateInitialAccessTokenMutationVariables = Exact<{
  input: CreateInitialAccessTokenInput;
}>;


export type CreateInitialAccessTokenMutation = { createInitialAccessToken:
    | { token: string, initialAccessToken: InitialAccessTokenFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
   };

export type CreateLogStreamMutationVariables = Exact<{
  input: CreateLogStreamInput;
}>;


export type CreateLogStreamMutation = { createLogStream:
    | { secret: string | null, logStream: LogStreamFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_TooManyLogStreamsError_Fragment
   };

export type CreateOAuthClientMutationVariables = Exact<{
  input: CreateClientInput;
}>;


export type CreateOAuthClientMutation = { createClient:
    | { secret: string | null, client: OAuthClientFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
   };

export type CreateResourceMutationVariables = Exact<{
  input: CreateResourceInput;
}>;


export type CreateResourceMutation = { createResource:
    | { resource: ResourceFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_ResourceIdentifierTakenError_Fragment
   };

export type CreateRoleMutationVariables = Exact<{
  input: CreateRoleInput;
}>;


export type CreateRoleMutation = { createRole:
    | { role: RoleFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_RoleNameTakenError_Fragment
   };

export type CreateTenantMutationVariables = Exact<{
  input: CreateTenantInput;
}>;


export type CreateTenantMutation = { createTenant:
    | { tenant: TenantFieldsFragment }
    | Problem_HostTakenError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_SlugTakenError_Fragment
   };

export type CreateUserMutationVariables = Exact<{
  input: CreateUserInput;
}>;


export type CreateUserMutation = { createUser:
    | { user: UserFieldsFragment }
    | Problem_EmailTakenError_Fragment
    | Problem_InvalidInputError_Fragment
   };

export type DeleteGroupMutationVariables = Exact<{
  input: DeleteGroupInput;
}>;


export type DeleteGroupMutation = { deleteGroup:
    | { deletedId: string }
    | Problem_GroupNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_LastOwnerError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type DeleteLogStreamMutationVariables = Exact<{
  input: DeleteLogStreamInput;
}>;


export type DeleteLogStreamMutation = { deleteLogStream:
    | { deletedId: string }
    | Problem_InvalidInputError_Fragment
    | Problem_LogStreamNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type DeleteOAuthClientMutationVariables = Exact<{
  input: DeleteClientInput;
}>;


export type DeleteOAuthClientMutation = { deleteClient:
    | Problem_ClientNotFoundError_Fragment
    | { deletedId: string }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type DeleteResourceMutationVariables = Exact<{
  input: DeleteResourceInput;
}>;


export type DeleteResourceMutation = { deleteResource:
    | { deletedId: string }
    | Problem_InvalidInputError_Fragment
    | Problem_ResourceNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type DeleteRoleMutationVariables = Exact<{
  input: DeleteRoleInput;
}>;


export type DeleteRoleMutation = { deleteRole:
    | Problem_BuiltInRoleError_Fragment
    | { deletedId: string }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_RoleNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type DeleteTenantMutationVariables = Exact<{
  input: DeleteTenantInput;
}>;


export type DeleteTenantMutation = { deleteTenant:
    | { tenant: { id: string } }
    | Problem_InvalidInputError_Fragment
    | Problem_PlatformTenantError_Fragment
    | Problem_TenantNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type DeleteUserMutationVariables = Exact<{
  input: DeleteUserInput;
}>;


export type DeleteUserMutation = { deleteUser:
    | { deletedId: string }
    | Problem_InvalidInputError_Fragment
    | Problem_LastOwnerError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_UserNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type DisableOAuthClientMutationVariables = Exact<{
  input: DisableClientInput;
}>;


export type DisableOAuthClientMutation = { disableClient:
    | Problem_ClientNotFoundError_Fragment
    | { client: OAuthClientFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type DiscardLogStreamDeadLettersMutationVariables = Exact<{
  input: DiscardLogStreamDeadLettersInput;
}>;


export type DiscardLogStreamDeadLettersMutation = { discardLogStreamDeadLetters:
    | { count: number, logStream: LogStreamFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_LogStreamNotFoundError_Fragment
   };

export type EnableOAuthClientMutationVariables = Exact<{
  input: EnableClientInput;
}>;


export type EnableOAuthClientMutation = { enableClient:
    | Problem_ClientNotFoundError_Fragment
    | { client: OAuthClientFieldsFragment }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type EndClientRegistrationMutationVariables = Exact<{
  input: EndClientRegistrationInput;
}>;


export type EndClientRegistrationMutation = { endClientRegistration:
    | Problem_ClientRegistrationNotFoundError_Fragment
    | { clientId: string }
    | Problem_InvalidInputError_Fragment
   };

export type EndSessionMutationVariables = Exact<{
  input: EndSessionInput;
}>;


export type EndSessionMutation = { endSession:
    | { endedIds: Array<string> }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_SessionNotFoundError_Fragment
   };

export type EndUserSessionsMutationVariables = Exact<{
  input: EndUserSessionsInput;
}>;


export type EndUserSessionsMutation = { endUserSessions:
    | { endedIds: Array<string> }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_UserNotFoundError_Fragment
   };

export type EnrolFactorMutationVariables = Exact<{
  input: EnrolFactorInput;
}>;


export type EnrolFactorMutation = { enrolFactor:
    | { factorId: string, secret: string | null, uri: string | null, qr: string | null, creationOptions: Record<string, unknown> | null }
    | Problem_FactorKindNotOfferedError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_TooManyFactorsError_Fragment
    | Problem_UserNotFoundError_Fragment
   };

export type GetApiKeyQueryVariables = Exact<{
  id: string;
}>;


export type GetApiKeyQuery = { apiKey: ApiKeyFieldsFragment | null };

export type GetAuditCheckpointQueryVariables = Exact<{ [key: string]: never; }>;


export type GetAuditCheckpointQuery = { auditCheckpoint: AuditCheckpointFieldsFragment };

export type GetAuditConsistencyQueryVariables = Exact<{
  from: number;
  to?: number | null | undefined;
}>;


export type GetAuditConsistencyQuery = { auditConsistency: { from: number, to: number, hashes: Array<string> } };

export type GetAuditEventQueryVariables = Exact<{
  id: string;
}>;


export type GetAuditEventQuery = { auditEvent: AuditEventFieldsFragment | null };

export type GetAuditProofQueryVariables = Exact<{
  eventId: string;
  size?: number | null | undefined;
}>;


export type GetAuditProofQuery = { auditProof: { leafIndex: number, leafHash: string, size: number, root: string, hashes: Array<string>, checkpoint: AuditCheckpointFieldsFragment | null } | null };

export type GetClientRegistrationPolicyQueryVariables = Exact<{ [key: string]: never; }>;


export type GetClientRegistrationPolicyQuery = { clientRegistrationPolicy: ClientRegistrationPolicyFieldsFragment };

export type GetGroupQueryVariables = Exact<{
  id: string;
}>;


export type GetGroupQuery = { group: GroupFieldsFragment | null };

export type GetInitialAccessTokenQueryVariables = Exact<{
  id: string;
}>;


export type GetInitialAccessTokenQuery = { initialAccessToken: InitialAccessTokenFieldsFragment | null };

export type GetLogStreamQueryVariables = Exact<{
  id: string;
}>;


export type GetLogStreamQuery = { logStream: LogStreamFieldsFragment | null };

export type GetOAuthClientQueryVariables = Exact<{
  id: string;
}>;


export type GetOAuthClientQuery = { client: OAuthClientFieldsFragment | null };

export type GetOwnSessionQueryVariables = Exact<{ [key: string]: never; }>;


export type GetOwnSessionQuery = { viewer: { session: OwnSessionFieldsFragment | null } };

export type GetOwnTenantQueryVariables = Exact<{ [key: string]: never; }>;


export type GetOwnTenantQuery = { tenant: TenantFieldsFragment };

export type GetResourceQueryVariables = Exact<{
  id: string;
}>;


export type GetResourceQuery = { resource: ResourceFieldsFragment | null };

export type GetRoleQueryVariables = Exact<{
  id: string;
}>;


export type GetRoleQuery = { role: RoleFieldsFragment | null };

export type GetSessionTimesQueryVariables = Exact<{ [key: string]: never; }>;


export type GetSessionTimesQuery = { viewer: { now: string, actor: { id: string | null }, session: { id: string, amr: Array<string>, acr: string, authTime: string, idleExpiresAt: string, expiresAt: string } | null } };

export type GetSignInLockQueryVariables = Exact<{
  id: string;
}>;


export type GetSignInLockQuery = { user: { id: string, signInLock: { passwordsUntil: string | null, secondFactorsUntil: string | null } } | null };

export type GetSignInPolicyQueryVariables = Exact<{ [key: string]: never; }>;


export type GetSignInPolicyQuery = { signInPolicy: SignInPolicyFieldsFragment };

export type GetSigningKeyPolicyQueryVariables = Exact<{ [key: string]: never; }>;


export type GetSigningKeyPolicyQuery = { signingKeyPolicy: SigningKeyPolicyFieldsFragment };

export type GetTenantQueryVariables = Exact<{
  id: string;
}>;


export type GetTenantQuery = { tenantById: TenantFieldsFragment | null };

export type GetUserQueryVariables = Exact<{
  id: string;
}>;


export type GetUserQuery = { user: UserFieldsFragment | null };

export type GetViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type GetViewerQuery = { viewer: { scopes: Array<string>, actor: { kind: string, id: string | null }, tenant: { id: string, slug: string, name: string }, account: { id: string, email: string, emailVerified: boolean, displayName: string | null, givenName: string | null, familyName: string | null, locale: string | null, effectiveScopes: Array<string> } | null } };

export type ImportTotpSecretsMutationVariables = Exact<{
  input: ImportTotpSecretsInput;
}>;


export type ImportTotpSecretsMutation = { importTotpSecrets:
    | { importedIds: Array<string>, known: number }
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_TooManyFactorsError_Fragment
   };

export type InviteUserMutationVariables = Exact<{
  input: InviteUserInput;
}>;


export type InviteUserMutation = { inviteUser:
    | Problem_EmailTakenError_Fragment
    | Problem_InvalidInputError_Fragment
    | { user: UserFieldsFragment }
   };

export type ListApiKeysQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListApiKeysQuery = { apiKeys: { nodes: Array<ApiKeyFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListAuditEventsQueryVariables = Exact<{
  type?: string | null | undefined;
  types?: Array<string> | string | null | undefined;
  severity?: AuditSeverity | null | undefined;
  minSeverity?: AuditSeverity | null | undefined;
  result?: AuditResult | null | undefined;
  actor?: string | null | undefined;
  target?: string | null | undefined;
  requestId?: string | null | undefined;
  text?: string | null | undefined;
  since?: string | null | undefined;
  until?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListAuditEventsQuery = { auditEvents: { nodes: Array<AuditEventFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListConsentsQueryVariables = Exact<{
  userId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListConsentsQuery = { user: { consents: { nodes: Array<{ id: string, userId: string, scopes: Array<string>, grantedAt: string, updatedAt: string, client: ConsentedClientFieldsFragment, resourceScopes: Array<{ identifier: string, scopes: Array<string> }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ListFactorsQueryVariables = Exact<{
  userId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListFactorsQuery = { user: { factors: { nodes: Array<FactorFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ListGroupMembersQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListGroupMembersQuery = { group: { members: { nodes: Array<UserFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ListGroupRolesQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListGroupRolesQuery = { group: { roles: { nodes: Array<RoleFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ListGroupsQueryVariables = Exact<{
  namePrefix?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListGroupsQuery = { groups: { nodes: Array<GroupFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListInitialAccessTokensQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListInitialAccessTokensQuery = { initialAccessTokens: { nodes: Array<InitialAccessTokenFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListLogStreamDeadLettersQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListLogStreamDeadLettersQuery = { logStream: { deadLetters: { nodes: Array<{ eventId: string, deliveryId: string, leafIndex: number, attempts: number, reason: string | null, status: number | null, diedAt: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ListLogStreamsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListLogStreamsQuery = { logStreams: { nodes: Array<LogStreamFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListOAuthClientsQueryVariables = Exact<{
  namePrefix?: string | null | undefined;
  type?: ClientType | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListOAuthClientsQuery = { clients: { nodes: Array<OAuthClientFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListOwnConsentsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListOwnConsentsQuery = { viewer: { consents: { nodes: Array<{ id: string, scopes: Array<string>, grantedAt: string, updatedAt: string, client: ConsentedClientFieldsFragment, resourceScopes: Array<{ identifier: string, scopes: Array<string> }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } };

export type ListOwnFactorsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListOwnFactorsQuery = { viewer: { factors: { nodes: Array<OwnFactorFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } };

export type ListOwnSessionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListOwnSessionsQuery = { viewer: { sessions: { nodes: Array<OwnSessionFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } };

export type ListResourcesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListResourcesQuery = { resources: { nodes: Array<ResourceFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListRolesQueryVariables = Exact<{
  namePrefix?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListRolesQuery = { roles: { nodes: Array<RoleFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListSessionsQueryVariables = Exact<{
  userId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListSessionsQuery = { user: { sessions: { nodes: Array<SessionFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ListSigningKeysQueryVariables = Exact<{
  state?: SigningKeyState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListSigningKeysQuery = { signingKeys: { nodes: Array<SigningKeyFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListTenantsQueryVariables = Exact<{
  slug?: string | null | undefined;
  status?: TenantStatus | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListTenantsQuery = { tenants: { nodes: Array<TenantFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListUserGroupsQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListUserGroupsQuery = { user: { groups: { nodes: Array<GroupFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ListUserRolesQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListUserRolesQuery = { user: { roles: { nodes: Array<RoleFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ListUsersQueryVariables = Exact<{
  email?: string | null | undefined;
  emailPrefix?: string | null | undefined;
  search?: string | null | undefined;
  status?: UserStatus | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ListUsersQuery = { users: { nodes: Array<UserFieldsFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ListUsersWithGroupsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ListUsersWithGroupsQuery = { users: { nodes: Array<{ id: string, email: string, groups: { nodes: Array<{ id: string, name: string, roles: { nodes: Array<{ id: string, name: string }> } }> } }> } };

export type PauseLogStreamMutationVariables = Exact<{
  input: PauseLogStreamInput;
}>;


export type PauseLogStreamMutation = { pauseLogStream:
    | Problem_InvalidInputError_Fragment
    | Problem_LogStreamNotFoundError_Fragment
    | { logStream: LogStreamFieldsFragment }
   };

export type RegenerateBackupCodesMutationVariables = Exact<{
  input: RegenerateBackupCodesInput;
}>;


export type RegenerateBackupCodesMutation = { regenerateBackupCodes:
    | Problem_InvalidInputError_Fragment
    | Problem_NoFactorError_Fragment
    | { backupCodes: Array<string> }
    | Problem_UserNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type RegisterMutationVariables = Exact<{
  input: RegisterInput;
}>;


export type RegisterMutation = { register:
    | Problem_InvalidInputError_Fragment
    | { accepted: boolean }
    | Problem_RegistrationClosedError_Fragment
    | Problem_TenantNotOpenError_Fragment
   };

export type RemoveFactorMutationVariables = Exact<{
  input: RemoveFactorInput;
}>;


export type RemoveFactorMutation = { removeFactor:
    | Problem_FactorNotFoundError_Fragment
    | Problem_FactorRequiredError_Fragment
    | Problem_InvalidInputError_Fragment
    | { deletedId: string }
    | Problem_UserNotFoundError_Fragment
   };

export type RemoveGroupMemberMutationVariables = Exact<{
  id: string;
  userId: string;
}>;


export type RemoveGroupMemberMutation = { removeGroupMember:
    | Problem_GroupNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_LastOwnerError_Fragment
    | Problem_NotAMemberError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { group: { id: string } }
    | Problem_UserNotFoundError_Fragment
   };

export type ReplayLogStreamDeadLettersMutationVariables = Exact<{
  input: ReplayLogStreamDeadLettersInput;
}>;


export type ReplayLogStreamDeadLettersMutation = { replayLogStreamDeadLetters:
    | Problem_InvalidInputError_Fragment
    | Problem_LogStreamNotFoundError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { count: number, logStream: LogStreamFieldsFragment }
   };

export type RequestEmailChangeMutationVariables = Exact<{
  input: RequestEmailChangeInput;
}>;


export type RequestEmailChangeMutation = { requestEmailChange:
    | Problem_InvalidInputError_Fragment
    | { linkSent: boolean }
    | Problem_UserNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type RequestPasswordResetMutationVariables = Exact<{
  input: RequestPasswordResetInput;
}>;


export type RequestPasswordResetMutation = { requestPasswordReset:
    | Problem_InvalidInputError_Fragment
    | { accepted: boolean }
    | Problem_TenantNotOpenError_Fragment
   };

export type RequirePasswordResetMutationVariables = Exact<{
  input: RequirePasswordResetInput;
}>;


export type RequirePasswordResetMutation = { requirePasswordReset:
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { linkSent: boolean, endedSessions: number, user: UserFieldsFragment }
    | Problem_UserNotFoundError_Fragment
   };

export type ResendInvitationMutationVariables = Exact<{
  input: ResendInvitationInput;
}>;


export type ResendInvitationMutation = { resendInvitation:
    | Problem_AlreadyJoinedError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { linkSent: boolean, user: UserFieldsFragment }
    | Problem_UserNotFoundError_Fragment
    | Problem_UserSuspendedError_Fragment
   };

export type ResetPasswordMutationVariables = Exact<{
  input: ResetPasswordInput;
}>;


export type ResetPasswordMutation = { resetPassword:
    | Problem_InvalidInputError_Fragment
    | Problem_LinkNotValidError_Fragment
    | { email: string, endedSessions: number }
    | Problem_TenantNotOpenError_Fragment
   };

export type ResumeLogStreamMutationVariables = Exact<{
  input: ResumeLogStreamInput;
}>;


export type ResumeLogStreamMutation = { resumeLogStream:
    | Problem_InvalidInputError_Fragment
    | Problem_LogStreamNotFoundError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { logStream: LogStreamFieldsFragment }
   };

export type RevokeApiKeyMutationVariables = Exact<{
  input: RevokeApiKeyInput;
}>;


export type RevokeApiKeyMutation = { revokeApiKey:
    | Problem_ApiKeyNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { apiKey: ApiKeyFieldsFragment }
   };

export type RevokeConsentMutationVariables = Exact<{
  input: RevokeConsentInput;
}>;


export type RevokeConsentMutation = { revokeConsent:
    | Problem_ConsentNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { revokedId: string }
   };

export type RevokeFactorMutationVariables = Exact<{
  userId: string;
  factorId: string;
}>;


export type RevokeFactorMutation = { revokeFactors:
    | Problem_FactorNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { revokedIds: Array<string> }
    | Problem_UserNotFoundError_Fragment
   };

export type RevokeFactorsMutationVariables = Exact<{
  userId: string;
}>;


export type RevokeFactorsMutation = { revokeFactors:
    | Problem_FactorNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { revokedIds: Array<string> }
    | Problem_UserNotFoundError_Fragment
   };

export type RevokeInitialAccessTokenMutationVariables = Exact<{
  input: RevokeInitialAccessTokenInput;
}>;


export type RevokeInitialAccessTokenMutation = { revokeInitialAccessToken:
    | Problem_InitialAccessTokenNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | { initialAccessToken: InitialAccessTokenFieldsFragment }
   };

export type RevokeOwnConsentMutationVariables = Exact<{
  input: RevokeOwnConsentInput;
}>;


export type RevokeOwnConsentMutation = { revokeOwnConsent:
    | Problem_ConsentNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | { revokedId: string }
   };

export type RewindLogStreamMutationVariables = Exact<{
  input: RewindLogStreamInput;
}>;


export type RewindLogStreamMutation = { rewindLogStream:
    | Problem_InvalidInputError_Fragment
    | Problem_LogStreamNotFoundError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { logStream: LogStreamFieldsFragment }
   };

export type RotateApiKeyMutationVariables = Exact<{
  input: RotateApiKeyInput;
}>;


export type RotateApiKeyMutation = { rotateApiKey:
    | Problem_ApiKeyExpiredError_Fragment
    | Problem_ApiKeyNotFoundError_Fragment
    | Problem_ApiKeyNotOwnError_Fragment
    | Problem_ApiKeyRevokedError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { secret: string, apiKey: ApiKeyFieldsFragment }
    | Problem_TooManySecretsError_Fragment
   };

export type RotateLogStreamSecretMutationVariables = Exact<{
  input: RotateLogStreamSecretInput;
}>;


export type RotateLogStreamSecretMutation = { rotateLogStreamSecret:
    | Problem_InvalidInputError_Fragment
    | Problem_LogStreamNotFoundError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { secret: string | null, logStream: LogStreamFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type RotateOAuthClientSecretMutationVariables = Exact<{
  input: RotateClientSecretInput;
}>;


export type RotateOAuthClientSecretMutation = { rotateClientSecret:
    | Problem_ClientNotFoundError_Fragment
    | Problem_ClientWithoutSecretError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { secret: string | null, client: OAuthClientFieldsFragment }
    | Problem_TooManyClientSecretsError_Fragment
   };

export type RotateSigningKeysMutationVariables = Exact<{
  input: RotateSigningKeysInput;
}>;


export type RotateSigningKeysMutation = { rotateSigningKeys:
    | Problem_InvalidInputError_Fragment
    | { signingKeys: Array<SigningKeyFieldsFragment> }
    | Problem_TooManySigningKeysError_Fragment
   };

export type SendFactorCodeMutationVariables = Exact<{
  input: SendFactorCodeInput;
}>;


export type SendFactorCodeMutation = { sendFactorCode:
    | Problem_FactorKindNotOfferedError_Fragment
    | Problem_FactorNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | { sentTo: string, expiresAt: string }
   };

export type SignOutMutationVariables = Exact<{
  input: SignOutInput;
}>;


export type SignOutMutation = { signOut:
    | Problem_InvalidInputError_Fragment
    | Problem_SessionNotFoundError_Fragment
    | { endedIds: Array<string> }
   };

export type StartSignInMutationVariables = Exact<{
  input: StartSignInInput;
}>;


export type StartSignInMutation = { startSignIn:
    | Problem_InvalidInputError_Fragment
    | SignInProgressFields_StartSignInSuccess_Fragment
    | Problem_TenantNotOpenError_Fragment
   };

export type StartStepUpMutationVariables = Exact<{
  input: StartStepUpInput;
}>;


export type StartStepUpMutation = { startStepUp:
    | Problem_InvalidCredentialsError_Fragment
    | Problem_InvalidInputError_Fragment
    | SignInProgressFields_StartStepUpSuccess_Fragment
   };

export type SubmitSignInStepMutationVariables = Exact<{
  input: SubmitSignInStepInput;
}>;


export type SubmitSignInStepMutation = { submitSignInStep:
    | Problem_InvalidCodeError_Fragment
    | Problem_InvalidCredentialsError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_SignInExpiredError_Fragment
    | (
      { backupCodes: Array<string> | null, session: { sessionId: string, userId: string, amr: Array<string>, acr: string, idleExpiresAt: string, expiresAt: string } | null }
      & SignInProgressFields_SubmitSignInStepSuccess_Fragment
    )
    | Problem_TenantNotOpenError_Fragment
   };

export type SuspendTenantMutationVariables = Exact<{
  input: SuspendTenantInput;
}>;


export type SuspendTenantMutation = { suspendTenant:
    | Problem_InvalidInputError_Fragment
    | Problem_PlatformTenantError_Fragment
    | { tenant: TenantFieldsFragment }
    | Problem_TenantNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type SuspendUserMutationVariables = Exact<{
  input: SuspendUserInput;
}>;


export type SuspendUserMutation = { suspendUser:
    | Problem_InvalidInputError_Fragment
    | Problem_LastOwnerError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { user: UserFieldsFragment }
    | Problem_UserNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type TestLogStreamMutationVariables = Exact<{
  input: TestLogStreamInput;
}>;


export type TestLogStreamMutation = { testLogStream:
    | Problem_InvalidInputError_Fragment
    | Problem_LogStreamNotFoundError_Fragment
    | { delivered: boolean, reason: string | null, status: number | null }
   };

export type UnassignRoleFromGroupMutationVariables = Exact<{
  groupId: string;
  roleId: string;
}>;


export type UnassignRoleFromGroupMutation = { unassignRole:
    | Problem_GroupNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_LastOwnerError_Fragment
    | Problem_NotAssignedError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_RoleNotFoundError_Fragment
    | { role: { id: string } }
    | Problem_UserNotFoundError_Fragment
   };

export type UnassignRoleFromUserMutationVariables = Exact<{
  userId: string;
  roleId: string;
}>;


export type UnassignRoleFromUserMutation = { unassignRole:
    | Problem_GroupNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_LastOwnerError_Fragment
    | Problem_NotAssignedError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_RoleNotFoundError_Fragment
    | { role: { id: string } }
    | Problem_UserNotFoundError_Fragment
   };

export type UnlockUserMutationVariables = Exact<{
  input: UnlockUserInput;
}>;


export type UnlockUserMutation = { unlockUser:
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { user: UserFieldsFragment }
    | Problem_UserNotFoundError_Fragment
   };

export type UpdateAccountMutationVariables = Exact<{
  input: UpdateAccountInput;
}>;


export type UpdateAccountMutation = { updateAccount:
    | Problem_InvalidInputError_Fragment
    | { account: { id: string, email: string, emailVerified: boolean, displayName: string | null, givenName: string | null, familyName: string | null, locale: string | null } }
    | Problem_UserNotFoundError_Fragment
   };

export type UpdateClientRegistrationPolicyMutationVariables = Exact<{
  input: UpdateClientRegistrationPolicyInput;
}>;


export type UpdateClientRegistrationPolicyMutation = { updateClientRegistrationPolicy:
    | Problem_InvalidInputError_Fragment
    | { clientRegistrationPolicy: ClientRegistrationPolicyFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type UpdateGroupMutationVariables = Exact<{
  input: UpdateGroupInput;
}>;


export type UpdateGroupMutation = { updateGroup:
    | Problem_GroupNameTakenError_Fragment
    | Problem_GroupNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { group: GroupFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type UpdateLogStreamMutationVariables = Exact<{
  input: UpdateLogStreamInput;
}>;


export type UpdateLogStreamMutation = { updateLogStream:
    | Problem_InvalidInputError_Fragment
    | Problem_LogStreamNotFoundError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { logStream: LogStreamFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type UpdateOAuthClientMutationVariables = Exact<{
  input: UpdateClientInput;
}>;


export type UpdateOAuthClientMutation = { updateClient:
    | Problem_ClientNotFoundError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { client: OAuthClientFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type UpdateResourceMutationVariables = Exact<{
  input: UpdateResourceInput;
}>;


export type UpdateResourceMutation = { updateResource:
    | Problem_InvalidInputError_Fragment
    | Problem_ResourceNotFoundError_Fragment
    | { resource: ResourceFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type UpdateRoleMutationVariables = Exact<{
  input: UpdateRoleInput;
}>;


export type UpdateRoleMutation = { updateRole:
    | Problem_BuiltInRoleError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | Problem_RoleNameTakenError_Fragment
    | Problem_RoleNotFoundError_Fragment
    | { role: RoleFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type UpdateSignInPolicyMutationVariables = Exact<{
  input: UpdateSignInPolicyInput;
}>;


export type UpdateSignInPolicyMutation = { updateSignInPolicy:
    | Problem_InvalidInputError_Fragment
    | { signInPolicy: SignInPolicyFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type UpdateSigningKeyPolicyMutationVariables = Exact<{
  input: UpdateSigningKeyPolicyInput;
}>;


export type UpdateSigningKeyPolicyMutation = { updateSigningKeyPolicy:
    | Problem_InvalidInputError_Fragment
    | { signingKeyPolicy: SigningKeyPolicyFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type UpdateTenantMutationVariables = Exact<{
  input: UpdateTenantInput;
}>;


export type UpdateTenantMutation = { updateTenant:
    | Problem_HostTakenError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_TenantNotFoundError_Fragment
    | { tenant: TenantFieldsFragment }
    | Problem_VersionMismatchError_Fragment
   };

export type UpdateUserMutationVariables = Exact<{
  input: UpdateUserInput;
}>;


export type UpdateUserMutation = { updateUser:
    | Problem_EmailTakenError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_OutranksCallerError_Fragment
    | { user: UserFieldsFragment }
    | Problem_UserNotFoundError_Fragment
    | Problem_VersionMismatchError_Fragment
   };

export type VerifyEmailMutationVariables = Exact<{
  input: VerifyEmailInput;
}>;


export type VerifyEmailMutation = { verifyEmail:
    | Problem_EmailTakenError_Fragment
    | Problem_InvalidInputError_Fragment
    | Problem_LinkNotValidError_Fragment
    | Problem_LinkWantsSignInError_Fragment
    | Problem_TenantNotOpenError_Fragment
    | { email: string }
   };

type Problem_AlreadyJoinedError_Fragment = { __typename: 'AlreadyJoinedError', code: string, message: string };

type Problem_ApiKeyChainTooLongError_Fragment = { __typename: 'ApiKeyChainTooLongError', code: string, message: string };

type Problem_ApiKeyExpiredError_Fragment = { __typename: 'ApiKeyExpiredError', code: string, message: string };

type Problem_ApiKeyNotFoundError_Fragment = { __typename: 'ApiKeyNotFoundError', code: string, message: string };

type Problem_ApiKeyNotOwnError_Fragment = { __typename: 'ApiKeyNotOwnError', code: string, message: string };

type Problem_ApiKeyRevokedError_Fragment = { __typename: 'ApiKeyRevokedError', code: string, message: string };

type Problem_BuiltInRoleError_Fragment = { __typename: 'BuiltInRoleError', code: string, message: string };

type Problem_ClientNotFoundError_Fragment = { __typename: 'ClientNotFoundError', code: string, message: string };

type Problem_ClientRegistrationNotFoundError_Fragment = { __typename: 'ClientRegistrationNotFoundError', code: string, message: string };

type Problem_ClientWithoutSecretError_Fragment = { __typename: 'ClientWithoutSecretError', code: string, message: string };

type Problem_ConsentNotFoundError_Fragment = { __typename: 'ConsentNotFoundError', code: string, message: string };

type Problem_EmailTakenError_Fragment = { __typename: 'EmailTakenError', code: string, message: string };

type Problem_FactorKindNotOfferedError_Fragment = { __typename: 'FactorKindNotOfferedError', code: string, message: string };

type Problem_FactorNotFoundError_Fragment = { __typename: 'FactorNotFoundError', code: string, message: string };

type Problem_FactorRequiredError_Fragment = { __typename: 'FactorRequiredError', code: string, message: string };

type Problem_GroupNameTakenError_Fragment = { __typename: 'GroupNameTakenError', code: string, message: string };

type Problem_GroupNotFoundError_Fragment = { __typename: 'GroupNotFoundError', code: string, message: string };

type Problem_HostTakenError_Fragment = { __typename: 'HostTakenError', code: string, message: string };

type Problem_InitialAccessTokenNotFoundError_Fragment = { __typename: 'InitialAccessTokenNotFoundError', code: string, message: string };

type Problem_InvalidCodeError_Fragment = { __typename: 'InvalidCodeError', code: string, message: string };

type Problem_InvalidCredentialsError_Fragment = { __typename: 'InvalidCredentialsError', code: string, message: string };

type Problem_InvalidInputError_Fragment = { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ path: string, message: string }> };

type Problem_LastOwnerError_Fragment = { __typename: 'LastOwnerError', code: string, message: string };

type Problem_LinkNotValidError_Fragment = { __typename: 'LinkNotValidError', code: string, message: string };

type Problem_LinkWantsSignInError_Fragment = { __typename: 'LinkWantsSignInError', code: string, message: string };

type Problem_LogStreamNotFoundError_Fragment = { __typename: 'LogStreamNotFoundError', code: string, message: string };

type Problem_NoFactorError_Fragment = { __typename: 'NoFactorError', code: string, message: string };

type Problem_NotAMemberError_Fragment = { __typename: 'NotAMemberError', code: string, message: string };

type Problem_NotAssignedError_Fragment = { __typename: 'NotAssignedError', code: string, message: string };

type Problem_OutranksCallerError_Fragment = { __typename: 'OutranksCallerError', code: string, message: string };

type Problem_PasskeyTakenError_Fragment = { __typename: 'PasskeyTakenError', code: string, message: string };

type Problem_PlatformTenantError_Fragment = { __typename: 'PlatformTenantError', code: string, message: string };

type Problem_RegistrationClosedError_Fragment = { __typename: 'RegistrationClosedError', code: string, message: string };

type Problem_ResourceIdentifierTakenError_Fragment = { __typename: 'ResourceIdentifierTakenError', code: string, message: string };

type Problem_ResourceNotFoundError_Fragment = { __typename: 'ResourceNotFoundError', code: string, message: string };

type Problem_RoleNameTakenError_Fragment = { __typename: 'RoleNameTakenError', code: string, message: string };

type Problem_RoleNotFoundError_Fragment = { __typename: 'RoleNotFoundError', code: string, message: string };

type Problem_SessionNotFoundError_Fragment = { __typename: 'SessionNotFoundError', code: string, message: string };

type Problem_SignInExpiredError_Fragment = { __typename: 'SignInExpiredError', code: string, message: string };

type Problem_SlugTakenError_Fragment = { __typename: 'SlugTakenError', code: string, message: string };

type Problem_TenantNotFoundError_Fragment = { __typename: 'TenantNotFoundError', code: string, message: string };

type Problem_TenantNotOpenError_Fragment = { __typename: 'TenantNotOpenError', code: string, message: string };

type Problem_TooManyClientSecretsError_Fragment = { __typename: 'TooManyClientSecretsError', code: string, message: string };

type Problem_TooManyFactorsError_Fragment = { __typename: 'TooManyFactorsError', code: string, message: string };

type Problem_TooManyLogStreamsError_Fragment = { __typename: 'TooManyLogStreamsError', code: string, message: string };

type Problem_TooManySecretsError_Fragment = { __typename: 'TooManySecretsError', code: string, message: string };

type Problem_TooManySigningKeysError_Fragment = { __typename: 'TooManySigningKeysError', code: string, message: string };

type Problem_UserNotFoundError_Fragment = { __typename: 'UserNotFoundError', code: string, message: string };

type Problem_UserSuspendedError_Fragment = { __typename: 'UserSuspendedError', code: string, message: string };

type Problem_VersionMismatchError_Fragment = { __typename: 'VersionMismatchError', code: string, message: string };

type Problem_WrongAnswerError_Fragment = { __typename: 'WrongAnswerError', code: string, message: string };

type Problem_WrongPasswordError_Fragment = { __typename: 'WrongPasswordError', code: string, message: string };

export type ProblemFragment =
  | Problem_AlreadyJoinedError_Fragment
  | Problem_ApiKeyChainTooLongError_Fragment
  | Problem_ApiKeyExpiredError_Fragment
  | Problem_ApiKeyNotFoundError_Fragment
  | Problem_ApiKeyNotOwnError_Fragment
  | Problem_ApiKeyRevokedError_Fragment
  | Problem_BuiltInRoleError_Fragment
  | Problem_ClientNotFoundError_Fragment
  | Problem_ClientRegistrationNotFoundError_Fragment
  | Problem_ClientWithoutSecretError_Fragment
  | Problem_ConsentNotFoundError_Fragment
  | Problem_EmailTakenError_Fragment
  | Problem_FactorKindNotOfferedError_Fragment
  | Problem_FactorNotFoundError_Fragment
  | Problem_FactorRequiredError_Fragment
  | Problem_GroupNameTakenError_Fragment
  | Problem_GroupNotFoundError_Fragment
  | Problem_HostTakenError_Fragment
  | Problem_InitialAccessTokenNotFoundError_Fragment
  | Problem_InvalidCodeError_Fragment
  | Problem_InvalidCredentialsError_Fragment
  | Problem_InvalidInputError_Fragment
  | Problem_LastOwnerError_Fragment
  | Problem_LinkNotValidError_Fragment
  | Problem_LinkWantsSignInError_Fragment
  | Problem_LogStreamNotFoundError_Fragment
  | Problem_NoFactorError_Fragment
  | Problem_NotAMemberError_Fragment
  | Problem_NotAssignedError_Fragment
  | Problem_OutranksCallerError_Fragment
  | Problem_PasskeyTakenError_Fragment
  | Problem_PlatformTenantError_Fragment
  | Problem_RegistrationClosedError_Fragment
  | Problem_ResourceIdentifierTakenError_Fragment
  | Problem_ResourceNotFoundError_Fragment
  | Problem_RoleNameTakenError_Fragment
  | Problem_RoleNotFoundError_Fragment
  | Problem_SessionNotFoundError_Fragment
  | Problem_SignInExpiredError_Fragment
  | Problem_SlugTakenError_Fragment
  | Problem_TenantNotFoundError_Fragment
  | Problem_TenantNotOpenError_Fragment
  | Problem_TooManyClientSecretsError_Fragment
  | Problem_TooManyFactorsError_Fragment
  | Problem_TooManyLogStreamsError_Fragment
  | Problem_TooManySecretsError_Fragment
  | Problem_TooManySigningKeysError_Fragment
  | Problem_UserNotFoundError_Fragment
  | Problem_UserSuspendedError_Fragment
  | Problem_VersionMismatchError_Fragment
  | Problem_WrongAnswerError_Fragment
  | Problem_WrongPasswordError_Fragment
;

export type TenantFieldsFragment = { id: string, slug: string, host: string | null, issuer: string | null, name: string, status: TenantStatus, version: number, createdAt: string, updatedAt: string };

export type UserFieldsFragment = { id: string, email: string, emailVerified: boolean, displayName: string | null, givenName: string | null, familyName: string | null, status: UserStatus, locale: string | null, attributes: Record<string, unknown>, version: number, createdAt: string, updatedAt: string };

export type GroupFieldsFragment = { id: string, name: string, description: string | null, version: number, createdAt: string, updatedAt: string };

export type RoleFieldsFragment = { id: string, name: string, description: string | null, scopes: Array<string>, builtIn: boolean, version: number, createdAt: string, updatedAt: string };

export type OwnFactorFieldsFragment = { id: string, kind: FactorKind, name: string, backedUp: boolean | null, createdAt: string, confirmedAt: string, lastUsedAt: string | null };

export type ApiKeyFieldsFragment = { id: string, name: string, prefix: string, scopes: Array<string>, createdBy: string | null, createdAt: string, expiresAt: string | null, lastUsedAt: string | null, revokedAt: string | null };

export type InitialAccessTokenFieldsFragment = { id: string, name: string, apiScopes: Array<string>, maxClients: number, clientsMade: number, createdBy: string | null, createdAt: string, expiresAt: string, revokedAt: string | null };

export type LogStreamFieldsFragment = { id: string, name: string, kind: LogStreamKind, settings: Record<string, unknown>, eventTypes: Array<string>, minSeverity: AuditSeverity, batchSeconds: number, where: boolean, state: LogStreamState, stateReason: string | null, deliveredUpTo: number | null, pending: number, lagSeconds: number, attempts: number, nextAttemptAt: string | null, deadLetterCount: number, lastSuccessAt: string | null, lastError: string | null, lastErrorAt: string | null, version: number, createdAt: string, updatedAt: string };

export type OAuthClientFieldsFragment = { id: string, name: string, type: ClientType, firstParty: boolean, publisher: string | null, redirectUris: Array<string>, postLogoutRedirectUris: Array<string>, grantTypes: Array<string>, tokenEndpointAuthMethod: ClientAuthMethod, jwks: Record<string, unknown> | null, jwksUri: string | null, identityScopes: Array<string>, apiScopes: Array<string>, audiences: Array<string>, idTokenAlg: TokenAlg, refreshRotation: boolean, refreshIdleSeconds: number, refreshSeconds: number, requireDpop: boolean, requirePar: boolean, logoUri: string | null, clientUri: string | null, policyUri: string | null, termsUri: string | null, backchannelLogoutUri: string | null, disabledAt: string | null, createdBy: string | null, version: number, createdAt: string, updatedAt: string };

export type ResourceFieldsFragment = { id: string, identifier: string, name: string, tokenFormat: TokenFormat, tokenSeconds: number, signingAlg: TokenAlg, allowOffline: boolean, version: number, createdAt: string, updatedAt: string, scopes: Array<{ name: string, description: string }> };

export type AuditCheckpointFieldsFragment = { size: number, root: string, note: string, verifierKey: string, createdAt: string };

export type AuditEventFieldsFragment = { id: string, type: string, severity: AuditSeverity, result: AuditResult, reason: string | null, occurredAt: string, requestId: string, ipAddress: string | null, userAgent: string | null, details: Record<string, unknown>, actor: { kind: string, id: string | null, onBehalfOf: string | null }, target: { type: string, id: string } | null, targets: Array<{ type: string, id: string }> };

export type ClientRegistrationPolicyFieldsFragment = { enabled: boolean, grantTypes: Array<string>, identityScopes: Array<string>, apiScopes: Array<string>, audiences: Array<string>, version: number };

export type OwnSessionFieldsFragment = { id: string, current: boolean, amr: Array<string>, acr: string, authTime: string, createdAt: string, lastUsedAt: string, idleExpiresAt: string, expiresAt: string, ipAddress: string | null, device: string | null, userAgent: string | null };

export type SignInPolicyFieldsFragment = { registration: Registration, mfa: MfaRequirement, passwordMinLength: number | null, argon2Memory: number, argon2Passes: number, argon2Lanes: number, sessionIdleSeconds: number, sessionSeconds: number, maxSessions: number, logoUri: string | null, accentColor: string | null, version: number };

export type SigningKeyPolicyFieldsFragment = { rotationDays: number, overlapSeconds: number, version: number };

export type ConsentedClientFieldsFragment = { id: string, name: string, publisher: string | null, logoUri: string | null, clientUri: string | null };

export type FactorFieldsFragment = { id: string, userId: string, kind: FactorKind, name: string, backedUp: boolean | null, createdAt: string, confirmedAt: string, lastUsedAt: string | null };

export type SessionFieldsFragment = { id: string, userId: string, amr: Array<string>, acr: string, authTime: string, createdAt: string, lastUsedAt: string, idleExpiresAt: string, expiresAt: string, endedAt: string | null, ipAddress: string | null, device: string | null, userAgent: string | null };

export type SigningKeyFieldsFragment = { id: string, kid: string, alg: SigningAlg, state: SigningKeyState, publicJwk: Record<string, unknown>, createdAt: string, promotedAt: string | null, retiringAt: string | null, retiresAt: string | null, retiredAt: string | null };

type SignInProgressFields_StartSignInSuccess_Fragment = { step: SignInStepName, flow: string | null, methods: Array<MfaMethod>, sentTo: string | null, passkeyOptions: Record<string, unknown> | null, enrolment: { secret: string, uri: string, qr: string } | null };

type SignInProgressFields_StartStepUpSuccess_Fragment = { step: SignInStepName, flow: string | null, methods: Array<MfaMethod>, sentTo: string | null, passkeyOptions: Record<string, unknown> | null, enrolment: { secret: string, uri: string, qr: string } | null };

type SignInProgressFields_SubmitSignInStepSuccess_Fragment = { step: SignInStepName, flow: string | null, methods: Array<MfaMethod>, sentTo: string | null, passkeyOptions: Record<string, unknown> | null, enrolment: { secret: string, uri: string, qr: string } | null };

export type SignInProgressFieldsFragment =
  | SignInProgressFields_StartSignInSuccess_Fragment
  | SignInProgressFields_StartStepUpSuccess_Fragment
  | SignInProgressFields_SubmitSignInStepSuccess_Fragment
;
