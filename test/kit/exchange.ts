/** Token exchange as clients ask for it (RFC 8693), and the tokens that they exchange. */
import type { House } from './house.ts';
import type { MadeTenant } from './make.ts';
import type { Person } from './people.ts';
import { type MadeClient, relyingParty, signInTo } from './relying-party.ts';
import { basic, type Told, tell } from './token-endpoint.ts';

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
export const USER_ID = 'urn:signet:token-type:user-id';

type Fields = Readonly<Record<string, string>>;

export interface Exchanging {
  /** Signs in to the client. */
  tokenOf(
    who: Person,
    client: MadeClient,
    scope: string,
    resource?: string,
  ): Promise<{ token: string; refresh: string }>;
  exchanged(client: MadeClient, fields: Fields, headers?: Fields): Promise<Told>;
  /** The client acts for whose token it is. */
  delegate(client: MadeClient, token: string, more?: Fields): Promise<Told>;
  /** Whose token it is acts for the user. */
  impersonate(client: MadeClient, token: string, subject: string, more?: Fields): Promise<Told>;
}

export function exchanging(house: House, tenant: MadeTenant): Exchanging {
  const exchanged: Exchanging['exchanged'] = (client, fields, headers = {}) =>
    tell(
      house,
      tenant,
      '/oauth2/token',
      { grant_type: EXCHANGE, ...fields },
      { ...basic(client), ...headers },
    );
  return {
    async tokenOf(who, client, scope, resource) {
      const config = await relyingParty(house, tenant, client);
      const asked = { scope: `openid ${scope}`, ...(resource ? { resource } : {}) };
      const { tokens } = await signInTo(house, config, who, asked);
      return { token: tokens.access_token, refresh: tokens.refresh_token ?? '' };
    },
    exchanged,
    delegate: (client, token, more = {}) =>
      exchanged(client, { subject_token: token, subject_token_type: ACCESS_TOKEN, ...more }),
    impersonate: (client, token, subject, more = {}) =>
      exchanged(client, {
        subject_token: subject,
        subject_token_type: USER_ID,
        actor_token: token,
        actor_token_type: ACCESS_TOKEN,
        ...more,
      }),
  };
}
