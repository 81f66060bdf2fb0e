/** One issuer: the engine for one tenant, and where it must do as we do. */
import { hash, timingSafeEqual } from 'node:crypto';
import { newId } from '#kernel/ids.ts';
import { rememberClients } from './clients.adapter.ts';
import { configurationOf, type IssuerSettings } from './configuration.ts';
import { current, engineTime } from './current.ts';
import { type Engine, entitiesOf, type Provider } from './engine.ts';
import { tellTrouble } from './oidc-problem.ts';
import { followOurSessions } from './sessions.engine.ts';
import { spend } from './spent.store.ts';
import { rotateWithAccessTokens, successor } from './tokens.store.ts';

export function makeProvider(engine: Engine, settings: IssuerSettings): Provider {
  const provider = new engine.Provider(settings.issuer, configurationOf(engine, settings));
  // The door has made of the request what the issuer says; nothing that a stranger sent is left.
  provider.proxy = true;
  provider.silent = true;
  provider.on('server_error', (koa, error) => {
    tellTrouble(koa, error);
    current().log.error({ err: error, requestId: current().requestId }, 'the engine failed');
  });
  followOurSessions(provider, settings.slug);
  rememberClients(provider);
  rotateWithAccessTokens(provider);
  provider.Client.prototype.compareClientSecret = compareSecret;
  const grant = provider.Grant.prototype as unknown as NamesItself;
  grant.generateTokenId = () => newId();
  const refresh = provider.RefreshToken.prototype as unknown as NamesItself;
  const random = refresh.generateTokenId;
  refresh.generateTokenId = function () {
    const rotated = entitiesOf()?.RotatedRefreshToken;
    return rotated ? successor(rotated.jti) : random.call(this);
  };
  provider.ReplayDetection.unique = (issuer: string, jti: string, expires?: number) =>
    spend(`jti ${issuer}`, jti, new Date((expires ?? engineTime() / 1000 + 3600) * 1000));
  return provider;
}

/** The engine's models choose their own ids; its types do not say so. */
interface NamesItself {
  generateTokenId(): string;
}

/** Only digests are stored; of several, any that is still good. In constant time. */
function compareSecret(this: { clientSecret?: string | undefined }, presented: string): boolean {
  const digest = hash('sha256', presented, 'buffer');
  return (this.clientSecret ?? '')
    .split(' ')
    .map((stored) => Buffer.from(stored, 'base64url'))
    .map((stored) => stored.length === digest.length && timingSafeEqual(stored, digest))
    .includes(true);
}
