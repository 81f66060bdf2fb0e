/** How long refresh tokens live (RFC 9700, 4.14): idle since the last use, absolute since the person was there. */
import type { Client, RefreshToken } from 'oidc-provider';
import { current } from './current.ts';
import { entitiesOf, paramsOf } from './engine.ts';
import { hashOf } from './hashes.ts';

/** Seconds from now. */
export function refreshSeconds(_koa: unknown, token: RefreshToken, client: Client): number {
  const idle = Number(client['signet_refresh_idle_seconds']);
  const whole = Number(client['signet_refresh_seconds']);
  return Math.max(1, Math.min(idle, whole - token.totalLifetime()));
}

/** A token that rotates has a successor of its own life; one that does not lives on when it is used. */
export async function prolongUsed(): Promise<void> {
  const { RefreshToken: token, RotatedRefreshToken: rotated, Client: client } = entitiesOf() ?? {};
  const refreshed = paramsOf()?.['grant_type'] === 'refresh_token';
  if (!refreshed || !token?.jti || !token.exp || !client || rotated) return;
  const { db, tenantId, clock } = current();
  const exp = Math.floor(clock.ms() / 1000) + refreshSeconds(null, token, client);
  // Not a row for every use of a token that is used all the time.
  if (exp - token.exp < Number(client['signet_refresh_idle_seconds']) / LEAST_PART) return;
  await db.query(PROLONG, [tenantId, hashOf(token.jti), new Date(exp * 1000), exp]);
}

const LEAST_PART = 20;

const PROLONG = `
UPDATE oauth_tokens SET expires_at = $3, payload = payload || jsonb_build_object('exp', $4::bigint)
WHERE tenant_id = $1 AND hash = $2 AND kind = 'RefreshToken' AND expires_at < $3`;
