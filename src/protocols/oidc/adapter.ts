/** Which table stands behind which model of the engine. */
import type { Adapter } from 'oidc-provider';
import { clients } from './clients.adapter.ts';
import { codes } from './codes.store.ts';
import type { ModelAdapter } from './engine.ts';
import { grants } from './grants.adapter.ts';
import { engineSessions, interactions } from './interactions.store.ts';
import { endGrant } from './protocol-events.ts';
import { tokens } from './tokens.store.ts';

const MODELS: Readonly<Record<string, ModelAdapter>> = {
  Client: clients,
  Grant: grants,
  Session: engineSessions,
  Interaction: interactions,
  AuthorizationCode: codes('AuthorizationCode'),
  DeviceCode: codes('DeviceCode'),
  PushedAuthorizationRequest: codes('PushedAuthorizationRequest'),
  RefreshToken: tokens('RefreshToken'),
  AccessToken: tokens('AccessToken'),
  ClientCredentials: tokens('ClientCredentials'),
  InitialAccessToken: tokens('InitialAccessToken'),
  RegistrationAccessToken: tokens('RegistrationAccessToken'),
};

export function adapterOf(model: string): Adapter {
  const own = MODELS[model] ?? {};
  const never = async () => {
    throw new Error(`the engine asks of ${model} what we do not keep`);
  };
  return {
    upsert: (id, payload, expiresIn) =>
      own.upsert?.(id, payload, expiresIn ?? Number.NaN) ?? never(),
    find: (id) => own.find?.(id) ?? never(),
    findByUid: (uid) => own.findByUid?.(uid) ?? never(),
    findByUserCode: (userCode) => own.findByUserCode?.(userCode) ?? never(),
    consume: (id) => own.consume?.(id) ?? never(),
    destroy: (id) => own.destroy?.(id) ?? never(),
    // Every token asks whether its grant is still good, so one statement ends them all.
    async revokeByGrantId(grantId) {
      await endGrant(grantId);
    },
  };
}
