/** The makers of what OAuth is about: clients, the APIs that tokens are made for, consents. */
import { grantConsent } from '#features/consents/consents.commands.ts';
import type { ResourceScopes } from '#features/grants/grants.model.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import type { Caller } from './as.ts';
import { contextOf } from './context.ts';
import type { House } from './house.ts';
import type { Made, MadeNamed, MadeTenant, MadeUser } from './make.ts';

export interface MadeClient extends MadeNamed {
  readonly uuid: string;
  /** Null for a client without one. */
  readonly secret: string | null;
}

export interface MadeResource extends MadeNamed {
  readonly identifier: string;
}

export interface MadeToken extends MadeNamed {
  /** With which a client registers itself. */
  readonly token: string;
}

export interface MakeOAuth {
  /** A WEB client that returns to https://app.example.com/callback, unless told otherwise. */
  client(tenant: Caller, input?: object): Promise<MadeClient>;
  /** An API of a name of its own, unless told otherwise. */
  resource(tenant: Caller, input?: object): Promise<MadeResource>;
  /** For one client and for a week, unless told otherwise. */
  initialAccessToken(tenant: Caller, input?: object): Promise<MadeToken>;
  /** As if the user had agreed on the consent page: to `openid` unless told otherwise. */
  consent(
    tenant: MadeTenant,
    user: MadeUser,
    client: MadeClient,
    given?: { scopes?: readonly string[]; resourceScopes?: ResourceScopes },
  ): Promise<Made>;
}

const WEB_CLIENT = { type: 'WEB', redirectUris: ['https://app.example.com/callback'] };

interface Means {
  /** A name that nothing else has. */
  next(kind: string): string;
  run<T>(caller: Caller, mutation: string, selection: string, input: object): Promise<T>;
}

export function oauthMakers(house: House, { next, run }: Means): MakeOAuth {
  return {
    async client(tenant, input = {}) {
      const { client, secret } = await run<{ client: MadeNamed; secret: string | null }>(
        tenant,
        'createClient',
        'client { id name version } secret',
        { name: next('client'), ...WEB_CLIENT, ...input },
      );
      return { ...client, secret, uuid: decodeId('client', client.id) ?? '' };
    },
    async resource(tenant, input = {}) {
      const name = next('api');
      const { resource } = await run<{ resource: MadeResource }>(
        tenant,
        'createResource',
        'resource { id name version identifier }',
        { name, identifier: `https://${name}.example.com`, ...input },
      );
      return resource;
    },
    async initialAccessToken(tenant, input = {}) {
      const { initialAccessToken, token } = await run<{
        initialAccessToken: MadeNamed;
        token: string;
      }>(tenant, 'createInitialAccessToken', 'initialAccessToken { id name } token', {
        name: next('initial-access-token'),
        ...input,
      });
      return { ...initialAccessToken, token };
    },
    async consent(tenant, user, client, { scopes = ['openid'], resourceScopes = {} } = {}) {
      const ctx = await contextOf(house, { tenantId: tenant.uuid });
      const given = { userId: user.uuid, clientId: client.uuid, scopes, resourceScopes };
      const consent = await ctx.db.transaction(() => grantConsent(ctx, given), {
        tenantId: tenant.uuid,
      });
      if (!consent) throw new Error('the consent was not taken');
      return { id: encodeId('consent', consent.id) };
    },
  };
}
