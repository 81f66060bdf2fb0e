/** One issuer: the engine for one tenant, and where it must do as we do. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { takesRegistrations } from '#features/client-registrations/client-registrations.store.ts';
import { newId } from '#kernel/ids.ts';
import { backchannelLogout, type TellOfLogout } from './backchannel-logout.ts';
import { useFreshKeysOnly } from './client-assertions.ts';
import { rememberClients } from './clients.adapter.ts';
import { configurationOf, type IssuerMeans, type IssuerSettings, ROUTES } from './configuration.ts';
import { current, engineTime } from './current.ts';
import { limitUserCodes } from './device-codes.ts';
import { type Engine, entitiesOf, type Provider, paramsOf, routeOf } from './engine.ts';
import { tellTrouble } from './oidc-problem.ts';
import { dressForms } from './pages.ts';
import { plainClientCredentials } from './plain-client-credentials.ts';
import { plainIntrospection } from './plain-introspection.ts';
import type { Shortcut } from './plain-requests.ts';
import { tellTheLog } from './protocol-events.ts';
import { followOurSessions } from './sessions.engine.ts';
import { spend } from './spent.store.ts';
import { tellOfStructuredTokens } from './structured-tokens.ts';
import { allowTokenExchange } from './token-exchange.grant.ts';
import { rotateWithAccessTokens, successor } from './tokens.store.ts';

export function makeProvider(
  engine: Engine,
  settings: IssuerSettings,
  means: IssuerMeans,
): {
  readonly provider: Provider;
  readonly tellOfLogout: TellOfLogout;
  /** By the path below the issuer. */
  readonly shortcuts: ReadonlyMap<string, Shortcut>;
} {
  const provider = new engine.Provider(settings.issuer, configurationOf(engine, settings, means));
  // The door has made of the request what the issuer says; nothing that a stranger sent is left.
  provider.proxy = true;
  provider.silent = true;
  provider.use(dressForms as Parameters<Provider['use']>[0]);
  provider.on('server_error', (koa, error) => {
    tellTrouble(koa, error);
    current().log.error({ err: error, requestId: current().requestId }, 'the engine failed');
  });
  limitUserCodes(provider);
  followOurSessions(provider, settings.slug);
  rememberClients(provider);
  rotateWithAccessTokens(provider);
  tellOfStructuredTokens(provider, means.verified);
  allowTokenExchange(provider, means.verified);
  tellTheLog(provider);
  provider.use(tellOfRegistration(settings.issuer));
  provider.use(challenge(settings.issuer));
  provider.Client.prototype.compareClientSecret = compareSecret;
  // Every token names the session that it was made in, whether or not the client hears of its end.
  provider.Client.prototype.includeSid = () => true;
  useFreshKeysOnly(provider);
  refuseForeignGrants(engine, provider);
  const grant = provider.Grant.prototype as unknown as NamesItself;
  grant.generateTokenId = () => newId();
  const refresh = provider.RefreshToken.prototype as unknown as NamesItself;
  const random = refresh.generateTokenId;
  refresh.generateTokenId = function () {
    const rotated = entitiesOf()?.RotatedRefreshToken;
    return rotated ? successor(rotated.jti) : random.call(this);
  };
  provider.ReplayDetection.unique = (issuer: string, jti: string, expires = 0) =>
    spend(
      current(),
      `jti ${issuer}`,
      jti,
      new Date(Math.max(expires * 1000, engineTime()) + SKEW_MS),
    );
  return {
    provider,
    tellOfLogout: backchannelLogout(provider),
    shortcuts: new Map([
      [ROUTES.introspection, plainIntrospection(provider, means.verified)],
      [ROUTES.token, plainClientCredentials(provider)],
    ]),
  };
}

/** The engine's models choose their own ids; its types do not say so. */
interface NamesItself {
  generateTokenId(): string;
}

/** The engine takes proofs that are five minutes ahead, and would forget them five minutes from now. */
const SKEW_MS = 300_000;

/** Only digests are stored; of several, any that is still good. In constant time. */
function compareSecret(this: { clientSecret?: string | undefined }, presented: string): boolean {
  const digest = hash('sha256', presented, 'buffer');
  return (this.clientSecret ?? '')
    .split(' ')
    .map((stored) => Buffer.from(stored, 'base64url'))
    .map((stored) => stored.length === digest.length && timingSafeEqual(stored, digest))
    .includes(true);
}

/**
 * RFC 9110, 11.6.1: a 401 says how to do better, also to a client that has tried nothing. Whoever
 * authenticates in two ways has done it in none (RFC 6749, 2.3), and is told and counted as such.
 */
function challenge(issuer: string): Parameters<Provider['use']>[0] {
  return async (koa, next) => {
    await next();
    if (koa.status === 400 && authenticatesTwice(koa as KoaContextWithOIDC)) {
      koa.status = 401;
      (koa.body as { error: string }).error = 'invalid_client';
    }
    if (koa.status === 401 && !koa.response.get('www-authenticate'))
      koa.set('www-authenticate', `Basic realm="${issuer}"`);
  };
}

/** RFC 8414, 2: only where clients may register just now. */
function tellOfRegistration(issuer: string): Parameters<Provider['use']>[0] {
  return async (koa, next) => {
    await next();
    const { oidc } = koa as Partial<KoaContextWithOIDC>;
    if (oidc?.route !== 'discovery' || koa.status !== 200) return;
    if (await takesRegistrations(current()))
      koa.body = { ...(koa.body as object), registration_endpoint: `${issuer}/oauth2/register` };
  };
}

function authenticatesTwice({ oidc, headers }: KoaContextWithOIDC): boolean {
  const { client_secret: secret, client_assertion: assertion } = oidc?.params ?? {};
  return [headers.authorization, secret, assertion].filter(Boolean).length > 1;
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
