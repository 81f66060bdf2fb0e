/** Clients that register themselves, as raw HTTP. */
import type { House, Instance } from './house.ts';
import { PUBLIC_URL } from './house.ts';
import { type MadeTenant, type Make, run } from './make.ts';
import { CALLBACK } from './relying-party.ts';
import type { Told } from './token-endpoint.ts';
import { send } from './wire.ts';

export interface Registered {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly registration_access_token: string;
  readonly registration_client_uri: string;
}

export const WEB_APP = { client_name: 'App', redirect_uris: [CALLBACK] };

/** Lets clients register; `policy` is what the tenant allows beyond. */
export async function openRegistration(tenant: MadeTenant, policy: object = {}): Promise<void> {
  const selection = 'clientRegistrationPolicy { enabled }';
  await run(tenant, 'updateClientRegistrationPolicy', selection, { enabled: true, ...policy });
}

/** A tenant that takes registrations, and a token for a hundred of them. */
export async function takesRegistrations(
  house: House,
  make: Make,
  { policy = {}, token = {} }: { readonly policy?: object; readonly token?: object } = {},
) {
  const tenant = await make.tenant();
  await openRegistration(tenant, policy);
  const initial = await make.initialAccessToken(tenant, { maxClients: 100, ...token });
  const register = (body: unknown, headers = {}) =>
    ask(house, tenant, 'POST', initial.token, { body, headers });
  return { tenant, initial, register };
}

/** Status, error and description. */
export async function refusal(asked: Promise<Told>): Promise<readonly unknown[]> {
  const { status, body } = await asked;
  return [status, body['error'], body['error_description']];
}

/** Asks below /oauth2/register; `path` is empty, or a slash and the id of a client. */
export async function ask(
  house: Instance,
  tenant: Pick<MadeTenant, 'slug'>,
  method: string,
  token: string | null,
  { path = '', body, headers = {} }: Asking = {},
): Promise<Told> {
  const answer = await send(house.url, {
    method,
    path: `/t/${tenant.slug}/oauth2/register${path}`,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { ...answer, body: answer.text === '' ? {} : JSON.parse(answer.text) };
}

interface Asking {
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Throws when it is refused. */
export async function registered(
  house: House,
  tenant: MadeTenant,
  token: string,
  metadata: object = WEB_APP,
): Promise<Registered> {
  const { status, body, text } = await ask(house, tenant, 'POST', token, { body: metadata });
  if (status !== 201) throw new Error(`not registered: ${text}`);
  return body as unknown as Registered;
}

/** GET, PUT or DELETE at the address that it was told, with the token that it was given. */
export function manage(
  house: House,
  tenant: Pick<MadeTenant, 'slug'>,
  client: Registered,
  method: string,
  body?: unknown,
): Promise<Told> {
  const root = `${PUBLIC_URL}/t/${tenant.slug}/oauth2/register`;
  const path = client.registration_client_uri.replace(root, '');
  return ask(house, tenant, method, client.registration_access_token, { path, body });
}
