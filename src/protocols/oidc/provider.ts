/** One issuer: the engine for one tenant, and where it must do as we do. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { newId } from '#kernel/ids.ts';
import { backchannelLogout, type TellOfLogout } from './backchannel-logout.ts';
import { configurationOf, type IssuerSettings } from './configuration.ts';
import { current, engineTime } from './current.ts';
import { type Engine, entitiesOf, type Provider, paramsOf, routeOf } from './engine.ts';
import { dressForms } from './pages.ts';
import { followOurSessions } from './sessions.engine.ts';
import { spend } from './spent.store.ts';
import { successor } from './tokens.store.ts';

export function makeProvider(
  engine: Engine,
  settings: IssuerSettings,
): { readonly provider: Provider; readonly tellOfLogout: TellOfLogout } {
  const provider = new engine.Provider(settings.issuer, configurationOf(engine, settings));
  // The door has made of the request what the issuer says; nothing that a stranger sent is left.
  provider.proxy = true;
  provider.silent = true;
  provider.use(dressForms as Parameters<Provider['use']>[0]);
  provider.on('server_error', (_koa, error) => {
    current().log.error({ err: error, requestId: current().requestId }, 'the engine failed');
  });
  followOurSessions(provider, settings.slug);
  provider.Client.prototype.compareClientSecret = compareSecret;
  refuseForeignGrants(engine, provider);
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
  return { provider, tellOfLogout: backchannelLogout(provider) };
}

/** The engine's models choose their own ids; its types do not say so. */
interface NamesItself {
  generateTokenId(): string;
}

/** Only digests are stored; of several, any that is still good. In constant time. */
function compareSecret(this: { clientSecret?: string | undefined }, presented: string): boolean {
  const digest = createHash('sha256').update(presented).digest();
  return (this.clientSecret ?? '')
    .split(' ')
    .map((stored) => Buffer.from(stored, 'base64url'))
    .map((stored) => stored.length === digest.length && timingSafeEqual(stored, digest))
    .includes(true);
}

/** What is no grant of the client's is told as RFC 6749, 5.2 has it. */
function refuseForeignGrants({ errors }: Engine, { Client }: Provider): void {
  const { grantTypeAllowed } = Client.prototype;
  Client.prototype.grantTypeAllowed = function (type) {
    const allowed = grantTypeAllowed.call(this, type);
    if (!allowed && routeOf() === 'token' && paramsOf()?.['grant_type'] === type)
      throw new errors.UnauthorizedClient('the client may not use this grant type');
    return allowed;
  };
}
