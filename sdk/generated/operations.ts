/** Printed from schema/ by codegen.ts. Do not edit. */
import { mutation, query } from '../src/operation.ts';
import {
  type ErrorCodes,
  AlreadyJoinedError,
  ApiKeyChainTooLongError,
  ApiKeyExpiredError,
  ApiKeyNotFoundError,
  ApiKeyNotOwnError,
  ApiKeyRevokedError,
  BuiltInRoleError,
  ClientNotFoundError,
  ClientRegistrationNotFoundError,
  ClientWithoutSecretError,
  ConsentNotFoundError,
  EmailTakenError,
  FactorKindNotOfferedError,
  FactorNotFoundError,
  FactorRequiredError,
  GroupNameTakenError,
  GroupNotFoundError,
  HostTakenError,
  InitialAccessTokenNotFoundError,
  InvalidCodeError,
  InvalidCredentialsError,
  InvalidInputError,
  LastOwnerError,
  LinkNotValidError,
  LinkWantsSignInError,
  LogStreamNotFoundError,
  NoFactorError,
  NotAMemberError,
  NotAssignedError,
  OutranksCallerError,
  PasskeyTakenError,
  PlatformTenantError,
  RegistrationClosedError,
  ResourceIdentifierTakenError,
  ResourceNotFoundError,
  RoleNameTakenError,
  RoleNotFoundError,
  SessionNotFoundError,
  SignInExpiredError,
  SlugTakenError,
  TenantNotFoundError,
  TenantNotOpenError,
  TooManyClientSecretsError,
  TooManyFactorsError,
  TooManyLogStreamsError,
  TooManySecretsError,
  TooManySigningKeysError,
  UserNotFoundError,
  UserSuspendedError,
  VersionMismatchError,
  WrongAnswerError,
  WrongPasswordError,
} from './errors.ts';
import type * as T from './graphql.ts';

export type ApiKey = T.ApiKeyFieldsFragment;
export type AuditCheckpoint = T.AuditCheckpointFieldsFragment;
export type AuditEvent = T.AuditEventFieldsFragment;
export type ClientRegistrationPolicy = T.ClientRegistrationPolicyFieldsFragment;
export type ConsentedClient = T.ConsentedClientFieldsFragment;
export type Factor = T.FactorFieldsFragment;
export type Group = T.GroupFieldsFragment;
export type InitialAccessToken = T.InitialAccessTokenFieldsFragment;
export type LogStream = T.LogStreamFieldsFragment;
export type OwnFactor = T.OwnFactorFieldsFragment;
export type OwnSession = T.OwnSessionFieldsFragment;
export type Resource = T.ResourceFieldsFragment;
export type Role = T.RoleFieldsFragment;
export type Session = T.SessionFieldsFragment;
export type SignInPolicy = T.SignInPolicyFieldsFragment;
export type SignInProgress = T.SignInProgressFieldsFragment;
export type SigningKey = T.SigningKeyFieldsFragment;
export type SigningKeyPolicy = T.SigningKeyPolicyFieldsFragment;
export type Tenant = T.TenantFieldsFragment;
export type User = T.UserFieldsFragment;

/**
 * Sets the first password by the link of an invitation.
 */
export const acceptInvitation = /*#__PURE__*/ mutation<T.AcceptInvitationMutation, T.AcceptInvitationMutationVariables, ['acceptInvitation'], 'AcceptInvitationSuccess', ErrorCodes>({
  name: 'AcceptInvitation',
  hash: 'c7a8074171eb9ad255c706bb6ba7a1deea2b5af873bf21d11207531ab80d017b',
  path: ['acceptInvitation'],
  success: 'AcceptInvitationSuccess',
  errors: { InvalidInputError, LinkNotValidError, TenantNotOpenError },
  text: `mutation AcceptInvitation($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) {
    ... on AcceptInvitationSuccess {
      email
      endedSessions
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Opens the doors of a suspended tenant again.
 *
 * Requires the scope platform:tenants. A person must have signed in with two factors.
 */
export const activateTenant = /*#__PURE__*/ mutation<T.ActivateTenantMutation, T.ActivateTenantMutationVariables, ['activateTenant'], 'ActivateTenantSuccess', ErrorCodes>({
  name: 'ActivateTenant',
  hash: '31fe14d3c2ce9baf4c132832cad4873df71c7caa6138849d9b148dd57581e4a5',
  path: ['activateTenant'],
  success: 'ActivateTenantSuccess',
  errors: { InvalidInputError, PlatformTenantError, TenantNotFoundError, VersionMismatchError },
  text: `mutation ActivateTenant($input: ActivateTenantInput!) {
  activateTenant(input: $input) {
    ... on ActivateTenantSuccess {
      tenant {
        ...TenantFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment TenantFields on Tenant {
  id
  slug
  host
  issuer
  name
  status
  version
  createdAt
  updatedAt
}`,
});

/**
 * Lets a suspended user act again.
 *
 * Requires the scopes users:read and users:write. A person must have signed in with two factors.
 */
export const activateUser = /*#__PURE__*/ mutation<T.ActivateUserMutation, T.ActivateUserMutationVariables, ['activateUser'], 'ActivateUserSuccess', ErrorCodes>({
  name: 'ActivateUser',
  hash: '6ec71527d9d4921a66b9e46a4a89aee70953e8ff7cb3eef09c02c9d611be5b98',
  path: ['activateUser'],
  success: 'ActivateUserSuccess',
  errors: { InvalidInputError, LastOwnerError, OutranksCallerError, UserNotFoundError, VersionMismatchError },
  text: `mutation ActivateUser($input: ActivateUserInput!) {
  activateUser(input: $input) {
    ... on ActivateUserSuccess {
      user {
        ...UserFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * Puts a user into a group. Twice is as good as once.
 *
 * Requires the scopes groups:read and groups:write. A person must have signed in with two factors.
 */
export const addGroupMember = /*#__PURE__*/ mutation<T.AddGroupMemberMutation, T.AddGroupMemberMutationVariables, ['addGroupMember'], 'AddGroupMemberSuccess', ErrorCodes>({
  name: 'AddGroupMember',
  hash: '13d64b2aabd8a2eee6192c8b1abe5209ca93d19d606fabd72631c61df88e20e9',
  path: ['addGroupMember'],
  success: 'AddGroupMemberSuccess',
  errors: { GroupNotFoundError, InvalidInputError, OutranksCallerError, UserNotFoundError },
  text: `mutation AddGroupMember($id: ID!, $userId: ID!) {
  addGroupMember(input: {groupId: $id, userId: $userId}) {
    ... on AddGroupMemberSuccess {
      group {
        ...GroupFields
      }
    }
    ...Problem
  }
}

fragment GroupFields on Group {
  id
  name
  description
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Assigns a role to a group, for all of its members. Twice is as good as once.
 *
 * Requires the scopes roles:read and roles:write. A person must have signed in with two factors.
 */
export const assignRoleToGroup = /*#__PURE__*/ mutation<T.AssignRoleToGroupMutation, T.AssignRoleToGroupMutationVariables, ['assignRole'], 'AssignRoleSuccess', ErrorCodes>({
  name: 'AssignRoleToGroup',
  hash: 'c14f54d4f3278be31a0ec7e370acf47a6e73c149ae1c40c9f22649bae24ba912',
  path: ['assignRole'],
  success: 'AssignRoleSuccess',
  errors: { GroupNotFoundError, InvalidInputError, OutranksCallerError, RoleNotFoundError, UserNotFoundError },
  text: `mutation AssignRoleToGroup($groupId: ID!, $roleId: ID!) {
  assignRole(input: {roleId: $roleId, groupId: $groupId}) {
    ... on AssignRoleSuccess {
      role {
        ...RoleFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment RoleFields on Role {
  id
  name
  description
  scopes
  builtIn
  version
  createdAt
  updatedAt
}`,
});

/**
 * Assigns a role to a user. Twice is as good as once.
 *
 * Requires the scopes roles:read and roles:write. A person must have signed in with two factors.
 */
export const assignRoleToUser = /*#__PURE__*/ mutation<T.AssignRoleToUserMutation, T.AssignRoleToUserMutationVariables, ['assignRole'], 'AssignRoleSuccess', ErrorCodes>({
  name: 'AssignRoleToUser',
  hash: '8aaf223a1f561f7893f394b27bb894f034278afc95a777a5eb009420b819b283',
  path: ['assignRole'],
  success: 'AssignRoleSuccess',
  errors: { GroupNotFoundError, InvalidInputError, OutranksCallerError, RoleNotFoundError, UserNotFoundError },
  text: `mutation AssignRoleToUser($userId: ID!, $roleId: ID!) {
  assignRole(input: {roleId: $roleId, userId: $userId}) {
    ... on AssignRoleSuccess {
      role {
        ...RoleFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment RoleFields on Role {
  id
  name
  description
  scopes
  builtIn
  version
  createdAt
  updatedAt
}`,
});

/**
 * Changes the caller's own password and ends their other sessions.
 *
 * Only for people, about themselves.
 *
 * Only for people, about themselves.
 */
export const changePassword = /*#__PURE__*/ mutation<T.ChangePasswordMutation, T.ChangePasswordMutationVariables, ['changePassword'], 'ChangePasswordSuccess', ErrorCodes>({
  name: 'ChangePassword',
  hash: '22ad70f1e7e3c53ee84aa0e40539607991a687266a9d0340be26de3a8858ad73',
  path: ['changePassword'],
  success: 'ChangePasswordSuccess',
  errors: { InvalidInputError, WrongPasswordError },
  text: `mutation ChangePassword($input: ChangePasswordInput!) {
  changePassword(input: $input) {
    ... on ChangePasswordSuccess {
      endedSessions
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Confirms a new factor of the caller's own by its first code, or by the authenticator's answer. Ends their other sessions; with the first factor that is none by e-mail come backup codes.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 */
export const confirmFactor = /*#__PURE__*/ mutation<T.ConfirmFactorMutation, T.ConfirmFactorMutationVariables, ['confirmFactor'], 'ConfirmFactorSuccess', ErrorCodes>({
  name: 'ConfirmFactor',
  hash: 'a4a108f14d4845057635c68b1e7a187ff97c5961835978d285e560b391a33ad7',
  path: ['confirmFactor'],
  success: 'ConfirmFactorSuccess',
  errors: { FactorNotFoundError, InvalidInputError, PasskeyTakenError, UserNotFoundError, WrongAnswerError },
  text: `mutation ConfirmFactor($input: ConfirmFactorInput!) {
  confirmFactor(input: $input) {
    ... on ConfirmFactorSuccess {
      factor {
        ...OwnFactorFields
      }
      backupCodes
    }
    ...Problem
  }
}

fragment OwnFactorFields on OwnFactor {
  id
  kind
  name
  backedUp
  createdAt
  confirmedAt
  lastUsedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Creates an API key. Its secret is in this answer and nowhere else.
 *
 * Requires the scopes api-keys:read and api-keys:write. A person must have signed in with two factors.
 */
export const createApiKey = /*#__PURE__*/ mutation<T.CreateApiKeyMutation, T.CreateApiKeyMutationVariables, ['createApiKey'], 'CreateApiKeySuccess', ErrorCodes>({
  name: 'CreateApiKey',
  hash: 'cb107ae9e16dccc56e79162c787fc4c0b59236a5cae71efec39d278a50539c5d',
  path: ['createApiKey'],
  success: 'CreateApiKeySuccess',
  errors: { ApiKeyChainTooLongError, InvalidInputError, OutranksCallerError },
  text: `mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    ... on CreateApiKeySuccess {
      apiKey {
        ...ApiKeyFields
      }
      secret
    }
    ...Problem
  }
}

fragment ApiKeyFields on ApiKey {
  id
  name
  prefix
  scopes
  createdBy
  createdAt
  expiresAt
  lastUsedAt
  revokedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Creates a group.
 *
 * Requires the scopes groups:read and groups:write. A person must have signed in with two factors.
 */
export const createGroup = /*#__PURE__*/ mutation<T.CreateGroupMutation, T.CreateGroupMutationVariables, ['createGroup'], 'CreateGroupSuccess', ErrorCodes>({
  name: 'CreateGroup',
  hash: 'e0ddb81451dcdf88feccab89bcc1f1754a294d2e7bd3f5d5afb7a80f37ead30f',
  path: ['createGroup'],
  success: 'CreateGroupSuccess',
  errors: { GroupNameTakenError, InvalidInputError },
  text: `mutation CreateGroup($input: CreateGroupInput!) {
  createGroup(input: $input) {
    ... on CreateGroupSuccess {
      group {
        ...GroupFields
      }
    }
    ...Problem
  }
}

fragment GroupFields on Group {
  id
  name
  description
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Creates a token with which clients register themselves. It is in this answer and nowhere else.
 *
 * Requires the scopes clients:read and clients:write. A person must have signed in with two factors.
 */
export const createInitialAccessToken = /*#__PURE__*/ mutation<T.CreateInitialAccessTokenMutation, T.CreateInitialAccessTokenMutationVariables, ['createInitialAccessToken'], 'CreateInitialAccessTokenSuccess', ErrorCodes>({
  name: 'CreateInitialAccessToken',
  hash: 'c7b6b55e74c740ea3a8fedbdb79d51fae6385973ae0e7bed2ed5e2b35c90a355',
  path: ['createInitialAccessToken'],
  success: 'CreateInitialAccessTokenSuccess',
  errors: { InvalidInputError, OutranksCallerError },
  text: `mutation CreateInitialAccessToken($input: CreateInitialAccessTokenInput!) {
  createInitialAccessToken(input: $input) {
    ... on CreateInitialAccessTokenSuccess {
      initialAccessToken {
        ...InitialAccessTokenFields
      }
      token
    }
    ...Problem
  }
}

fragment InitialAccessTokenFields on InitialAccessToken {
  id
  name
  apiScopes
  maxClients
  clientsMade
  createdBy
  createdAt
  expiresAt
  revokedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Begins to send the events of the audit log to a receiver.
 *
 * Requires the scopes streams:read and streams:write. A person must have signed in with two factors.
 */
export const createLogStream = /*#__PURE__*/ mutation<T.CreateLogStreamMutation, T.CreateLogStreamMutationVariables, ['createLogStream'], 'CreateLogStreamSuccess', ErrorCodes>({
  name: 'CreateLogStream',
  hash: '44c41f0f2aaf8591ca879b1a028b85655d77a5784f71f04f417ac57cc9a4e636',
  path: ['createLogStream'],
  success: 'CreateLogStreamSuccess',
  errors: { InvalidInputError, OutranksCallerError, TooManyLogStreamsError },
  text: `mutation CreateLogStream($input: CreateLogStreamInput!) {
  createLogStream(input: $input) {
    ... on CreateLogStreamSuccess {
      logStream {
        ...LogStreamFields
      }
      secret
    }
    ...Problem
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Creates a client. Its secret, if it has one, is in this answer and nowhere else.
 *
 * Requires the scopes clients:read and clients:write. A person must have signed in with two factors.
 */
export const createOAuthClient = /*#__PURE__*/ mutation<T.CreateOAuthClientMutation, T.CreateOAuthClientMutationVariables, ['createClient'], 'CreateClientSuccess', ErrorCodes>({
  name: 'CreateOAuthClient',
  hash: '7dcfe3b22717f3ac4684bbfce948471e5ce9fd89fb4faba28b6f1c693b3a1f1d',
  path: ['createClient'],
  success: 'CreateClientSuccess',
  errors: { InvalidInputError, OutranksCallerError },
  text: `mutation CreateOAuthClient($input: CreateClientInput!) {
  createClient(input: $input) {
    ... on CreateClientSuccess {
      client {
        ...OAuthClientFields
      }
      secret
    }
    ...Problem
  }
}

fragment OAuthClientFields on Client {
  id
  name
  type
  firstParty
  publisher
  redirectUris
  postLogoutRedirectUris
  grantTypes
  tokenEndpointAuthMethod
  jwks
  jwksUri
  identityScopes
  apiScopes
  audiences
  idTokenAlg
  refreshRotation
  refreshIdleSeconds
  refreshSeconds
  requireDpop
  requirePar
  logoUri
  clientUri
  policyUri
  termsUri
  backchannelLogoutUri
  disabledAt
  createdBy
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Creates an API resource: an audience that tokens are made for.
 *
 * Requires the scopes resources:read and resources:write. A person must have signed in with two factors.
 */
export const createResource = /*#__PURE__*/ mutation<T.CreateResourceMutation, T.CreateResourceMutationVariables, ['createResource'], 'CreateResourceSuccess', ErrorCodes>({
  name: 'CreateResource',
  hash: 'da65a7ea5fb7524cd0c0cbcb3d671a4cf472c57f30b2cd694923e722ffcd43d4',
  path: ['createResource'],
  success: 'CreateResourceSuccess',
  errors: { InvalidInputError, ResourceIdentifierTakenError },
  text: `mutation CreateResource($input: CreateResourceInput!) {
  createResource(input: $input) {
    ... on CreateResourceSuccess {
      resource {
        ...ResourceFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment ResourceFields on Resource {
  id
  identifier
  name
  tokenFormat
  tokenSeconds
  signingAlg
  allowOffline
  scopes {
    name
    description
  }
  version
  createdAt
  updatedAt
}`,
});

/**
 * Creates a role. It may grant only what the caller holds.
 *
 * Requires the scopes roles:read and roles:write. A person must have signed in with two factors.
 */
export const createRole = /*#__PURE__*/ mutation<T.CreateRoleMutation, T.CreateRoleMutationVariables, ['createRole'], 'CreateRoleSuccess', ErrorCodes>({
  name: 'CreateRole',
  hash: 'a028bb3aa5041275c9fde4c2ceaae4b687615eb69b4f5bebdbd20047c4b0d859',
  path: ['createRole'],
  success: 'CreateRoleSuccess',
  errors: { InvalidInputError, OutranksCallerError, RoleNameTakenError },
  text: `mutation CreateRole($input: CreateRoleInput!) {
  createRole(input: $input) {
    ... on CreateRoleSuccess {
      role {
        ...RoleFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment RoleFields on Role {
  id
  name
  description
  scopes
  builtIn
  version
  createdAt
  updatedAt
}`,
});

/**
 * Creates a tenant with its built-in roles.
 *
 * Requires the scope platform:tenants. A person must have signed in with two factors.
 */
export const createTenant = /*#__PURE__*/ mutation<T.CreateTenantMutation, T.CreateTenantMutationVariables, ['createTenant'], 'CreateTenantSuccess', ErrorCodes>({
  name: 'CreateTenant',
  hash: 'ff6a07cd169512b63b117beda217cc6677e7f31ddd554d220edf979af250b3d5',
  path: ['createTenant'],
  success: 'CreateTenantSuccess',
  errors: { HostTakenError, InvalidInputError, SlugTakenError },
  text: `mutation CreateTenant($input: CreateTenantInput!) {
  createTenant(input: $input) {
    ... on CreateTenantSuccess {
      tenant {
        ...TenantFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment TenantFields on Tenant {
  id
  slug
  host
  issuer
  name
  status
  version
  createdAt
  updatedAt
}`,
});

/**
 * Creates a user.
 *
 * Requires the scopes users:read and users:write. A person must have signed in with two factors.
 */
export const createUser = /*#__PURE__*/ mutation<T.CreateUserMutation, T.CreateUserMutationVariables, ['createUser'], 'CreateUserSuccess', ErrorCodes>({
  name: 'CreateUser',
  hash: 'e070ee401c900f1dcb39172d959e68b5b2c4a609f8d0237fc2cb0d823c6af6b2',
  path: ['createUser'],
  success: 'CreateUserSuccess',
  errors: { EmailTakenError, InvalidInputError },
  text: `mutation CreateUser($input: CreateUserInput!) {
  createUser(input: $input) {
    ... on CreateUserSuccess {
      user {
        ...UserFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * Deletes a group; its members lose what its roles granted.
 *
 * Requires the scope groups:write. A person must have signed in with two factors.
 */
export const deleteGroup = /*#__PURE__*/ mutation<T.DeleteGroupMutation, T.DeleteGroupMutationVariables, ['deleteGroup'], 'DeleteGroupSuccess', ErrorCodes>({
  name: 'DeleteGroup',
  hash: '4df6d035df891560f3fd191ac905f57aa2beb007c1938deb00cb87d666f15ee4',
  path: ['deleteGroup'],
  success: 'DeleteGroupSuccess',
  errors: { GroupNotFoundError, InvalidInputError, LastOwnerError, OutranksCallerError, VersionMismatchError },
  text: `mutation DeleteGroup($input: DeleteGroupInput!) {
  deleteGroup(input: $input) {
    ... on DeleteGroupSuccess {
      deletedId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Ends a log stream, with what waits in it and its dead letters.
 *
 * Requires the scope streams:write. A person must have signed in with two factors.
 */
export const deleteLogStream = /*#__PURE__*/ mutation<T.DeleteLogStreamMutation, T.DeleteLogStreamMutationVariables, ['deleteLogStream'], 'DeleteLogStreamSuccess', ErrorCodes>({
  name: 'DeleteLogStream',
  hash: 'ae9512e8f706aef5a71a4fd211b13c57e18712dd1ca128784aaa80debcd86131',
  path: ['deleteLogStream'],
  success: 'DeleteLogStreamSuccess',
  errors: { InvalidInputError, LogStreamNotFoundError, VersionMismatchError },
  text: `mutation DeleteLogStream($input: DeleteLogStreamInput!) {
  deleteLogStream(input: $input) {
    ... on DeleteLogStreamSuccess {
      deletedId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Deletes a client with its secrets, what people allowed it, and its tokens.
 *
 * Requires the scope clients:write. A person must have signed in with two factors.
 */
export const deleteOAuthClient = /*#__PURE__*/ mutation<T.DeleteOAuthClientMutation, T.DeleteOAuthClientMutationVariables, ['deleteClient'], 'DeleteClientSuccess', ErrorCodes>({
  name: 'DeleteOAuthClient',
  hash: 'c3fa9b77b0719cd419601fcead5a12b3584175a61cd27b07c1fb05c42af7ed5b',
  path: ['deleteClient'],
  success: 'DeleteClientSuccess',
  errors: { ClientNotFoundError, InvalidInputError, OutranksCallerError, VersionMismatchError },
  text: `mutation DeleteOAuthClient($input: DeleteClientInput!) {
  deleteClient(input: $input) {
    ... on DeleteClientSuccess {
      deletedId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Deletes an API resource; clients lose it, and what people allowed in it is forgotten.
 *
 * Requires the scope resources:write. A person must have signed in with two factors.
 */
export const deleteResource = /*#__PURE__*/ mutation<T.DeleteResourceMutation, T.DeleteResourceMutationVariables, ['deleteResource'], 'DeleteResourceSuccess', ErrorCodes>({
  name: 'DeleteResource',
  hash: 'a85c1f9a803ad7715c22ca184a1a9629501a8795895aa24d409171405326dc3f',
  path: ['deleteResource'],
  success: 'DeleteResourceSuccess',
  errors: { InvalidInputError, ResourceNotFoundError, VersionMismatchError },
  text: `mutation DeleteResource($input: DeleteResourceInput!) {
  deleteResource(input: $input) {
    ... on DeleteResourceSuccess {
      deletedId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Deletes a role; whoever had it loses what it granted.
 *
 * Requires the scope roles:write. A person must have signed in with two factors.
 */
export const deleteRole = /*#__PURE__*/ mutation<T.DeleteRoleMutation, T.DeleteRoleMutationVariables, ['deleteRole'], 'DeleteRoleSuccess', ErrorCodes>({
  name: 'DeleteRole',
  hash: '93bae1e0cad1f98d790f04d5c7f3d90e7b16fb7c5cbeedfb9725dba2f71b280a',
  path: ['deleteRole'],
  success: 'DeleteRoleSuccess',
  errors: { BuiltInRoleError, InvalidInputError, OutranksCallerError, RoleNotFoundError, VersionMismatchError },
  text: `mutation DeleteRole($input: DeleteRoleInput!) {
  deleteRole(input: $input) {
    ... on DeleteRoleSuccess {
      deletedId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Deletes a tenant: its doors close within a second. Its data stays until it is purged, which nothing does yet.
 *
 * Requires the scope platform:tenants. A person must have signed in with two factors.
 */
export const deleteTenant = /*#__PURE__*/ mutation<T.DeleteTenantMutation, T.DeleteTenantMutationVariables, ['deleteTenant'], 'DeleteTenantSuccess', ErrorCodes>({
  name: 'DeleteTenant',
  hash: '220fcdb07e79c07247de929f0103baa78ca1bb9f6dd2ffcca63b9e7891acf724',
  path: ['deleteTenant'],
  success: 'DeleteTenantSuccess',
  errors: { InvalidInputError, PlatformTenantError, TenantNotFoundError, VersionMismatchError },
  text: `mutation DeleteTenant($input: DeleteTenantInput!) {
  deleteTenant(input: $input) {
    ... on DeleteTenantSuccess {
      tenant {
        id
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Deletes a user with their memberships and role assignments.
 *
 * Requires the scope users:write. A person must have signed in with two factors.
 */
export const deleteUser = /*#__PURE__*/ mutation<T.DeleteUserMutation, T.DeleteUserMutationVariables, ['deleteUser'], 'DeleteUserSuccess', ErrorCodes>({
  name: 'DeleteUser',
  hash: '278bd2b3b6385b3a78a65a349d041f2b7dd4645450beffad7481c7b5399c94d5',
  path: ['deleteUser'],
  success: 'DeleteUserSuccess',
  errors: { InvalidInputError, LastOwnerError, OutranksCallerError, UserNotFoundError, VersionMismatchError },
  text: `mutation DeleteUser($input: DeleteUserInput!) {
  deleteUser(input: $input) {
    ... on DeleteUserSuccess {
      deletedId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Disables a client: nobody signs in to it, and its tokens are refused, until it is enabled.
 *
 * Requires the scopes clients:read and clients:write. A person must have signed in with two factors.
 */
export const disableOAuthClient = /*#__PURE__*/ mutation<T.DisableOAuthClientMutation, T.DisableOAuthClientMutationVariables, ['disableClient'], 'DisableClientSuccess', ErrorCodes>({
  name: 'DisableOAuthClient',
  hash: '54bad1f731411072d4592fe676c7e2aa66c0ed5eef042135f1b50a443aa33c18',
  path: ['disableClient'],
  success: 'DisableClientSuccess',
  errors: { ClientNotFoundError, InvalidInputError, OutranksCallerError, VersionMismatchError },
  text: `mutation DisableOAuthClient($input: DisableClientInput!) {
  disableClient(input: $input) {
    ... on DisableClientSuccess {
      client {
        ...OAuthClientFields
      }
    }
    ...Problem
  }
}

fragment OAuthClientFields on Client {
  id
  name
  type
  firstParty
  publisher
  redirectUris
  postLogoutRedirectUris
  grantTypes
  tokenEndpointAuthMethod
  jwks
  jwksUri
  identityScopes
  apiScopes
  audiences
  idTokenAlg
  refreshRotation
  refreshIdleSeconds
  refreshSeconds
  requireDpop
  requirePar
  logoUri
  clientUri
  policyUri
  termsUri
  backchannelLogoutUri
  disabledAt
  createdBy
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Gives dead letters up: the receiver will never have these events.
 *
 * Requires the scopes streams:read and streams:write. A person must have signed in with two factors.
 */
export const discardLogStreamDeadLetters = /*#__PURE__*/ mutation<T.DiscardLogStreamDeadLettersMutation, T.DiscardLogStreamDeadLettersMutationVariables, ['discardLogStreamDeadLetters'], 'DiscardLogStreamDeadLettersSuccess', ErrorCodes>({
  name: 'DiscardLogStreamDeadLetters',
  hash: 'afb72157be4ed687fece7c678d52d5aaf48687ef2c30d4aeb1ec9120b621c3f6',
  path: ['discardLogStreamDeadLetters'],
  success: 'DiscardLogStreamDeadLettersSuccess',
  errors: { InvalidInputError, LogStreamNotFoundError },
  text: `mutation DiscardLogStreamDeadLetters($input: DiscardLogStreamDeadLettersInput!) {
  discardLogStreamDeadLetters(input: $input) {
    ... on DiscardLogStreamDeadLettersSuccess {
      logStream {
        ...LogStreamFields
      }
      count
    }
    ...Problem
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Lets a disabled client work again.
 *
 * Requires the scopes clients:read and clients:write. A person must have signed in with two factors.
 */
export const enableOAuthClient = /*#__PURE__*/ mutation<T.EnableOAuthClientMutation, T.EnableOAuthClientMutationVariables, ['enableClient'], 'EnableClientSuccess', ErrorCodes>({
  name: 'EnableOAuthClient',
  hash: '008e11edf77d44d859e0d7044abd7043d8b940a754d316cc955d58adf2532046',
  path: ['enableClient'],
  success: 'EnableClientSuccess',
  errors: { ClientNotFoundError, InvalidInputError, OutranksCallerError, VersionMismatchError },
  text: `mutation EnableOAuthClient($input: EnableClientInput!) {
  enableClient(input: $input) {
    ... on EnableClientSuccess {
      client {
        ...OAuthClientFields
      }
    }
    ...Problem
  }
}

fragment OAuthClientFields on Client {
  id
  name
  type
  firstParty
  publisher
  redirectUris
  postLogoutRedirectUris
  grantTypes
  tokenEndpointAuthMethod
  jwks
  jwksUri
  identityScopes
  apiScopes
  audiences
  idTokenAlg
  refreshRotation
  refreshIdleSeconds
  refreshSeconds
  requireDpop
  requirePar
  logoUri
  clientUri
  policyUri
  termsUri
  backchannelLogoutUri
  disabledAt
  createdBy
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Ends the registration access token of a client that registered itself: it works on, and administrators alone change it.
 *
 * Requires the scope clients:write. A person must have signed in with two factors.
 */
export const endClientRegistration = /*#__PURE__*/ mutation<T.EndClientRegistrationMutation, T.EndClientRegistrationMutationVariables, ['endClientRegistration'], 'EndClientRegistrationSuccess', ErrorCodes>({
  name: 'EndClientRegistration',
  hash: 'ce238a6a2ce482715dff2c5935e08b17a31d074b658790dd3318c15b39be43df',
  path: ['endClientRegistration'],
  success: 'EndClientRegistrationSuccess',
  errors: { ClientRegistrationNotFoundError, InvalidInputError },
  text: `mutation EndClientRegistration($input: EndClientRegistrationInput!) {
  endClientRegistration(input: $input) {
    ... on EndClientRegistrationSuccess {
      clientId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Ends a session of any user: refused everywhere within a second.
 *
 * Requires the scope sessions:write. A person must have signed in with two factors.
 */
export const endSession = /*#__PURE__*/ mutation<T.EndSessionMutation, T.EndSessionMutationVariables, ['endSession'], 'EndSessionSuccess', ErrorCodes>({
  name: 'EndSession',
  hash: '54a07c13d724b23758e9a916adf71ac887161b06a3ece89f9b5f3dbed305daaf',
  path: ['endSession'],
  success: 'EndSessionSuccess',
  errors: { InvalidInputError, OutranksCallerError, SessionNotFoundError },
  text: `mutation EndSession($input: EndSessionInput!) {
  endSession(input: $input) {
    ... on EndSessionSuccess {
      endedIds
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Ends every session of a user: refused everywhere within a second.
 *
 * Requires the scope sessions:write. A person must have signed in with two factors.
 */
export const endUserSessions = /*#__PURE__*/ mutation<T.EndUserSessionsMutation, T.EndUserSessionsMutationVariables, ['endUserSessions'], 'EndUserSessionsSuccess', ErrorCodes>({
  name: 'EndUserSessions',
  hash: 'f123561780e6a99d5ea7afadaa4527a0b9a0f9685b587f1bcead2c331d61b003',
  path: ['endUserSessions'],
  success: 'EndUserSessionsSuccess',
  errors: { InvalidInputError, OutranksCallerError, UserNotFoundError },
  text: `mutation EndUserSessions($input: EndUserSessionsInput!) {
  endUserSessions(input: $input) {
    ... on EndUserSessionsSuccess {
      endedIds
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Adds a second factor or a passkey of the caller's own. It counts once it is confirmed, within the hour.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 */
export const enrolFactor = /*#__PURE__*/ mutation<T.EnrolFactorMutation, T.EnrolFactorMutationVariables, ['enrolFactor'], 'EnrolFactorSuccess', ErrorCodes>({
  name: 'EnrolFactor',
  hash: '8665ad46809bc2fe9abf04bcb9a591731197a7916d7dbfc018fab2c0d4826d1f',
  path: ['enrolFactor'],
  success: 'EnrolFactorSuccess',
  errors: { FactorKindNotOfferedError, InvalidInputError, TooManyFactorsError, UserNotFoundError },
  text: `mutation EnrolFactor($input: EnrolFactorInput!) {
  enrolFactor(input: $input) {
    ... on EnrolFactorSuccess {
      factorId
      secret
      uri
      qr
      creationOptions
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * One API key; null when the tenant has none with this id.
 *
 * Requires the scope api-keys:read.
 */
export const getApiKey = /*#__PURE__*/ query<T.GetApiKeyQuery, T.GetApiKeyQueryVariables, ['apiKey']>({
  name: 'GetApiKey',
  hash: '5b37a94bdfabe88bc16a28d1535b66f0aa2ce0a879326ac1baf2ad72271fbc21',
  path: ['apiKey'],
  text: `query GetApiKey($id: ID!) {
  apiKey(id: $id) {
    ...ApiKeyFields
  }
}

fragment ApiKeyFields on ApiKey {
  id
  name
  prefix
  scopes
  createdBy
  createdAt
  expiresAt
  lastUsedAt
  revokedAt
}`,
});

/**
 * The signed checkpoint of all events that are sequenced now.
 *
 * Requires the scope audit:read.
 */
export const getAuditCheckpoint = /*#__PURE__*/ query<T.GetAuditCheckpointQuery, T.GetAuditCheckpointQueryVariables, ['auditCheckpoint']>({
  name: 'GetAuditCheckpoint',
  hash: '3150458e9f49702691db087f93650a157f0f38f6574eda1cdd4cb1a21cce0d6f',
  path: ['auditCheckpoint'],
  text: `query GetAuditCheckpoint {
  auditCheckpoint {
    ...AuditCheckpointFields
  }
}

fragment AuditCheckpointFields on AuditCheckpoint {
  size
  root
  note
  verifierKey
  createdAt
}`,
});

/**
 * That the log as it is at one size begins with what it was at an earlier one.
 *
 * Requires the scope audit:read.
 */
export const getAuditConsistency = /*#__PURE__*/ query<T.GetAuditConsistencyQuery, T.GetAuditConsistencyQueryVariables, ['auditConsistency']>({
  name: 'GetAuditConsistency',
  hash: 'e84eff0258f8ad86f0bd4021b1fe00f86a8e5cbe5ef47ee9c7c00d92ac5ff770',
  path: ['auditConsistency'],
  text: `query GetAuditConsistency($from: Float!, $to: Float) {
  auditConsistency(from: $from, to: $to) {
    from
    to
    hashes
  }
}`,
});

/**
 * One event; null when the tenant has none with this id.
 *
 * Requires the scope audit:read.
 */
export const getAuditEvent = /*#__PURE__*/ query<T.GetAuditEventQuery, T.GetAuditEventQueryVariables, ['auditEvent']>({
  name: 'GetAuditEvent',
  hash: '83a7a245a3d076fa1a01a033c5fce9925139882fe9823d417c7e64ca579846f9',
  path: ['auditEvent'],
  text: `query GetAuditEvent($id: ID!) {
  auditEvent(id: $id) {
    ...AuditEventFields
  }
}

fragment AuditEventFields on AuditEvent {
  id
  type
  severity
  result
  reason
  occurredAt
  actor {
    kind
    id
    onBehalfOf
  }
  target {
    type
    id
  }
  targets {
    type
    id
  }
  requestId
  ipAddress
  userAgent
  details
}`,
});

/**
 * That an event is in the log; null when the tenant has none with this id. AUDIT_EVENT_NOT_SEQUENCED for one that is younger than a second.
 *
 * Requires the scope audit:read.
 */
export const getAuditProof = /*#__PURE__*/ query<T.GetAuditProofQuery, T.GetAuditProofQueryVariables, ['auditProof']>({
  name: 'GetAuditProof',
  hash: 'ff061ec9ee6998f8f16268a2d75992d414d38c33000db2d961d5af33ca354caa',
  path: ['auditProof'],
  text: `query GetAuditProof($eventId: ID!, $size: Float) {
  auditProof(eventId: $eventId, size: $size) {
    leafIndex
    leafHash
    size
    root
    hashes
    checkpoint {
      ...AuditCheckpointFields
    }
  }
}

fragment AuditCheckpointFields on AuditCheckpoint {
  size
  root
  note
  verifierKey
  createdAt
}`,
});

/**
 * Whether clients may register themselves, and what they may have then.
 *
 * Requires the scope clients:read.
 */
export const getClientRegistrationPolicy = /*#__PURE__*/ query<T.GetClientRegistrationPolicyQuery, T.GetClientRegistrationPolicyQueryVariables, ['clientRegistrationPolicy']>({
  name: 'GetClientRegistrationPolicy',
  hash: '910a2a7c23c883b76c2d8c303742dd8573612dd3ea22b6b187cb6689999aa01b',
  path: ['clientRegistrationPolicy'],
  text: `query GetClientRegistrationPolicy {
  clientRegistrationPolicy {
    ...ClientRegistrationPolicyFields
  }
}

fragment ClientRegistrationPolicyFields on ClientRegistrationPolicy {
  enabled
  grantTypes
  identityScopes
  apiScopes
  audiences
  version
}`,
});

/**
 * One group; null when the tenant has none with this id.
 *
 * Requires the scope groups:read.
 */
export const getGroup = /*#__PURE__*/ query<T.GetGroupQuery, T.GetGroupQueryVariables, ['group']>({
  name: 'GetGroup',
  hash: '0f18be5513d5cbcde2bbf8ce34e32eb30c7472458db36f859a8e3e70f3ae2aaa',
  path: ['group'],
  text: `query GetGroup($id: ID!) {
  group(id: $id) {
    ...GroupFields
  }
}

fragment GroupFields on Group {
  id
  name
  description
  version
  createdAt
  updatedAt
}`,
});

/**
 * One initial access token; null when the tenant has none with this id.
 *
 * Requires the scope clients:read.
 */
export const getInitialAccessToken = /*#__PURE__*/ query<T.GetInitialAccessTokenQuery, T.GetInitialAccessTokenQueryVariables, ['initialAccessToken']>({
  name: 'GetInitialAccessToken',
  hash: '466bc987404663bd762a5c1baa77a18bebb96bebf0ce7b942d151e3d80fa0c71',
  path: ['initialAccessToken'],
  text: `query GetInitialAccessToken($id: ID!) {
  initialAccessToken(id: $id) {
    ...InitialAccessTokenFields
  }
}

fragment InitialAccessTokenFields on InitialAccessToken {
  id
  name
  apiScopes
  maxClients
  clientsMade
  createdBy
  createdAt
  expiresAt
  revokedAt
}`,
});

/**
 * One log stream; null when the tenant has none with this id.
 *
 * Requires the scope streams:read.
 */
export const getLogStream = /*#__PURE__*/ query<T.GetLogStreamQuery, T.GetLogStreamQueryVariables, ['logStream']>({
  name: 'GetLogStream',
  hash: '0f4616184f1b08f9a7dc9b57df081ddd4642fb3c121d4deb18734337605b9295',
  path: ['logStream'],
  text: `query GetLogStream($id: ID!) {
  logStream(id: $id) {
    ...LogStreamFields
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}`,
});

/**
 * One client; null when the tenant has none with this id.
 *
 * Requires the scope clients:read.
 */
export const getOAuthClient = /*#__PURE__*/ query<T.GetOAuthClientQuery, T.GetOAuthClientQueryVariables, ['client']>({
  name: 'GetOAuthClient',
  hash: '51486fcf6a75c8a391770886aaa98e76954e8b0bb755d6996d384aa7523a49f3',
  path: ['client'],
  text: `query GetOAuthClient($id: ID!) {
  client(id: $id) {
    ...OAuthClientFields
  }
}

fragment OAuthClientFields on Client {
  id
  name
  type
  firstParty
  publisher
  redirectUris
  postLogoutRedirectUris
  grantTypes
  tokenEndpointAuthMethod
  jwks
  jwksUri
  identityScopes
  apiScopes
  audiences
  idTokenAlg
  refreshRotation
  refreshIdleSeconds
  refreshSeconds
  requireDpop
  requirePar
  logoUri
  clientUri
  policyUri
  termsUri
  backchannelLogoutUri
  disabledAt
  createdBy
  version
  createdAt
  updatedAt
}`,
});

/**
 * The session that calls; null for all but people. Warn before it expires.
 *
 * Requires a caller, whatever their scopes.
 */
export const getOwnSession = /*#__PURE__*/ query<T.GetOwnSessionQuery, T.GetOwnSessionQueryVariables, ['viewer']>({
  name: 'GetOwnSession',
  hash: '7d8a6a46e9ef65d4c65dcadd2d89d533193717c7f6fa49c8fb582f1ddd896406',
  path: ['viewer'],
  text: `query GetOwnSession {
  viewer {
    session {
      ...OwnSessionFields
    }
  }
}

fragment OwnSessionFields on OwnSession {
  id
  current
  amr
  acr
  authTime
  createdAt
  lastUsedAt
  idleExpiresAt
  expiresAt
  ipAddress
  device
  userAgent
}`,
});

/**
 * The caller's tenant; at the platform door the one that X-Tenant-ID chose.
 *
 * Requires a caller, whatever their scopes.
 */
export const getOwnTenant = /*#__PURE__*/ query<T.GetOwnTenantQuery, T.GetOwnTenantQueryVariables, ['tenant']>({
  name: 'GetOwnTenant',
  hash: 'e751ecb634e5c69547a605d4c360b0afb40c1e1c624d062e8a27588ad98d07c1',
  path: ['tenant'],
  text: `query GetOwnTenant {
  tenant {
    ...TenantFields
  }
}

fragment TenantFields on Tenant {
  id
  slug
  host
  issuer
  name
  status
  version
  createdAt
  updatedAt
}`,
});

/**
 * One API resource; null when the tenant has none with this id.
 *
 * Requires the scope resources:read.
 */
export const getResource = /*#__PURE__*/ query<T.GetResourceQuery, T.GetResourceQueryVariables, ['resource']>({
  name: 'GetResource',
  hash: '23045c00eeeca68247263203422866b6b467bb54f0d7fedbe8e27f499f7af9f0',
  path: ['resource'],
  text: `query GetResource($id: ID!) {
  resource(id: $id) {
    ...ResourceFields
  }
}

fragment ResourceFields on Resource {
  id
  identifier
  name
  tokenFormat
  tokenSeconds
  signingAlg
  allowOffline
  scopes {
    name
    description
  }
  version
  createdAt
  updatedAt
}`,
});

/**
 * One role; null when the tenant has none with this id.
 *
 * Requires the scope roles:read.
 */
export const getRole = /*#__PURE__*/ query<T.GetRoleQuery, T.GetRoleQueryVariables, ['role']>({
  name: 'GetRole',
  hash: 'f9f58f49d5dfdfd754f74e1fc837e88b1c835b0477c61d2fc813d44dd4827971',
  path: ['role'],
  text: `query GetRole($id: ID!) {
  role(id: $id) {
    ...RoleFields
  }
}

fragment RoleFields on Role {
  id
  name
  description
  scopes
  builtIn
  version
  createdAt
  updatedAt
}`,
});

/**
 * Who is calling.
 *
 * Requires a caller, whatever their scopes.
 */
export const getSessionTimes = /*#__PURE__*/ query<T.GetSessionTimesQuery, T.GetSessionTimesQueryVariables, ['viewer']>({
  name: 'GetSessionTimes',
  hash: '9a08393b7c7d2013390ce2da88e395b1a5ba4e309b0c3166153401e6fc729b68',
  path: ['viewer'],
  text: `query GetSessionTimes {
  viewer {
    now
    actor {
      id
    }
    session {
      id
      amr
      acr
      authTime
      idleExpiresAt
      expiresAt
    }
  }
}`,
});

/**
 * One user; null when the tenant has none with this id.
 *
 * Requires the scope users:read.
 */
export const getSignInLock = /*#__PURE__*/ query<T.GetSignInLockQuery, T.GetSignInLockQueryVariables, ['user']>({
  name: 'GetSignInLock',
  hash: '1724a10a02b5582ebec907203d37a7cff1ad7aa8eeb5812734e4111a5e1bfc74',
  path: ['user'],
  text: `query GetSignInLock($id: ID!) {
  user(id: $id) {
    id
    signInLock {
      passwordsUntil
      secondFactorsUntil
    }
  }
}`,
});

/**
 * How the tenant's people sign in.
 *
 * Requires the scope sign-in-policy:read.
 */
export const getSignInPolicy = /*#__PURE__*/ query<T.GetSignInPolicyQuery, T.GetSignInPolicyQueryVariables, ['signInPolicy']>({
  name: 'GetSignInPolicy',
  hash: '7495289625993a7c225639581bf93dbad701763bba12d1e5782899c3b14c9a3b',
  path: ['signInPolicy'],
  text: `query GetSignInPolicy {
  signInPolicy {
    ...SignInPolicyFields
  }
}

fragment SignInPolicyFields on SignInPolicy {
  registration
  mfa
  passwordMinLength
  argon2Memory
  argon2Passes
  argon2Lanes
  sessionIdleSeconds
  sessionSeconds
  maxSessions
  logoUri
  accentColor
  version
}`,
});

/**
 * When the tenant's signing keys are replaced.
 *
 * Requires the scope keys:read.
 */
export const getSigningKeyPolicy = /*#__PURE__*/ query<T.GetSigningKeyPolicyQuery, T.GetSigningKeyPolicyQueryVariables, ['signingKeyPolicy']>({
  name: 'GetSigningKeyPolicy',
  hash: 'c7f19c883514fa95d32fc9ceee14df0a151b404a14816d2b1e8c05cccc3c372e',
  path: ['signingKeyPolicy'],
  text: `query GetSigningKeyPolicy {
  signingKeyPolicy {
    ...SigningKeyPolicyFields
  }
}

fragment SigningKeyPolicyFields on SigningKeyPolicy {
  rotationDays
  overlapSeconds
  version
}`,
});

/**
 * One tenant; null when there is none with this id. At the platform door only.
 *
 * Requires the scope platform:tenants.
 */
export const getTenant = /*#__PURE__*/ query<T.GetTenantQuery, T.GetTenantQueryVariables, ['tenantById']>({
  name: 'GetTenant',
  hash: 'fd2bfdd91ceab21122917557c3a26a6c392854b7a156430a06e93027303ce674',
  path: ['tenantById'],
  text: `query GetTenant($id: ID!) {
  tenantById(id: $id) {
    ...TenantFields
  }
}

fragment TenantFields on Tenant {
  id
  slug
  host
  issuer
  name
  status
  version
  createdAt
  updatedAt
}`,
});

/**
 * One user; null when the tenant has none with this id.
 *
 * Requires the scope users:read.
 */
export const getUser = /*#__PURE__*/ query<T.GetUserQuery, T.GetUserQueryVariables, ['user']>({
  name: 'GetUser',
  hash: '0f928e93cec022c6ca7ca2533d82ced03d02db939fa953a893dce41707a6793f',
  path: ['user'],
  text: `query GetUser($id: ID!) {
  user(id: $id) {
    ...UserFields
  }
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * Who is calling.
 *
 * Requires a caller, whatever their scopes.
 */
export const getViewer = /*#__PURE__*/ query<T.GetViewerQuery, T.GetViewerQueryVariables, ['viewer']>({
  name: 'GetViewer',
  hash: '968326ca81ed74c65c95d601764c56a657f1c66c928387894978b99515b2540a',
  path: ['viewer'],
  text: `query GetViewer {
  viewer {
    actor {
      kind
      id
    }
    tenant {
      id
      slug
      name
    }
    scopes
    account {
      id
      email
      emailVerified
      displayName
      givenName
      familyName
      locale
      effectiveScopes
    }
  }
}`,
});

/**
 * Adds authenticator apps that an older system knew; they count at once. All of them or none; what is there already stays.
 *
 * Requires the scope mfa:write. A person must have signed in with two factors.
 */
export const importTotpSecrets = /*#__PURE__*/ mutation<T.ImportTotpSecretsMutation, T.ImportTotpSecretsMutationVariables, ['importTotpSecrets'], 'ImportTotpSecretsSuccess', ErrorCodes>({
  name: 'ImportTotpSecrets',
  hash: '46198af63089881f122b8a15326db97947a810ada521ac51079a8587fac3ccbe',
  path: ['importTotpSecrets'],
  success: 'ImportTotpSecretsSuccess',
  errors: { InvalidInputError, OutranksCallerError, TooManyFactorsError },
  text: `mutation ImportTotpSecrets($input: ImportTotpSecretsInput!) {
  importTotpSecrets(input: $input) {
    ... on ImportTotpSecretsSuccess {
      importedIds
      known
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Creates a user and sends them an invitation, good for a week, to choose a password.
 *
 * Requires the scopes users:read and users:write. A person must have signed in with two factors.
 */
export const inviteUser = /*#__PURE__*/ mutation<T.InviteUserMutation, T.InviteUserMutationVariables, ['inviteUser'], 'InviteUserSuccess', ErrorCodes>({
  name: 'InviteUser',
  hash: '8899303b012fb17db2936a6dcb72fdd206c8b0f0947335e32f65df36cee2044b',
  path: ['inviteUser'],
  success: 'InviteUserSuccess',
  errors: { EmailTakenError, InvalidInputError },
  text: `mutation InviteUser($input: InviteUserInput!) {
  inviteUser(input: $input) {
    ... on InviteUserSuccess {
      user {
        ...UserFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * The tenant's API keys, the oldest first; revoked ones included.
 *
 * Requires the scope api-keys:read.
 */
export const listApiKeys = /*#__PURE__*/ query<T.ListApiKeysQuery, T.ListApiKeysQueryVariables, ['apiKeys']>({
  name: 'ListApiKeys',
  hash: '0ccc4b527e8acd171382d12b69f3f7f5b30c317d78f7db40e1db17d34ba55b6d',
  path: ['apiKeys'],
  text: `query ListApiKeys($first: Int, $after: String, $last: Int, $before: String) {
  apiKeys(first: $first, after: $after, last: $last, before: $before) {
    nodes {
      ...ApiKeyFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment ApiKeyFields on ApiKey {
  id
  name
  prefix
  scopes
  createdBy
  createdAt
  expiresAt
  lastUsedAt
  revokedAt
}`,
});

/**
 * The tenant's audit log, the newest first.
 *
 * Requires the scope audit:read.
 */
export const listAuditEvents = /*#__PURE__*/ query<T.ListAuditEventsQuery, T.ListAuditEventsQueryVariables, ['auditEvents']>({
  name: 'ListAuditEvents',
  hash: 'eea07061344b5be4758b2743d5b5123cd81fad685ec479b25e5ca639ffe2571a',
  path: ['auditEvents'],
  text: `query ListAuditEvents($type: String, $types: [String!], $severity: AuditSeverity, $minSeverity: AuditSeverity, $result: AuditResult, $actor: ID, $target: ID, $requestId: String, $text: String, $since: DateTime, $until: DateTime, $first: Int, $after: String, $last: Int, $before: String) {
  auditEvents(
    filter: {type: $type, types: $types, severity: $severity, minSeverity: $minSeverity, result: $result, actor: $actor, target: $target, requestId: $requestId, text: $text, since: $since, until: $until}
    first: $first
    after: $after
    last: $last
    before: $before
  ) {
    nodes {
      ...AuditEventFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment AuditEventFields on AuditEvent {
  id
  type
  severity
  result
  reason
  occurredAt
  actor {
    kind
    id
    onBehalfOf
  }
  target {
    type
    id
  }
  targets {
    type
    id
  }
  requestId
  ipAddress
  userAgent
  details
}`,
});

/**
 * What the user allowed clients, the oldest consent first.
 *
 * Requires the scopes consents:read and users:read.
 */
export const listConsents = /*#__PURE__*/ query<T.ListConsentsQuery, T.ListConsentsQueryVariables, ['user', 'consents']>({
  name: 'ListConsents',
  hash: '56a3fb38597c7bd5101bec0aa58b239935193475e9b3c8a03a4c861cacd43151',
  path: ['user', 'consents'],
  text: `query ListConsents($userId: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  user(id: $userId) {
    consents(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        userId
        client {
          ...ConsentedClientFields
        }
        scopes
        resourceScopes {
          identifier
          scopes
        }
        grantedAt
        updatedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment ConsentedClientFields on ConsentedClient {
  id
  name
  publisher
  logoUri
  clientUri
}`,
});

/**
 * The second factors and passkeys of the user, the oldest first.
 *
 * Requires the scopes mfa:read and users:read.
 */
export const listFactors = /*#__PURE__*/ query<T.ListFactorsQuery, T.ListFactorsQueryVariables, ['user', 'factors']>({
  name: 'ListFactors',
  hash: '3742d883adbf0ed4352b07e21df2e01da2538ac6e8dd713cc12e56f52f144b1d',
  path: ['user', 'factors'],
  text: `query ListFactors($userId: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  user(id: $userId) {
    factors(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ...FactorFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment FactorFields on Factor {
  id
  userId
  kind
  name
  backedUp
  createdAt
  confirmedAt
  lastUsedAt
}`,
});

/**
 * The users in the group, the oldest user first.
 *
 * Requires the scopes groups:read and users:read.
 */
export const listGroupMembers = /*#__PURE__*/ query<T.ListGroupMembersQuery, T.ListGroupMembersQueryVariables, ['group', 'members']>({
  name: 'ListGroupMembers',
  hash: '318b8b363550aaa4ad16eb2c2acfa6ed5f3ec87bdc756e6578ca910f554486bc',
  path: ['group', 'members'],
  text: `query ListGroupMembers($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  group(id: $id) {
    members(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ...UserFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * The roles that every member of the group has through it.
 *
 * Requires the scopes groups:read and roles:read.
 */
export const listGroupRoles = /*#__PURE__*/ query<T.ListGroupRolesQuery, T.ListGroupRolesQueryVariables, ['group', 'roles']>({
  name: 'ListGroupRoles',
  hash: 'ac8ff626c64c7f0821944631323ad44f47a06438a6ed3235aecde9affd11a80d',
  path: ['group', 'roles'],
  text: `query ListGroupRoles($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  group(id: $id) {
    roles(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ...RoleFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment RoleFields on Role {
  id
  name
  description
  scopes
  builtIn
  version
  createdAt
  updatedAt
}`,
});

/**
 * The tenant's groups, the oldest first unless the filter says otherwise.
 *
 * Requires the scope groups:read.
 */
export const listGroups = /*#__PURE__*/ query<T.ListGroupsQuery, T.ListGroupsQueryVariables, ['groups']>({
  name: 'ListGroups',
  hash: '0636267f7916300dca5e9cac5db86dcb9ee2d9b24814bd7e6ba0a17004f740f9',
  path: ['groups'],
  text: `query ListGroups($namePrefix: String, $first: Int, $after: String, $last: Int, $before: String) {
  groups(
    filter: {namePrefix: $namePrefix}
    first: $first
    after: $after
    last: $last
    before: $before
  ) {
    nodes {
      ...GroupFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment GroupFields on Group {
  id
  name
  description
  version
  createdAt
  updatedAt
}`,
});

/**
 * The tenant's initial access tokens, the oldest first; those that are over stay for a month.
 *
 * Requires the scope clients:read.
 */
export const listInitialAccessTokens = /*#__PURE__*/ query<T.ListInitialAccessTokensQuery, T.ListInitialAccessTokensQueryVariables, ['initialAccessTokens']>({
  name: 'ListInitialAccessTokens',
  hash: '374ebc9cb3920bb884d92f937feb0430a49d233cc691852752e3756cdf180210',
  path: ['initialAccessTokens'],
  text: `query ListInitialAccessTokens($first: Int, $after: String, $last: Int, $before: String) {
  initialAccessTokens(first: $first, after: $after, last: $last, before: $before) {
    nodes {
      ...InitialAccessTokenFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment InitialAccessTokenFields on InitialAccessToken {
  id
  name
  apiScopes
  maxClients
  clientsMade
  createdBy
  createdAt
  expiresAt
  revokedAt
}`,
});

/**
 * Events that the receiver rejected, the oldest first.
 *
 * Requires the scope streams:read.
 */
export const listLogStreamDeadLetters = /*#__PURE__*/ query<T.ListLogStreamDeadLettersQuery, T.ListLogStreamDeadLettersQueryVariables, ['logStream', 'deadLetters']>({
  name: 'ListLogStreamDeadLetters',
  hash: '4328b7cc78f791aa55c09c0d67e80d14f7961f918c025b001f6ca2adc14a18fa',
  path: ['logStream', 'deadLetters'],
  text: `query ListLogStreamDeadLetters($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  logStream(id: $id) {
    deadLetters(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        eventId
        deliveryId
        leafIndex
        attempts
        reason
        status
        diedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}`,
});

/**
 * The tenant's log streams, the oldest first.
 *
 * Requires the scope streams:read.
 */
export const listLogStreams = /*#__PURE__*/ query<T.ListLogStreamsQuery, T.ListLogStreamsQueryVariables, ['logStreams']>({
  name: 'ListLogStreams',
  hash: '49c6a811bf7f8f2a2290548db7c81d0557780599896a7351a2271d4843c313d4',
  path: ['logStreams'],
  text: `query ListLogStreams($first: Int, $after: String, $last: Int, $before: String) {
  logStreams(first: $first, after: $after, last: $last, before: $before) {
    nodes {
      ...LogStreamFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}`,
});

/**
 * The tenant's clients, the oldest first unless the filter says otherwise.
 *
 * Requires the scope clients:read.
 */
export const listOAuthClients = /*#__PURE__*/ query<T.ListOAuthClientsQuery, T.ListOAuthClientsQueryVariables, ['clients']>({
  name: 'ListOAuthClients',
  hash: '54c2d4c2fca25e4606749af1e2655e8380fd55899135b0b0cb8184914f385dd0',
  path: ['clients'],
  text: `query ListOAuthClients($namePrefix: String, $type: ClientType, $first: Int, $after: String, $last: Int, $before: String) {
  clients(
    filter: {namePrefix: $namePrefix, type: $type}
    first: $first
    after: $after
    last: $last
    before: $before
  ) {
    nodes {
      ...OAuthClientFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment OAuthClientFields on Client {
  id
  name
  type
  firstParty
  publisher
  redirectUris
  postLogoutRedirectUris
  grantTypes
  tokenEndpointAuthMethod
  jwks
  jwksUri
  identityScopes
  apiScopes
  audiences
  idTokenAlg
  refreshRotation
  refreshIdleSeconds
  refreshSeconds
  requireDpop
  requirePar
  logoUri
  clientUri
  policyUri
  termsUri
  backchannelLogoutUri
  disabledAt
  createdBy
  version
  createdAt
  updatedAt
}`,
});

/**
 * What the caller allowed clients, the oldest consent first; empty for keys, and for applications of others.
 *
 * Requires a caller, whatever their scopes.
 */
export const listOwnConsents = /*#__PURE__*/ query<T.ListOwnConsentsQuery, T.ListOwnConsentsQueryVariables, ['viewer', 'consents']>({
  name: 'ListOwnConsents',
  hash: 'f77726d06b8727225f4d07799649c7b2d3bb432ee66a86ddaccacb815f13c191',
  path: ['viewer', 'consents'],
  text: `query ListOwnConsents($first: Int, $after: String, $last: Int, $before: String) {
  viewer {
    consents(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        client {
          ...ConsentedClientFields
        }
        scopes
        resourceScopes {
          identifier
          scopes
        }
        grantedAt
        updatedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment ConsentedClientFields on ConsentedClient {
  id
  name
  publisher
  logoUri
  clientUri
}`,
});

/**
 * The caller's own second factors and passkeys, the oldest first; none for keys.
 *
 * Requires a caller, whatever their scopes.
 */
export const listOwnFactors = /*#__PURE__*/ query<T.ListOwnFactorsQuery, T.ListOwnFactorsQueryVariables, ['viewer', 'factors']>({
  name: 'ListOwnFactors',
  hash: 'f77f4371b03135435f221741123c2782cd2b6210f45a11b17f544d9356adf92a',
  path: ['viewer', 'factors'],
  text: `query ListOwnFactors($first: Int, $after: String, $last: Int, $before: String) {
  viewer {
    factors(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ...OwnFactorFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment OwnFactorFields on OwnFactor {
  id
  kind
  name
  backedUp
  createdAt
  confirmedAt
  lastUsedAt
}`,
});

/**
 * Where the caller is signed in, the oldest session first; empty for keys.
 *
 * Requires a caller, whatever their scopes.
 */
export const listOwnSessions = /*#__PURE__*/ query<T.ListOwnSessionsQuery, T.ListOwnSessionsQueryVariables, ['viewer', 'sessions']>({
  name: 'ListOwnSessions',
  hash: '6978d7e85a71bba57be7d376ad7616e348a71a2d7fcb3717528b676fc6753e5f',
  path: ['viewer', 'sessions'],
  text: `query ListOwnSessions($first: Int, $after: String, $last: Int, $before: String) {
  viewer {
    sessions(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ...OwnSessionFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment OwnSessionFields on OwnSession {
  id
  current
  amr
  acr
  authTime
  createdAt
  lastUsedAt
  idleExpiresAt
  expiresAt
  ipAddress
  device
  userAgent
}`,
});

/**
 * The tenant's API resources, the oldest first.
 *
 * Requires the scope resources:read.
 */
export const listResources = /*#__PURE__*/ query<T.ListResourcesQuery, T.ListResourcesQueryVariables, ['resources']>({
  name: 'ListResources',
  hash: '776552311a111b10302cf3bce95d3d7d4eb539a78a926304d287b2352412e1b5',
  path: ['resources'],
  text: `query ListResources($first: Int, $after: String, $last: Int, $before: String) {
  resources(first: $first, after: $after, last: $last, before: $before) {
    nodes {
      ...ResourceFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment ResourceFields on Resource {
  id
  identifier
  name
  tokenFormat
  tokenSeconds
  signingAlg
  allowOffline
  scopes {
    name
    description
  }
  version
  createdAt
  updatedAt
}`,
});

/**
 * The tenant's roles, the oldest first unless the filter says otherwise.
 *
 * Requires the scope roles:read.
 */
export const listRoles = /*#__PURE__*/ query<T.ListRolesQuery, T.ListRolesQueryVariables, ['roles']>({
  name: 'ListRoles',
  hash: 'db29f9bb8f3eb32c9003e9d8d84988cf9a27750baac0152df028fa3c50371418',
  path: ['roles'],
  text: `query ListRoles($namePrefix: String, $first: Int, $after: String, $last: Int, $before: String) {
  roles(
    filter: {namePrefix: $namePrefix}
    first: $first
    after: $after
    last: $last
    before: $before
  ) {
    nodes {
      ...RoleFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment RoleFields on Role {
  id
  name
  description
  scopes
  builtIn
  version
  createdAt
  updatedAt
}`,
});

/**
 * Where the user is signed in, the oldest session first.
 *
 * Requires the scopes sessions:read and users:read.
 */
export const listSessions = /*#__PURE__*/ query<T.ListSessionsQuery, T.ListSessionsQueryVariables, ['user', 'sessions']>({
  name: 'ListSessions',
  hash: '53fae35bb4bec3b9d14bf7704a37adcd24e1f11d230a5e7482772c4fbb288ceb',
  path: ['user', 'sessions'],
  text: `query ListSessions($userId: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  user(id: $userId) {
    sessions(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ...SessionFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment SessionFields on Session {
  id
  userId
  amr
  acr
  authTime
  createdAt
  lastUsedAt
  idleExpiresAt
  expiresAt
  endedAt
  ipAddress
  device
  userAgent
}`,
});

/**
 * The tenant's signing keys, the newest first; retired ones included.
 *
 * Requires the scope keys:read.
 */
export const listSigningKeys = /*#__PURE__*/ query<T.ListSigningKeysQuery, T.ListSigningKeysQueryVariables, ['signingKeys']>({
  name: 'ListSigningKeys',
  hash: 'da09a07240864886c53828f0e2853be18c73db56866fbcd84d3c174b8907a12f',
  path: ['signingKeys'],
  text: `query ListSigningKeys($state: SigningKeyState, $first: Int, $after: String, $last: Int, $before: String) {
  signingKeys(
    state: $state
    first: $first
    after: $after
    last: $last
    before: $before
  ) {
    nodes {
      ...SigningKeyFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment SigningKeyFields on SigningKey {
  id
  kid
  alg
  state
  publicJwk
  createdAt
  promotedAt
  retiringAt
  retiresAt
  retiredAt
}`,
});

/**
 * All tenants. At the platform door only.
 *
 * Requires the scope platform:tenants.
 */
export const listTenants = /*#__PURE__*/ query<T.ListTenantsQuery, T.ListTenantsQueryVariables, ['tenants']>({
  name: 'ListTenants',
  hash: '4b0cc0285ac0b1a91214ed1f18aa15f6a7dd8146a98e9fa9b32780047f760c08',
  path: ['tenants'],
  text: `query ListTenants($slug: String, $status: TenantStatus, $first: Int, $after: String, $last: Int, $before: String) {
  tenants(
    filter: {slug: $slug, status: $status}
    first: $first
    after: $after
    last: $last
    before: $before
  ) {
    nodes {
      ...TenantFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment TenantFields on Tenant {
  id
  slug
  host
  issuer
  name
  status
  version
  createdAt
  updatedAt
}`,
});

/**
 * The groups that the user is in, the oldest group first.
 *
 * Requires the scopes groups:read and users:read.
 */
export const listUserGroups = /*#__PURE__*/ query<T.ListUserGroupsQuery, T.ListUserGroupsQueryVariables, ['user', 'groups']>({
  name: 'ListUserGroups',
  hash: 'ead3df5ae9f7e18afea73101fc8d351bc58648568fd679e6ef710cad83cc93bd',
  path: ['user', 'groups'],
  text: `query ListUserGroups($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  user(id: $id) {
    groups(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ...GroupFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment GroupFields on Group {
  id
  name
  description
  version
  createdAt
  updatedAt
}`,
});

/**
 * The roles assigned to the user directly; those of their groups are at the groups.
 *
 * Requires the scopes roles:read and users:read.
 */
export const listUserRoles = /*#__PURE__*/ query<T.ListUserRolesQuery, T.ListUserRolesQueryVariables, ['user', 'roles']>({
  name: 'ListUserRoles',
  hash: '1e8d04383a4e577b164f96627f68e0a6d8cb897e229cd4e54dab6ed9eae590bd',
  path: ['user', 'roles'],
  text: `query ListUserRoles($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  user(id: $id) {
    roles(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ...RoleFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment RoleFields on Role {
  id
  name
  description
  scopes
  builtIn
  version
  createdAt
  updatedAt
}`,
});

/**
 * The tenant's users, the oldest first unless the filter says otherwise.
 *
 * Requires the scope users:read.
 */
export const listUsers = /*#__PURE__*/ query<T.ListUsersQuery, T.ListUsersQueryVariables, ['users']>({
  name: 'ListUsers',
  hash: 'f87ab62d0e0834f098490e007c90456b79daddd0c70bdc58f79c80692e3e3601',
  path: ['users'],
  text: `query ListUsers($email: String, $emailPrefix: String, $search: String, $status: UserStatus, $first: Int, $after: String, $last: Int, $before: String) {
  users(
    filter: {email: $email, emailPrefix: $emailPrefix, search: $search, status: $status}
    first: $first
    after: $after
    last: $last
    before: $before
  ) {
    nodes {
      ...UserFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * The tenant's users, the oldest first unless the filter says otherwise.
 *
 * Requires the scopes groups:read, roles:read, and users:read.
 */
export const listUsersWithGroups = /*#__PURE__*/ query<T.ListUsersWithGroupsQuery, T.ListUsersWithGroupsQueryVariables, ['users']>({
  name: 'ListUsersWithGroups',
  hash: '7d10c5f81b319b863d1fabb69740df9b44e836fdccdb4b92b9034a9f4be4299f',
  path: ['users'],
  text: `query ListUsersWithGroups($first: Int, $after: String) {
  users(first: $first, after: $after) {
    nodes {
      id
      email
      groups {
        nodes {
          id
          name
          roles {
            nodes {
              id
              name
            }
          }
        }
      }
    }
  }
}`,
});

/**
 * Stops a log stream after the batch that is being sent; it keeps its place.
 *
 * Requires the scopes streams:read and streams:write. A person must have signed in with two factors.
 */
export const pauseLogStream = /*#__PURE__*/ mutation<T.PauseLogStreamMutation, T.PauseLogStreamMutationVariables, ['pauseLogStream'], 'PauseLogStreamSuccess', ErrorCodes>({
  name: 'PauseLogStream',
  hash: '2bcdcc222a43037f329bd1e1822f2db78a66ed8470f817988e3343acd4320724',
  path: ['pauseLogStream'],
  success: 'PauseLogStreamSuccess',
  errors: { InvalidInputError, LogStreamNotFoundError },
  text: `mutation PauseLogStream($input: PauseLogStreamInput!) {
  pauseLogStream(input: $input) {
    ... on PauseLogStreamSuccess {
      logStream {
        ...LogStreamFields
      }
    }
    ...Problem
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Gives the caller ten new backup codes; the old ones end. They are in this answer and nowhere else.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 */
export const regenerateBackupCodes = /*#__PURE__*/ mutation<T.RegenerateBackupCodesMutation, T.RegenerateBackupCodesMutationVariables, ['regenerateBackupCodes'], 'RegenerateBackupCodesSuccess', ErrorCodes>({
  name: 'RegenerateBackupCodes',
  hash: '37c503edd002508c1dabfd2838dcc47c85062f8d58316059b6cd1f61eb110f94',
  path: ['regenerateBackupCodes'],
  success: 'RegenerateBackupCodesSuccess',
  errors: { InvalidInputError, NoFactorError, UserNotFoundError, VersionMismatchError },
  text: `mutation RegenerateBackupCodes($input: RegenerateBackupCodesInput!) {
  regenerateBackupCodes(input: $input) {
    ... on RegenerateBackupCodesSuccess {
      backupCodes
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Makes an account and sends a link to choose its password, or tells who has one; where accounts come by invitation, sends one that is still open again.
 */
export const register = /*#__PURE__*/ mutation<T.RegisterMutation, T.RegisterMutationVariables, ['register'], 'RegisterSuccess', ErrorCodes>({
  name: 'Register',
  hash: '8c04c74048cd6e321ab1ce44be696159184b73e7b8efd16bd513708a79970388',
  path: ['register'],
  success: 'RegisterSuccess',
  errors: { InvalidInputError, RegistrationClosedError, TenantNotOpenError },
  text: `mutation Register($input: RegisterInput!) {
  register(input: $input) {
    ... on RegisterSuccess {
      accepted
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Removes a factor of the caller's own and ends their other sessions.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 */
export const removeFactor = /*#__PURE__*/ mutation<T.RemoveFactorMutation, T.RemoveFactorMutationVariables, ['removeFactor'], 'RemoveFactorSuccess', ErrorCodes>({
  name: 'RemoveFactor',
  hash: 'e4344e4da09ac35cddca3cccea79e19736a724d9fb2e7f60048e6870ae734842',
  path: ['removeFactor'],
  success: 'RemoveFactorSuccess',
  errors: { FactorNotFoundError, FactorRequiredError, InvalidInputError, UserNotFoundError },
  text: `mutation RemoveFactor($input: RemoveFactorInput!) {
  removeFactor(input: $input) {
    ... on RemoveFactorSuccess {
      deletedId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Takes a user out of a group.
 *
 * Requires the scopes groups:read and groups:write. A person must have signed in with two factors.
 */
export const removeGroupMember = /*#__PURE__*/ mutation<T.RemoveGroupMemberMutation, T.RemoveGroupMemberMutationVariables, ['removeGroupMember'], 'RemoveGroupMemberSuccess', ErrorCodes>({
  name: 'RemoveGroupMember',
  hash: '94f220128231cfd6d21dba0dc1ea40dc3962849375d5db17bb48018440fbe0b0',
  path: ['removeGroupMember'],
  success: 'RemoveGroupMemberSuccess',
  errors: { GroupNotFoundError, InvalidInputError, LastOwnerError, NotAMemberError, OutranksCallerError, UserNotFoundError },
  text: `mutation RemoveGroupMember($id: ID!, $userId: ID!) {
  removeGroupMember(input: {groupId: $id, userId: $userId}) {
    ... on RemoveGroupMemberSuccess {
      group {
        id
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Sends dead letters again, the oldest first and before what waits. What is rejected again becomes a dead letter again.
 *
 * Requires the scopes streams:read and streams:write. A person must have signed in with two factors.
 */
export const replayLogStreamDeadLetters = /*#__PURE__*/ mutation<T.ReplayLogStreamDeadLettersMutation, T.ReplayLogStreamDeadLettersMutationVariables, ['replayLogStreamDeadLetters'], 'ReplayLogStreamDeadLettersSuccess', ErrorCodes>({
  name: 'ReplayLogStreamDeadLetters',
  hash: '2f65cc91c0ff6009c21be40cedc310498940f38dfe0be4f5981797256086c2ff',
  path: ['replayLogStreamDeadLetters'],
  success: 'ReplayLogStreamDeadLettersSuccess',
  errors: { InvalidInputError, LogStreamNotFoundError, OutranksCallerError },
  text: `mutation ReplayLogStreamDeadLetters($input: ReplayLogStreamDeadLettersInput!) {
  replayLogStreamDeadLetters(input: $input) {
    ... on ReplayLogStreamDeadLettersSuccess {
      logStream {
        ...LogStreamFields
      }
      count
    }
    ...Problem
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Sends a link to an address, by which it becomes the caller's e-mail address; to their present one, the link that verifies it.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 */
export const requestEmailChange = /*#__PURE__*/ mutation<T.RequestEmailChangeMutation, T.RequestEmailChangeMutationVariables, ['requestEmailChange'], 'RequestEmailChangeSuccess', ErrorCodes>({
  name: 'RequestEmailChange',
  hash: '4e251429d9c8d027b974ea3822ff12f68b65f6b71f9fa69b895e7d89038a6280',
  path: ['requestEmailChange'],
  success: 'RequestEmailChangeSuccess',
  errors: { InvalidInputError, UserNotFoundError, VersionMismatchError },
  text: `mutation RequestEmailChange($input: RequestEmailChangeInput!) {
  requestEmailChange(input: $input) {
    ... on RequestEmailChangeSuccess {
      linkSent
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Sends a link to choose a new password, if there is an account with this address.
 */
export const requestPasswordReset = /*#__PURE__*/ mutation<T.RequestPasswordResetMutation, T.RequestPasswordResetMutationVariables, ['requestPasswordReset'], 'RequestPasswordResetSuccess', ErrorCodes>({
  name: 'RequestPasswordReset',
  hash: '50860b78f1df75e3cbbcced082fee0ae58db822458e6f737b20bcb0e28ff4462',
  path: ['requestPasswordReset'],
  success: 'RequestPasswordResetSuccess',
  errors: { InvalidInputError, TenantNotOpenError },
  text: `mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) {
    ... on RequestPasswordResetSuccess {
      accepted
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Takes a user's password away, ends their sessions and every link to choose one, and sends them a new one.
 *
 * Requires the scopes users:read and users:write. A person must have signed in with two factors.
 */
export const requirePasswordReset = /*#__PURE__*/ mutation<T.RequirePasswordResetMutation, T.RequirePasswordResetMutationVariables, ['requirePasswordReset'], 'RequirePasswordResetSuccess', ErrorCodes>({
  name: 'RequirePasswordReset',
  hash: 'ee1acbf27da81591b2f0a6e648eb14c41d7a73426d819121027a411464ce29f9',
  path: ['requirePasswordReset'],
  success: 'RequirePasswordResetSuccess',
  errors: { InvalidInputError, OutranksCallerError, UserNotFoundError },
  text: `mutation RequirePasswordReset($input: RequirePasswordResetInput!) {
  requirePasswordReset(input: $input) {
    ... on RequirePasswordResetSuccess {
      user {
        ...UserFields
      }
      linkSent
      endedSessions
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * Sends a user who has no password a new invitation, which ends the earlier one.
 *
 * Requires the scopes users:read and users:write. A person must have signed in with two factors.
 */
export const resendInvitation = /*#__PURE__*/ mutation<T.ResendInvitationMutation, T.ResendInvitationMutationVariables, ['resendInvitation'], 'ResendInvitationSuccess', ErrorCodes>({
  name: 'ResendInvitation',
  hash: 'dffc36a5a20920c879e3ac86a7bfe277b1e58fa9e559a0fbb9a27d635eb33ce7',
  path: ['resendInvitation'],
  success: 'ResendInvitationSuccess',
  errors: { AlreadyJoinedError, InvalidInputError, OutranksCallerError, UserNotFoundError, UserSuspendedError },
  text: `mutation ResendInvitation($input: ResendInvitationInput!) {
  resendInvitation(input: $input) {
    ... on ResendInvitationSuccess {
      user {
        ...UserFields
      }
      linkSent
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * Sets a new password by the link that was sent, and ends all sessions.
 */
export const resetPassword = /*#__PURE__*/ mutation<T.ResetPasswordMutation, T.ResetPasswordMutationVariables, ['resetPassword'], 'ResetPasswordSuccess', ErrorCodes>({
  name: 'ResetPassword',
  hash: '410943e7bdf8bccd4e6605cf92fb98535fb855efa432bde603261715bba3789d',
  path: ['resetPassword'],
  success: 'ResetPasswordSuccess',
  errors: { InvalidInputError, LinkNotValidError, TenantNotOpenError },
  text: `mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    ... on ResetPasswordSuccess {
      email
      endedSessions
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Lets a paused or disabled log stream go on from its place, at once.
 *
 * Requires the scopes streams:read and streams:write. A person must have signed in with two factors.
 */
export const resumeLogStream = /*#__PURE__*/ mutation<T.ResumeLogStreamMutation, T.ResumeLogStreamMutationVariables, ['resumeLogStream'], 'ResumeLogStreamSuccess', ErrorCodes>({
  name: 'ResumeLogStream',
  hash: '5f68bb4ab1d59dd136d86877a331255c45f2f53d902df871800929e65c2bd7b3',
  path: ['resumeLogStream'],
  success: 'ResumeLogStreamSuccess',
  errors: { InvalidInputError, LogStreamNotFoundError, OutranksCallerError },
  text: `mutation ResumeLogStream($input: ResumeLogStreamInput!) {
  resumeLogStream(input: $input) {
    ... on ResumeLogStreamSuccess {
      logStream {
        ...LogStreamFields
      }
    }
    ...Problem
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Revokes an API key and those that it made: refused everywhere within a second.
 *
 * Requires the scopes api-keys:read and api-keys:write. A person must have signed in with two factors.
 */
export const revokeApiKey = /*#__PURE__*/ mutation<T.RevokeApiKeyMutation, T.RevokeApiKeyMutationVariables, ['revokeApiKey'], 'RevokeApiKeySuccess', ErrorCodes>({
  name: 'RevokeApiKey',
  hash: 'e6c80d1fe5e6163ac6b502cdf761366dd5ef8e801eda57a9cb253a7e97894144',
  path: ['revokeApiKey'],
  success: 'RevokeApiKeySuccess',
  errors: { ApiKeyNotFoundError, InvalidInputError, OutranksCallerError },
  text: `mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    ... on RevokeApiKeySuccess {
      apiKey {
        ...ApiKeyFields
      }
    }
    ...Problem
  }
}

fragment ApiKeyFields on ApiKey {
  id
  name
  prefix
  scopes
  createdBy
  createdAt
  expiresAt
  lastUsedAt
  revokedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Takes back what a user allowed a client; its tokens for them end.
 *
 * Requires the scope consents:write. A person must have signed in with two factors.
 */
export const revokeConsent = /*#__PURE__*/ mutation<T.RevokeConsentMutation, T.RevokeConsentMutationVariables, ['revokeConsent'], 'RevokeConsentSuccess', ErrorCodes>({
  name: 'RevokeConsent',
  hash: '38d3643a94744b6b6d150a21de8491f8aeb82ed088805cd23b6a7679f86ffea7',
  path: ['revokeConsent'],
  success: 'RevokeConsentSuccess',
  errors: { ConsentNotFoundError, InvalidInputError, OutranksCallerError },
  text: `mutation RevokeConsent($input: RevokeConsentInput!) {
  revokeConsent(input: $input) {
    ... on RevokeConsentSuccess {
      revokedId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Takes a factor of a user away and ends their sessions.
 *
 * Requires the scope mfa:write. A person must have signed in with two factors.
 */
export const revokeFactor = /*#__PURE__*/ mutation<T.RevokeFactorMutation, T.RevokeFactorMutationVariables, ['revokeFactors'], 'RevokeFactorsSuccess', ErrorCodes>({
  name: 'RevokeFactor',
  hash: 'f976da813e659e0489c080b86d629748e84da80503db2675d18315ab92fa3395',
  path: ['revokeFactors'],
  success: 'RevokeFactorsSuccess',
  errors: { FactorNotFoundError, InvalidInputError, OutranksCallerError, UserNotFoundError },
  text: `mutation RevokeFactor($userId: ID!, $factorId: ID!) {
  revokeFactors(input: {userId: $userId, factorId: $factorId}) {
    ... on RevokeFactorsSuccess {
      revokedIds
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Takes all factors and backup codes of a user away and ends their sessions.
 *
 * Requires the scope mfa:write. A person must have signed in with two factors.
 */
export const revokeFactors = /*#__PURE__*/ mutation<T.RevokeFactorsMutation, T.RevokeFactorsMutationVariables, ['revokeFactors'], 'RevokeFactorsSuccess', ErrorCodes>({
  name: 'RevokeFactors',
  hash: '1e27dd4b011827246563c4776d482f9be86a81eed3c4f511f90a38696761e3d6',
  path: ['revokeFactors'],
  success: 'RevokeFactorsSuccess',
  errors: { FactorNotFoundError, InvalidInputError, OutranksCallerError, UserNotFoundError },
  text: `mutation RevokeFactors($userId: ID!) {
  revokeFactors(input: {userId: $userId}) {
    ... on RevokeFactorsSuccess {
      revokedIds
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Revokes an initial access token: no client registers with it any more. Those that did stay.
 *
 * Requires the scopes clients:read and clients:write. A person must have signed in with two factors.
 */
export const revokeInitialAccessToken = /*#__PURE__*/ mutation<T.RevokeInitialAccessTokenMutation, T.RevokeInitialAccessTokenMutationVariables, ['revokeInitialAccessToken'], 'RevokeInitialAccessTokenSuccess', ErrorCodes>({
  name: 'RevokeInitialAccessToken',
  hash: '598ca3a65d18ea939dd8c50beedcb556c1be96e0a1a10ea1e3f9bde5428b7730',
  path: ['revokeInitialAccessToken'],
  success: 'RevokeInitialAccessTokenSuccess',
  errors: { InitialAccessTokenNotFoundError, InvalidInputError },
  text: `mutation RevokeInitialAccessToken($input: RevokeInitialAccessTokenInput!) {
  revokeInitialAccessToken(input: $input) {
    ... on RevokeInitialAccessTokenSuccess {
      initialAccessToken {
        ...InitialAccessTokenFields
      }
    }
    ...Problem
  }
}

fragment InitialAccessTokenFields on InitialAccessToken {
  id
  name
  apiScopes
  maxClients
  clientsMade
  createdBy
  createdAt
  expiresAt
  revokedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Takes back what the caller allowed a client; its tokens for them end.
 *
 * Only for people, about themselves.
 *
 * Only for people, about themselves.
 */
export const revokeOwnConsent = /*#__PURE__*/ mutation<T.RevokeOwnConsentMutation, T.RevokeOwnConsentMutationVariables, ['revokeOwnConsent'], 'RevokeOwnConsentSuccess', ErrorCodes>({
  name: 'RevokeOwnConsent',
  hash: 'cc134593fdc86e7c17e66284b7c4df89fa5a58a4b7b83737cf7c7d0e9821aa3c',
  path: ['revokeOwnConsent'],
  success: 'RevokeOwnConsentSuccess',
  errors: { ConsentNotFoundError, InvalidInputError },
  text: `mutation RevokeOwnConsent($input: RevokeOwnConsentInput!) {
  revokeOwnConsent(input: $input) {
    ... on RevokeOwnConsentSuccess {
      revokedId
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Moves a log stream to another place in the log: back, to send events again under new delivery ids, or forward, to leave some out. What waits in it is dropped.
 *
 * Requires the scopes streams:read and streams:write. A person must have signed in with two factors.
 */
export const rewindLogStream = /*#__PURE__*/ mutation<T.RewindLogStreamMutation, T.RewindLogStreamMutationVariables, ['rewindLogStream'], 'RewindLogStreamSuccess', ErrorCodes>({
  name: 'RewindLogStream',
  hash: 'b7c155029c3ce29e0e751bff936280ebcef8b7354765c52130ca6c91ef78f4ea',
  path: ['rewindLogStream'],
  success: 'RewindLogStreamSuccess',
  errors: { InvalidInputError, LogStreamNotFoundError, OutranksCallerError },
  text: `mutation RewindLogStream($input: RewindLogStreamInput!) {
  rewindLogStream(input: $input) {
    ... on RewindLogStreamSuccess {
      logStream {
        ...LogStreamFields
      }
    }
    ...Problem
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Gives an API key a new secret; earlier ones keep working for the overlap.
 *
 * Requires the scopes api-keys:read and api-keys:write. A person must have signed in with two factors.
 */
export const rotateApiKey = /*#__PURE__*/ mutation<T.RotateApiKeyMutation, T.RotateApiKeyMutationVariables, ['rotateApiKey'], 'RotateApiKeySuccess', ErrorCodes>({
  name: 'RotateApiKey',
  hash: 'ad56b265fdc6c7369ddb2880e6c7d4e33508920eb36bc08d5f817c59d20d0f9e',
  path: ['rotateApiKey'],
  success: 'RotateApiKeySuccess',
  errors: { ApiKeyExpiredError, ApiKeyNotFoundError, ApiKeyNotOwnError, ApiKeyRevokedError, InvalidInputError, OutranksCallerError, TooManySecretsError },
  text: `mutation RotateApiKey($input: RotateApiKeyInput!) {
  rotateApiKey(input: $input) {
    ... on RotateApiKeySuccess {
      apiKey {
        ...ApiKeyFields
      }
      secret
    }
    ...Problem
  }
}

fragment ApiKeyFields on ApiKey {
  id
  name
  prefix
  scopes
  createdBy
  createdAt
  expiresAt
  lastUsedAt
  revokedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Gives a log stream new secrets. Signed webhooks bear the signature of the earlier secret as well until the overlap is over, and the new one is made here unless it is given.
 *
 * Requires the scopes streams:read and streams:write. A person must have signed in with two factors.
 */
export const rotateLogStreamSecret = /*#__PURE__*/ mutation<T.RotateLogStreamSecretMutation, T.RotateLogStreamSecretMutationVariables, ['rotateLogStreamSecret'], 'RotateLogStreamSecretSuccess', ErrorCodes>({
  name: 'RotateLogStreamSecret',
  hash: 'fc3311de6802906cf38dd556960436f36eb50dce69d72cfd19a382b393de7e86',
  path: ['rotateLogStreamSecret'],
  success: 'RotateLogStreamSecretSuccess',
  errors: { InvalidInputError, LogStreamNotFoundError, OutranksCallerError, VersionMismatchError },
  text: `mutation RotateLogStreamSecret($input: RotateLogStreamSecretInput!) {
  rotateLogStreamSecret(input: $input) {
    ... on RotateLogStreamSecretSuccess {
      logStream {
        ...LogStreamFields
      }
      secret
    }
    ...Problem
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Gives a client a new secret; earlier ones keep working for the overlap.
 *
 * Requires the scopes clients:read and clients:write. A person must have signed in with two factors.
 */
export const rotateOAuthClientSecret = /*#__PURE__*/ mutation<T.RotateOAuthClientSecretMutation, T.RotateOAuthClientSecretMutationVariables, ['rotateClientSecret'], 'RotateClientSecretSuccess', ErrorCodes>({
  name: 'RotateOAuthClientSecret',
  hash: '63f5c56f4c1bd7d90cb5d12a1a85c87b9f96a3aca95adc4cc450d8b5634bb275',
  path: ['rotateClientSecret'],
  success: 'RotateClientSecretSuccess',
  errors: { ClientNotFoundError, ClientWithoutSecretError, InvalidInputError, OutranksCallerError, TooManyClientSecretsError },
  text: `mutation RotateOAuthClientSecret($input: RotateClientSecretInput!) {
  rotateClientSecret(input: $input) {
    ... on RotateClientSecretSuccess {
      client {
        ...OAuthClientFields
      }
      secret
    }
    ...Problem
  }
}

fragment OAuthClientFields on Client {
  id
  name
  type
  firstParty
  publisher
  redirectUris
  postLogoutRedirectUris
  grantTypes
  tokenEndpointAuthMethod
  jwks
  jwksUri
  identityScopes
  apiScopes
  audiences
  idTokenAlg
  refreshRotation
  refreshIdleSeconds
  refreshSeconds
  requireDpop
  requirePar
  logoUri
  clientUri
  policyUri
  termsUri
  backchannelLogoutUri
  disabledAt
  createdBy
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Signs with the next keys from now on. What the replaced ones signed stays good for the overlap of the policy, or is refused at once.
 *
 * Requires the scopes keys:read and keys:write. A person must have signed in with two factors within the last 900 seconds.
 */
export const rotateSigningKeys = /*#__PURE__*/ mutation<T.RotateSigningKeysMutation, T.RotateSigningKeysMutationVariables, ['rotateSigningKeys'], 'RotateSigningKeysSuccess', ErrorCodes>({
  name: 'RotateSigningKeys',
  hash: '7f51ac5187b785d0d12ee62251ec355ecc80205afca9e67f2e0c38e953099bca',
  path: ['rotateSigningKeys'],
  success: 'RotateSigningKeysSuccess',
  errors: { InvalidInputError, TooManySigningKeysError },
  text: `mutation RotateSigningKeys($input: RotateSigningKeysInput!) {
  rotateSigningKeys(input: $input) {
    ... on RotateSigningKeysSuccess {
      signingKeys {
        ...SigningKeyFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment SigningKeyFields on SigningKey {
  id
  kid
  alg
  state
  publicJwk
  createdAt
  promotedAt
  retiringAt
  retiresAt
  retiredAt
}`,
});

/**
 * Sends the code that confirms a new factor of kind EMAIL or SMS; a newer one ends the older.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 *
 * Only for people, about themselves. A person must have signed in within the last 900 seconds.
 */
export const sendFactorCode = /*#__PURE__*/ mutation<T.SendFactorCodeMutation, T.SendFactorCodeMutationVariables, ['sendFactorCode'], 'SendFactorCodeSuccess', ErrorCodes>({
  name: 'SendFactorCode',
  hash: 'c2a4649f3c129264f989f41c107b45bbd12b3b8ca5b0644d53b2c9d6704d95d8',
  path: ['sendFactorCode'],
  success: 'SendFactorCodeSuccess',
  errors: { FactorKindNotOfferedError, FactorNotFoundError, InvalidInputError },
  text: `mutation SendFactorCode($input: SendFactorCodeInput!) {
  sendFactorCode(input: $input) {
    ... on SendFactorCodeSuccess {
      sentTo
      expiresAt
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Ends one of the caller's own sessions, or all of them.
 *
 * Only for people, about themselves.
 *
 * Only for people, about themselves.
 */
export const signOut = /*#__PURE__*/ mutation<T.SignOutMutation, T.SignOutMutationVariables, ['signOut'], 'SignOutSuccess', ErrorCodes>({
  name: 'SignOut',
  hash: '91e779ed49b05fbf577dcb13f208338ddc133c7e05f8b7deead931a727242b5d',
  path: ['signOut'],
  success: 'SignOutSuccess',
  errors: { InvalidInputError, SessionNotFoundError },
  text: `mutation SignOut($input: SignOutInput!) {
  signOut(input: $input) {
    ... on SignOutSuccess {
      endedIds
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Begins a sign-in of a person.
 */
export const startSignIn = /*#__PURE__*/ mutation<T.StartSignInMutation, T.StartSignInMutationVariables, ['startSignIn'], 'StartSignInSuccess', ErrorCodes>({
  name: 'StartSignIn',
  hash: '48c4dfdde52525ec009048744647e0c2445d6fb1dae118b320a1c1e954464ab8',
  path: ['startSignIn'],
  success: 'StartSignInSuccess',
  errors: { InvalidInputError, TenantNotOpenError },
  text: `mutation StartSignIn($input: StartSignInInput!) {
  startSignIn(input: $input) {
    ...SignInProgressFields
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment SignInProgressFields on SignInProgress {
  step
  flow
  methods
  sentTo
  enrolment {
    secret
    uri
    qr
  }
  passkeyOptions
}`,
});

/**
 * Begins to show again who one is, where STEP_UP_REQUIRED asked for it. submitSignInStep goes on.
 *
 * Only for people, about themselves.
 *
 * Only for people, about themselves.
 */
export const startStepUp = /*#__PURE__*/ mutation<T.StartStepUpMutation, T.StartStepUpMutationVariables, ['startStepUp'], 'StartStepUpSuccess', ErrorCodes>({
  name: 'StartStepUp',
  hash: '39deb9bf3c73057a8d0f863fe5754fe812309f98095256d16ce8fb7891ea0595',
  path: ['startStepUp'],
  success: 'StartStepUpSuccess',
  errors: { InvalidCredentialsError, InvalidInputError },
  text: `mutation StartStepUp($input: StartStepUpInput!) {
  startStepUp(input: $input) {
    ...SignInProgressFields
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment SignInProgressFields on SignInProgress {
  step
  flow
  methods
  sentTo
  enrolment {
    secret
    uri
    qr
  }
  passkeyOptions
}`,
});

/**
 * Takes what a sign-in asked for, as far as it leads. At the end the answer sets the cookie of the session.
 */
export const submitSignInStep = /*#__PURE__*/ mutation<T.SubmitSignInStepMutation, T.SubmitSignInStepMutationVariables, ['submitSignInStep'], 'SubmitSignInStepSuccess', ErrorCodes>({
  name: 'SubmitSignInStep',
  hash: '656d96fb6c6c56c8e6a04a2df91996a0a074dcd5271194b06e71059cc759f3f4',
  path: ['submitSignInStep'],
  success: 'SubmitSignInStepSuccess',
  errors: { InvalidCodeError, InvalidCredentialsError, InvalidInputError, SignInExpiredError, TenantNotOpenError },
  text: `mutation SubmitSignInStep($input: SubmitSignInStepInput!) {
  submitSignInStep(input: $input) {
    ...SignInProgressFields
    ... on SubmitSignInStepSuccess {
      backupCodes
      session {
        sessionId
        userId
        amr
        acr
        idleExpiresAt
        expiresAt
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment SignInProgressFields on SignInProgress {
  step
  flow
  methods
  sentTo
  enrolment {
    secret
    uri
    qr
  }
  passkeyOptions
}`,
});

/**
 * Closes every door of a tenant within a second; nothing is deleted.
 *
 * Requires the scope platform:tenants. A person must have signed in with two factors.
 */
export const suspendTenant = /*#__PURE__*/ mutation<T.SuspendTenantMutation, T.SuspendTenantMutationVariables, ['suspendTenant'], 'SuspendTenantSuccess', ErrorCodes>({
  name: 'SuspendTenant',
  hash: '30399f13b63b12f25b6cf411129d7b0f5fb852481a525c7b013336ce06745f73',
  path: ['suspendTenant'],
  success: 'SuspendTenantSuccess',
  errors: { InvalidInputError, PlatformTenantError, TenantNotFoundError, VersionMismatchError },
  text: `mutation SuspendTenant($input: SuspendTenantInput!) {
  suspendTenant(input: $input) {
    ... on SuspendTenantSuccess {
      tenant {
        ...TenantFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment TenantFields on Tenant {
  id
  slug
  host
  issuer
  name
  status
  version
  createdAt
  updatedAt
}`,
});

/**
 * Suspends a user: everything that acts for them is refused within a second.
 *
 * Requires the scopes users:read and users:write. A person must have signed in with two factors.
 */
export const suspendUser = /*#__PURE__*/ mutation<T.SuspendUserMutation, T.SuspendUserMutationVariables, ['suspendUser'], 'SuspendUserSuccess', ErrorCodes>({
  name: 'SuspendUser',
  hash: '37966dcd6fc7eee6fa417c5e99513fef4a749eb3a9a3307df31a58563510cfb9',
  path: ['suspendUser'],
  success: 'SuspendUserSuccess',
  errors: { InvalidInputError, LastOwnerError, OutranksCallerError, UserNotFoundError, VersionMismatchError },
  text: `mutation SuspendUser($input: SuspendUserInput!) {
  suspendUser(input: $input) {
    ... on SuspendUserSuccess {
      user {
        ...UserFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * Sends one event of type log-stream.test, which is not in the log, and answers what the receiver made of it. The stream itself does not move.
 *
 * Requires the scope streams:write. A person must have signed in with two factors.
 */
export const testLogStream = /*#__PURE__*/ mutation<T.TestLogStreamMutation, T.TestLogStreamMutationVariables, ['testLogStream'], 'TestLogStreamSuccess', ErrorCodes>({
  name: 'TestLogStream',
  hash: '39d88d5823dbacf413dd0b18fd8a96de110c3c8e8f7847dd544d65912665e2c5',
  path: ['testLogStream'],
  success: 'TestLogStreamSuccess',
  errors: { InvalidInputError, LogStreamNotFoundError },
  text: `mutation TestLogStream($input: TestLogStreamInput!) {
  testLogStream(input: $input) {
    ... on TestLogStreamSuccess {
      delivered
      reason
      status
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Takes an assigned role away from a group.
 *
 * Requires the scopes roles:read and roles:write. A person must have signed in with two factors.
 */
export const unassignRoleFromGroup = /*#__PURE__*/ mutation<T.UnassignRoleFromGroupMutation, T.UnassignRoleFromGroupMutationVariables, ['unassignRole'], 'UnassignRoleSuccess', ErrorCodes>({
  name: 'UnassignRoleFromGroup',
  hash: '10e5b0807623d38d49f64499e168633254c92b8f248aa81443b34d57cb218ce8',
  path: ['unassignRole'],
  success: 'UnassignRoleSuccess',
  errors: { GroupNotFoundError, InvalidInputError, LastOwnerError, NotAssignedError, OutranksCallerError, RoleNotFoundError, UserNotFoundError },
  text: `mutation UnassignRoleFromGroup($groupId: ID!, $roleId: ID!) {
  unassignRole(input: {roleId: $roleId, groupId: $groupId}) {
    ... on UnassignRoleSuccess {
      role {
        id
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Takes an assigned role away from a user.
 *
 * Requires the scopes roles:read and roles:write. A person must have signed in with two factors.
 */
export const unassignRoleFromUser = /*#__PURE__*/ mutation<T.UnassignRoleFromUserMutation, T.UnassignRoleFromUserMutationVariables, ['unassignRole'], 'UnassignRoleSuccess', ErrorCodes>({
  name: 'UnassignRoleFromUser',
  hash: '6811325a0f3d9653c4fa392e0bb49a6c68f9e669ba47f4b5589025b2c32b2509',
  path: ['unassignRole'],
  success: 'UnassignRoleSuccess',
  errors: { GroupNotFoundError, InvalidInputError, LastOwnerError, NotAssignedError, OutranksCallerError, RoleNotFoundError, UserNotFoundError },
  text: `mutation UnassignRoleFromUser($userId: ID!, $roleId: ID!) {
  unassignRole(input: {roleId: $roleId, userId: $userId}) {
    ... on UnassignRoleSuccess {
      role {
        id
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Forgets the wrong passwords and wrong codes of a user: what they closed is open within a second. Nothing else of the user's changes.
 *
 * Requires the scopes users:read and users:write. A person must have signed in with two factors.
 */
export const unlockUser = /*#__PURE__*/ mutation<T.UnlockUserMutation, T.UnlockUserMutationVariables, ['unlockUser'], 'UnlockUserSuccess', ErrorCodes>({
  name: 'UnlockUser',
  hash: 'd9e596f97305a69baa39fb0e38c2a2326267732e2964bae30bfffeb557833da8',
  path: ['unlockUser'],
  success: 'UnlockUserSuccess',
  errors: { InvalidInputError, OutranksCallerError, UserNotFoundError },
  text: `mutation UnlockUser($input: UnlockUserInput!) {
  unlockUser(input: $input) {
    ... on UnlockUserSuccess {
      user {
        ...UserFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * Changes the caller's own names and language. Fields that are left out stay; null clears.
 *
 * Only for people, about themselves.
 *
 * Only for people, about themselves.
 */
export const updateAccount = /*#__PURE__*/ mutation<T.UpdateAccountMutation, T.UpdateAccountMutationVariables, ['updateAccount'], 'UpdateAccountSuccess', ErrorCodes>({
  name: 'UpdateAccount',
  hash: '6c205c2f72d7ea7ccd54fd9a251486237cb8c9d7d25823652ae5119b315a4884',
  path: ['updateAccount'],
  success: 'UpdateAccountSuccess',
  errors: { InvalidInputError, UserNotFoundError },
  text: `mutation UpdateAccount($input: UpdateAccountInput!) {
  updateAccount(input: $input) {
    ... on UpdateAccountSuccess {
      account {
        id
        email
        emailVerified
        displayName
        givenName
        familyName
        locale
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Changes whether clients may register themselves and what they may have then. What is left out stays.
 *
 * Requires the scopes clients:read and clients:write. A person must have signed in with two factors within the last 900 seconds.
 */
export const updateClientRegistrationPolicy = /*#__PURE__*/ mutation<T.UpdateClientRegistrationPolicyMutation, T.UpdateClientRegistrationPolicyMutationVariables, ['updateClientRegistrationPolicy'], 'UpdateClientRegistrationPolicySuccess', ErrorCodes>({
  name: 'UpdateClientRegistrationPolicy',
  hash: '9bddc9377ca399d4f5329e04ebecf1dedf81128915d30d9947e5dd199a1b7210',
  path: ['updateClientRegistrationPolicy'],
  success: 'UpdateClientRegistrationPolicySuccess',
  errors: { InvalidInputError, VersionMismatchError },
  text: `mutation UpdateClientRegistrationPolicy($input: UpdateClientRegistrationPolicyInput!) {
  updateClientRegistrationPolicy(input: $input) {
    ... on UpdateClientRegistrationPolicySuccess {
      clientRegistrationPolicy {
        ...ClientRegistrationPolicyFields
      }
    }
    ...Problem
  }
}

fragment ClientRegistrationPolicyFields on ClientRegistrationPolicy {
  enabled
  grantTypes
  identityScopes
  apiScopes
  audiences
  version
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Changes a group. Fields that are left out stay; null clears.
 *
 * Requires the scopes groups:read and groups:write. A person must have signed in with two factors.
 */
export const updateGroup = /*#__PURE__*/ mutation<T.UpdateGroupMutation, T.UpdateGroupMutationVariables, ['updateGroup'], 'UpdateGroupSuccess', ErrorCodes>({
  name: 'UpdateGroup',
  hash: 'baf4afb6406c3ca19d98c7775c17199ae648ed6e0d6cbe18d65e5e3fd97c2805',
  path: ['updateGroup'],
  success: 'UpdateGroupSuccess',
  errors: { GroupNameTakenError, GroupNotFoundError, InvalidInputError, OutranksCallerError, VersionMismatchError },
  text: `mutation UpdateGroup($input: UpdateGroupInput!) {
  updateGroup(input: $input) {
    ... on UpdateGroupSuccess {
      group {
        ...GroupFields
      }
    }
    ...Problem
  }
}

fragment GroupFields on Group {
  id
  name
  description
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Changes a log stream. Fields that are left out stay; settings and secrets are replaced as a whole. A batch that is being tried keeps its events.
 *
 * Requires the scopes streams:read and streams:write. A person must have signed in with two factors.
 */
export const updateLogStream = /*#__PURE__*/ mutation<T.UpdateLogStreamMutation, T.UpdateLogStreamMutationVariables, ['updateLogStream'], 'UpdateLogStreamSuccess', ErrorCodes>({
  name: 'UpdateLogStream',
  hash: '33582e652bb2b418cdfd6a07fd21601e14c3073e160a0ca0af3f9fe3ff59d449',
  path: ['updateLogStream'],
  success: 'UpdateLogStreamSuccess',
  errors: { InvalidInputError, LogStreamNotFoundError, OutranksCallerError, VersionMismatchError },
  text: `mutation UpdateLogStream($input: UpdateLogStreamInput!) {
  updateLogStream(input: $input) {
    ... on UpdateLogStreamSuccess {
      logStream {
        ...LogStreamFields
      }
    }
    ...Problem
  }
}

fragment LogStreamFields on LogStream {
  id
  name
  kind
  settings
  eventTypes
  minSeverity
  batchSeconds
  where
  state
  stateReason
  deliveredUpTo
  pending
  lagSeconds
  attempts
  nextAttemptAt
  deadLetterCount
  lastSuccessAt
  lastError
  lastErrorAt
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Changes a client. Fields that are left out stay; null clears.
 *
 * Requires the scopes clients:read and clients:write. A person must have signed in with two factors.
 */
export const updateOAuthClient = /*#__PURE__*/ mutation<T.UpdateOAuthClientMutation, T.UpdateOAuthClientMutationVariables, ['updateClient'], 'UpdateClientSuccess', ErrorCodes>({
  name: 'UpdateOAuthClient',
  hash: 'a9493b8b29afdf93f407a5a7ca4d74b4ad0c2302f107528384e8236626c27d0e',
  path: ['updateClient'],
  success: 'UpdateClientSuccess',
  errors: { ClientNotFoundError, InvalidInputError, OutranksCallerError, VersionMismatchError },
  text: `mutation UpdateOAuthClient($input: UpdateClientInput!) {
  updateClient(input: $input) {
    ... on UpdateClientSuccess {
      client {
        ...OAuthClientFields
      }
    }
    ...Problem
  }
}

fragment OAuthClientFields on Client {
  id
  name
  type
  firstParty
  publisher
  redirectUris
  postLogoutRedirectUris
  grantTypes
  tokenEndpointAuthMethod
  jwks
  jwksUri
  identityScopes
  apiScopes
  audiences
  idTokenAlg
  refreshRotation
  refreshIdleSeconds
  refreshSeconds
  requireDpop
  requirePar
  logoUri
  clientUri
  policyUri
  termsUri
  backchannelLogoutUri
  disabledAt
  createdBy
  version
  createdAt
  updatedAt
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});

/**
 * Changes an API resource. Fields that are left out stay.
 *
 * Requires the scopes resources:read and resources:write. A person must have signed in with two factors.
 */
export const updateResource = /*#__PURE__*/ mutation<T.UpdateResourceMutation, T.UpdateResourceMutationVariables, ['updateResource'], 'UpdateResourceSuccess', ErrorCodes>({
  name: 'UpdateResource',
  hash: '79b75f35e187fd2e0bfbb7c3ed6c9eba9fe55f1d3e95b5ab3c28fdef7327e2f5',
  path: ['updateResource'],
  success: 'UpdateResourceSuccess',
  errors: { InvalidInputError, ResourceNotFoundError, VersionMismatchError },
  text: `mutation UpdateResource($input: UpdateResourceInput!) {
  updateResource(input: $input) {
    ... on UpdateResourceSuccess {
      resource {
        ...ResourceFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment ResourceFields on Resource {
  id
  identifier
  name
  tokenFormat
  tokenSeconds
  signingAlg
  allowOffline
  scopes {
    name
    description
  }
  version
  createdAt
  updatedAt
}`,
});

/**
 * Changes a role. Fields that are left out stay; null clears.
 *
 * Requires the scopes roles:read and roles:write. A person must have signed in with two factors.
 */
export const updateRole = /*#__PURE__*/ mutation<T.UpdateRoleMutation, T.UpdateRoleMutationVariables, ['updateRole'], 'UpdateRoleSuccess', ErrorCodes>({
  name: 'UpdateRole',
  hash: '1050bdc20fcaf7ebf479308f3127876182eaca5a7e1414c3cded276fa7da3bba',
  path: ['updateRole'],
  success: 'UpdateRoleSuccess',
  errors: { BuiltInRoleError, InvalidInputError, OutranksCallerError, RoleNameTakenError, RoleNotFoundError, VersionMismatchError },
  text: `mutation UpdateRole($input: UpdateRoleInput!) {
  updateRole(input: $input) {
    ... on UpdateRoleSuccess {
      role {
        ...RoleFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment RoleFields on Role {
  id
  name
  description
  scopes
  builtIn
  version
  createdAt
  updatedAt
}`,
});

/**
 * Changes how the people of the tenant sign in. What is left out stays.
 *
 * Requires the scopes sign-in-policy:read and sign-in-policy:write. A person must have signed in with two factors within the last 900 seconds.
 */
export const updateSignInPolicy = /*#__PURE__*/ mutation<T.UpdateSignInPolicyMutation, T.UpdateSignInPolicyMutationVariables, ['updateSignInPolicy'], 'UpdateSignInPolicySuccess', ErrorCodes>({
  name: 'UpdateSignInPolicy',
  hash: '7042451e3c9abe7ff527a49d018c6b7e3c6c24b466723cea02672d1d808423fb',
  path: ['updateSignInPolicy'],
  success: 'UpdateSignInPolicySuccess',
  errors: { InvalidInputError, VersionMismatchError },
  text: `mutation UpdateSignInPolicy($input: UpdateSignInPolicyInput!) {
  updateSignInPolicy(input: $input) {
    ... on UpdateSignInPolicySuccess {
      signInPolicy {
        ...SignInPolicyFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment SignInPolicyFields on SignInPolicy {
  registration
  mfa
  passwordMinLength
  argon2Memory
  argon2Passes
  argon2Lanes
  sessionIdleSeconds
  sessionSeconds
  maxSessions
  logoUri
  accentColor
  version
}`,
});

/**
 * Changes when signing keys are replaced. What is left out stays.
 *
 * Requires the scopes keys:read and keys:write. A person must have signed in with two factors within the last 900 seconds.
 */
export const updateSigningKeyPolicy = /*#__PURE__*/ mutation<T.UpdateSigningKeyPolicyMutation, T.UpdateSigningKeyPolicyMutationVariables, ['updateSigningKeyPolicy'], 'UpdateSigningKeyPolicySuccess', ErrorCodes>({
  name: 'UpdateSigningKeyPolicy',
  hash: '090941d739a7b285818e93d964f6d85ad7b7d20f53d6a95700757a4cd71f0354',
  path: ['updateSigningKeyPolicy'],
  success: 'UpdateSigningKeyPolicySuccess',
  errors: { InvalidInputError, VersionMismatchError },
  text: `mutation UpdateSigningKeyPolicy($input: UpdateSigningKeyPolicyInput!) {
  updateSigningKeyPolicy(input: $input) {
    ... on UpdateSigningKeyPolicySuccess {
      signingKeyPolicy {
        ...SigningKeyPolicyFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment SigningKeyPolicyFields on SigningKeyPolicy {
  rotationDays
  overlapSeconds
  version
}`,
});

/**
 * Changes a tenant's name or host. A new host is a new issuer.
 *
 * Requires the scope platform:tenants. A person must have signed in with two factors.
 */
export const updateTenant = /*#__PURE__*/ mutation<T.UpdateTenantMutation, T.UpdateTenantMutationVariables, ['updateTenant'], 'UpdateTenantSuccess', ErrorCodes>({
  name: 'UpdateTenant',
  hash: 'd486c7fd5ff08df40955612a0fe1e4ea0149a38a373151e83110d87a4f011ee0',
  path: ['updateTenant'],
  success: 'UpdateTenantSuccess',
  errors: { HostTakenError, InvalidInputError, TenantNotFoundError, VersionMismatchError },
  text: `mutation UpdateTenant($input: UpdateTenantInput!) {
  updateTenant(input: $input) {
    ... on UpdateTenantSuccess {
      tenant {
        ...TenantFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment TenantFields on Tenant {
  id
  slug
  host
  issuer
  name
  status
  version
  createdAt
  updatedAt
}`,
});

/**
 * Changes a user's profile. Fields that are left out stay; null clears.
 *
 * Requires the scopes users:read and users:write. A person must have signed in with two factors.
 */
export const updateUser = /*#__PURE__*/ mutation<T.UpdateUserMutation, T.UpdateUserMutationVariables, ['updateUser'], 'UpdateUserSuccess', ErrorCodes>({
  name: 'UpdateUser',
  hash: '26b4f53f7302c8ed91cbfabc3b72bb2864768b6438497f9687a5a99583bb9b90',
  path: ['updateUser'],
  success: 'UpdateUserSuccess',
  errors: { EmailTakenError, InvalidInputError, OutranksCallerError, UserNotFoundError, VersionMismatchError },
  text: `mutation UpdateUser($input: UpdateUserInput!) {
  updateUser(input: $input) {
    ... on UpdateUserSuccess {
      user {
        ...UserFields
      }
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}

fragment UserFields on User {
  id
  email
  emailVerified
  displayName
  givenName
  familyName
  status
  locale
  attributes
  version
  createdAt
  updatedAt
}`,
});

/**
 * Shows by the link that was sent that an address is read by its user; one that they asked for becomes theirs, while they are signed in.
 */
export const verifyEmail = /*#__PURE__*/ mutation<T.VerifyEmailMutation, T.VerifyEmailMutationVariables, ['verifyEmail'], 'VerifyEmailSuccess', ErrorCodes>({
  name: 'VerifyEmail',
  hash: '30d9faa423cd8d2fd5ca9db7f4541aba062384e796a52f0ad568d8ad42708f98',
  path: ['verifyEmail'],
  success: 'VerifyEmailSuccess',
  errors: { EmailTakenError, InvalidInputError, LinkNotValidError, LinkWantsSignInError, TenantNotOpenError },
  text: `mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    ... on VerifyEmailSuccess {
      email
    }
    ...Problem
  }
}

fragment Problem on Error {
  code
  message
  ... on InvalidInputError {
    fields {
      path
      message
    }
  }
  __typename
}`,
});
