/** What of a client goes together: by its type and by its other settings. Pure, one rule an entry. */
import type { FieldProblem } from '#kernel/errors.ts';
import {
  type ClientAuthMethod,
  type ClientSettings,
  type ClientType,
  DEVICE_CODE,
  GRANT_TYPES,
  TOKEN_EXCHANGE,
} from './clients.model.ts';
import { webRedirectProblem } from './redirect-uris.ts';

interface TypeRules {
  /** The first is the default. */
  readonly authMethods: readonly ClientAuthMethod[];
  readonly grantTypes: readonly string[];
  readonly defaultGrants: readonly string[];
}

const CONFIDENTIAL: readonly ClientAuthMethod[] = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
];
const FOR_PEOPLE = ['authorization_code', 'refresh_token'];

/** What runs on people's devices can keep no secret (RFC 6749, 2.1); nobody signs in to a service. */
const TYPES: Readonly<Record<ClientType, TypeRules>> = {
  WEB: { authMethods: CONFIDENTIAL, grantTypes: GRANT_TYPES, defaultGrants: FOR_PEOPLE },
  SPA: { authMethods: ['none'], grantTypes: FOR_PEOPLE, defaultGrants: FOR_PEOPLE },
  NATIVE: {
    authMethods: ['none'],
    grantTypes: [...FOR_PEOPLE, DEVICE_CODE],
    defaultGrants: FOR_PEOPLE,
  },
  SERVICE: {
    authMethods: CONFIDENTIAL,
    grantTypes: ['client_credentials', TOKEN_EXCHANGE],
    defaultGrants: ['client_credentials'],
  },
};

const DAY = 86_400;

/** A client of this type, as far as nothing else is said. */
export function defaultsOf(
  type: ClientType,
  grantTypes: readonly string[] = TYPES[type].defaultGrants,
): Omit<ClientSettings, 'name'> {
  const aboutPeople = ['openid', 'profile', 'email'];
  const offline = grantTypes.includes('refresh_token') ? ['offline_access'] : [];
  return {
    type,
    firstParty: false,
    publisher: null,
    redirectUris: [],
    postLogoutRedirectUris: [],
    grantTypes,
    tokenEndpointAuthMethod: TYPES[type].authMethods[0] as ClientAuthMethod,
    jwks: null,
    jwksUri: null,
    identityScopes: type === 'SERVICE' ? [] : [...aboutPeople, ...offline].sort(),
    apiScopes: [],
    idTokenAlg: 'RS256',
    refreshRotation: true,
    refreshIdleSeconds: 14 * DAY,
    refreshSeconds: 90 * DAY,
    requireDpop: false,
    requirePar: false,
    logoUri: null,
    clientUri: null,
    policyUri: null,
    termsUri: null,
    backchannelLogoutUri: null,
  };
}

/** Whether it authenticates by a secret that we know the hash of. */
export function hasSecret({
  tokenEndpointAuthMethod: method,
}: Pick<ClientSettings, 'tokenEndpointAuthMethod'>): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post';
}

/** One problem a setting that does not fit; none when the client is good. */
export function clientProblems(client: ClientSettings): FieldProblem[] {
  return [...RULES.filter((rule) => rule.isBroken(client)), ...itemProblems(client)].map(
    ({ path, message }) => ({ path, message }),
  );
}

/** A code has to go somewhere. */
export const returnAddress = {
  path: 'redirectUris',
  message: 'must hold a URI that authorization_code returns to',
  isBroken: ({ grantTypes, redirectUris }: Pick<ClientSettings, 'grantTypes' | 'redirectUris'>) =>
    grantTypes.includes('authorization_code') && redirectUris.length === 0,
};

const isService = ({ type }: ClientSettings) => type === 'SERVICE';

const RULES: readonly (FieldProblem & { isBroken(client: ClientSettings): boolean })[] = [
  returnAddress,
  ...(['redirectUris', 'postLogoutRedirectUris', 'identityScopes'] as const).map((path) => ({
    path,
    message: 'must be empty for SERVICE: nobody signs in to it',
    isBroken: (client: ClientSettings) => isService(client) && client[path].length > 0,
  })),
  {
    path: 'firstParty',
    message: 'must be false for SERVICE: nobody is asked for consent anyhow',
    isBroken: (client) => isService(client) && client.firstParty,
  },
  {
    path: 'grantTypes',
    message: 'must hold at least one',
    isBroken: ({ grantTypes }) => grantTypes.length === 0,
  },
  {
    path: 'grantTypes',
    message: `must hold authorization_code or ${DEVICE_CODE} beside refresh_token`,
    isBroken: ({ grantTypes }) =>
      grantTypes.includes('refresh_token') &&
      !grantTypes.includes('authorization_code') &&
      !grantTypes.includes(DEVICE_CODE),
  },
  {
    path: 'tokenEndpointAuthMethod',
    message: 'must be none for SPA and NATIVE, which keep no secret, and not none for the others',
    isBroken: ({ type, tokenEndpointAuthMethod }) =>
      !TYPES[type].authMethods.includes(tokenEndpointAuthMethod),
  },
  {
    path: 'jwks',
    message: 'must be given for private_key_jwt, either it or jwksUri, and for nothing else',
    isBroken: ({ jwks, jwksUri, tokenEndpointAuthMethod }) =>
      [jwks, jwksUri].filter((one) => one !== null).length !==
      (tokenEndpointAuthMethod === 'private_key_jwt' ? 1 : 0),
  },
  {
    // OAuth 2.1, 4.3.1: a stolen refresh token of a public client must not work unnoticed.
    path: 'refreshRotation',
    message: 'must be true for SPA and NATIVE, unless requireDpop is',
    isBroken: ({ tokenEndpointAuthMethod, refreshRotation, requireDpop }) =>
      tokenEndpointAuthMethod === 'none' && !refreshRotation && !requireDpop,
  },
  {
    path: 'refreshIdleSeconds',
    message: 'must not be more than refreshSeconds',
    isBroken: ({ refreshIdleSeconds, refreshSeconds }) => refreshIdleSeconds > refreshSeconds,
  },
];

function itemProblems(client: ClientSettings): FieldProblem[] {
  const { type, grantTypes } = client;
  const allowed = TYPES[type].grantTypes;
  const grants = grantTypes
    .filter((grant) => !allowed.includes(grant))
    .map((grant) => ({
      path: `grantTypes.${grantTypes.indexOf(grant)}`,
      message: `must be one of ${allowed.join(', ')} for ${type}`,
    }));
  if (type === 'NATIVE') return grants;
  const uris = (['redirectUris', 'postLogoutRedirectUris'] as const).flatMap((list) =>
    client[list].flatMap((uri, n) => {
      const message = webRedirectProblem(uri);
      return message ? [{ path: `${list}.${n}`, message }] : [];
    }),
  );
  return [...grants, ...uris];
}
