/**
 * What a client says of itself (RFC 7591, 2; OpenID Connect Dynamic Client Registration, 2), as the
 * settings that our commands take. Whether they are good is the commands' to say; what is not understood
 * is left out.
 */
import type { ClientRegistrationPolicyRow } from '#features/client-registrations/client-registrations.model.ts';
import { assertAllowed } from '#features/client-registrations/client-registrations.policy.ts';
import {
  type ClientRow,
  type ClientSettings,
  type ClientType,
  DEVICE_CODE,
  IDENTITY_SCOPES,
} from '#features/clients/clients.model.ts';
import { defaultsOf } from '#features/clients/clients.rules.ts';
import { webRedirectProblem } from '#features/clients/redirect-uris.ts';
import { resourcesOf } from '#features/resources/resources.queries.ts';
import type { Context } from '#kernel/context.ts';
import { type FieldProblem, InvalidInput } from '#kernel/errors.ts';
import { isScope } from '#kernel/scopes.ts';

export type Metadata = Readonly<Record<string, unknown>>;

/** Metadata that is a setting, whatever its value; null and absent are the same (RFC 7592, 2.2). */
const DIRECT = {
  client_name: 'name',
  redirect_uris: 'redirectUris',
  post_logout_redirect_uris: 'postLogoutRedirectUris',
  grant_types: 'grantTypes',
  token_endpoint_auth_method: 'tokenEndpointAuthMethod',
  jwks: 'jwks',
  jwks_uri: 'jwksUri',
  id_token_signed_response_alg: 'idTokenAlg',
  dpop_bound_access_tokens: 'requireDpop',
  require_pushed_authorization_requests: 'requirePar',
  logo_uri: 'logoUri',
  client_uri: 'clientUri',
  policy_uri: 'policyUri',
  tos_uri: 'termsUri',
  backchannel_logout_uri: 'backchannelLogoutUri',
} as const;

/** How metadata that is several settings is called where those are wrong. */
const TOLD_AS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(DIRECT).map(([told, setting]) => [setting, told])),
  identityScopes: 'scope',
  apiScopes: 'scope',
  type: 'application_type',
};

const NAMELESS = 'An application without a name';

/** What it is to be from now on: every setting that metadata can say. Throws `InvalidInput`. */
export async function settingsOf(
  ctx: Context,
  said: Metadata,
  policy: ClientRegistrationPolicyRow,
  before: ClientRow | null,
): Promise<Record<string, unknown>> {
  const metadata = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
  const type = before?.type ?? typeOf(metadata);
  const problems = [...shapeProblems(metadata), ...(before ? typeProblems(metadata, before) : [])];
  if (problems.length > 0) throw new InvalidInput(problems);
  const direct = Object.entries(DIRECT)
    .filter(([told]) => told in metadata)
    .map(([told, setting]) => [setting, metadata[told]] as const);
  // RFC 7591, 2: codes alone, unless told; a service is none for having told otherwise.
  const grantTypes = texts(metadata['grant_types']) ?? ['authorization_code'];
  const defaults: Readonly<Record<string, unknown>> = {
    ...defaultsOf(type, grantTypes),
    name: NAMELESS,
  };
  const identityScopes = defaultsOf(type, grantTypes).identityScopes.filter((one) =>
    policy.identityScopes.includes(one),
  );
  const settings = {
    ...(before ? {} : { type }),
    ...Object.fromEntries(Object.values(DIRECT).map((setting) => [setting, defaults[setting]])),
    ...Object.fromEntries(direct),
    identityScopes,
    apiScopes: [],
    ...(await scopesOf(ctx, metadata['scope'], before?.audiences ?? policy.audiences)),
  };
  assertAllowed(policy, listsIn(settings));
  return settings;
}

/** The shapes are the commands' to judge: what is no list of texts is allowed nobody by them. */
function listsIn(settings: Readonly<Record<string, unknown>>): Partial<ClientSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => texts(value)));
}

/** Where it runs, which never changes. */
function typeOf(metadata: Metadata): ClientType {
  const grants = texts(metadata['grant_types']) ?? ['authorization_code'];
  const forPeople = ['authorization_code', 'refresh_token', DEVICE_CODE];
  if (!grants.some((grant) => forPeople.includes(grant))) return 'SERVICE';
  if (metadata['application_type'] === 'native') return 'NATIVE';
  if (metadata['token_endpoint_auth_method'] !== 'none') return 'WEB';
  if (metadata['application_type'] === 'web') return 'SPA';
  const uris = texts(metadata['redirect_uris']) ?? [];
  const onDevice = uris.length > 0 ? uris.every(leadsToDevice) : grants.includes(DEVICE_CODE);
  return onDevice ? 'NATIVE' : 'SPA';
}

/** RFC 8252, 7: to a port of this machine, or to an app by its scheme. */
function leadsToDevice(uri: string): boolean {
  return uri.startsWith('http:') || webRedirectProblem(uri) !== null;
}

/** What the commands do not look at. */
function shapeProblems(metadata: Metadata): FieldProblem[] {
  const { scope, application_type: runs, response_types: answers } = metadata;
  const problem = (path: string, message: string) => [{ path, message }];
  return [
    ...(scope === undefined || typeof scope === 'string'
      ? []
      : problem('scope', 'must be one text, scopes with a space between them')),
    ...(runs === undefined || runs === 'web' || runs === 'native'
      ? []
      : problem('application_type', 'must be web or native')),
    ...(answers === undefined || texts(answers)?.every((one) => one === 'code')
      ? []
      : problem('response_types', 'must hold code and nothing else')),
  ];
}

function typeProblems({ application_type: runs }: Metadata, { type }: ClientRow): FieldProblem[] {
  return runs === undefined || (runs === 'native') === (type === 'NATIVE')
    ? []
    : [{ path: 'application_type', message: 'never changes: register another client' }];
}

/** Scopes of APIs come with the APIs; the others must be ours. */
async function scopesOf(
  ctx: Context,
  scope: unknown,
  audiences: readonly string[],
): Promise<{ identityScopes?: string[]; apiScopes?: string[] }> {
  if (typeof scope !== 'string') return {};
  const asked = [...new Set(scope.split(' ').filter((one) => one !== ''))];
  const ofApis = new Set(await scopesOfApis(ctx, audiences));
  const known = (one: string) => IDENTITY_SCOPES.includes(one) || isScope(one) || ofApis.has(one);
  const unknown = asked.find((one) => !known(one));
  if (unknown !== undefined)
    throw new InvalidInput([
      { path: 'scope', message: `holds ${unknown.slice(0, 100)}, which is no scope here` },
    ]);
  return {
    identityScopes: asked.filter((one) => IDENTITY_SCOPES.includes(one)),
    apiScopes: asked.filter((one) => isScope(one)),
  };
}

/** Of these API resources. */
export async function scopesOfApis(
  ctx: Context,
  audiences: readonly string[],
): Promise<readonly string[]> {
  if (audiences.length === 0) return [];
  const resources = await resourcesOf(ctx, ctx.tenantId, audiences);
  return resources.flatMap(({ scopes }) => scopes.map(({ name }) => name));
}

/** Problems of settings in the words of metadata: names, and the texts that name settings. */
export function inMetadata({ path, message }: FieldProblem): FieldProblem {
  const [setting = '', ...rest] = path.split('.');
  const told = TOLD_AS[setting] ?? setting;
  return {
    path: [told, ...(told === 'scope' ? [] : rest)].join('.'),
    message: message.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, (name) => TOLD_AS[name] ?? name),
  };
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}
