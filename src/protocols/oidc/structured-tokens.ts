/**
 * What is asked of JWT access tokens at the endpoints of introspection (RFC 7662) and revocation
 * (RFC 7009). The engine keeps none of them; what they say and whether they still count is ours.
 */
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { current } from './current.ts';
import { loadEngine, onStructuredTokens, type Provider } from './engine.ts';
import { tookBack } from './protocol-events.ts';
import { takeBack } from './spent.store.ts';
import { standingOf, type TokenClaims } from './token-actors.ts';
import { looksLikeJwt, type VerifiedTokens } from './verified-tokens.ts';

/** Seconds that a verifier may be wrong about the time: as long must be known what was taken back. */
const LEEWAY = 60;

export function tellOfStructuredTokens(provider: Provider, verified: VerifiedTokens): void {
  onStructuredTokens(provider, async (koa, next) => {
    const token = String(koa.oidc.params?.['token']);
    if (!looksLikeJwt(token)) return next();
    const claims = await ownToken(provider, verified, token);
    if (koa.oidc.route === 'revocation') await revoke(koa, claims);
    else koa.body = (await introspected(koa.oidc.client as Client, claims)) ?? { active: false };
  });
}

/** What a JWT says that this issuer made; null for any other. */
export async function ownToken(
  { issuer }: Provider,
  verified: VerifiedTokens,
  token: string,
): Promise<TokenClaims | null> {
  const found = await verified.read(token);
  const own = found?.tenant.id === current().tenantId && found.issuer === issuer;
  return own ? found.claims : null;
}

/** Who may know of a token: whom it was made for, and the API that it is shown to. */
export function mayIntrospect(client: Client, token: { clientId: string; audience: unknown }) {
  if (client.clientAuthMethod === 'none') return false;
  const audiences = client['signet_audiences'] as readonly string[] | undefined;
  const { clientId, audience } = token;
  return (
    clientId === client.clientId ||
    (typeof audience === 'string' && audiences?.includes(audience) === true)
  );
}

/** What this client is told of a token of ours; null: nothing. */
export async function introspected(
  client: Client,
  claims: TokenClaims | null,
): Promise<object | null> {
  const ctx = current();
  if (!claims || claims.exp <= ctx.clock.ms() / 1000) return null;
  const asked = { clientId: claims.client_id, audience: claims.aud };
  if (!mayIntrospect(client, asked)) return null;
  if (!(await standingOf(ctx, ctx.tenantId, claims))) return null;
  const { preferred_username: username, ...said } = claims;
  return {
    ...said,
    ...(username === undefined ? {} : { preferred_username: username, username }),
    active: true,
    token_type: claims.cnf?.jkt ? 'DPoP' : 'Bearer',
  };
}

/** RFC 7009, 2.1: only its own. Throws for those of others, unless anybody may say that it is the client. */
export async function mayRevoke(client: Client, clientId: string | undefined): Promise<boolean> {
  if (clientId === client.clientId) return true;
  if (client.clientAuthMethod === 'none') return false;
  const { errors } = await loadEngine();
  throw new errors.InvalidRequest('only the client that a token was made for takes it back');
}

/** RFC 7009, 2.2: what is unknown or over is as good as taken back. */
async function revoke(koa: KoaContextWithOIDC, claims: TokenClaims | null): Promise<void> {
  koa.status = 200;
  koa.body = '';
  const client = koa.oidc.client as Client;
  if (!claims || !(await mayRevoke(client, claims.client_id))) return;
  const until = new Date((claims.exp + LEEWAY) * 1000);
  if (await takeBack(current(), claims.jti, until)) await tookBack(client, claims.sub);
}
