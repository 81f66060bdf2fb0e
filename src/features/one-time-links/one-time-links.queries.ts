/** Looking at a link without using it: mail scanners open links, people press buttons. */
import { hashToken, looksLikeToken } from '#features/sessions/sessions.model.ts';
import type { Context } from '#kernel/context.ts';
import type { LinkHolder, LinkPurpose } from './one-time-links.model.ts';

/** Whose link this is while `spendLink` would take it, else null. Changes nothing. */
export async function peekLink(
  ctx: Context,
  purpose: LinkPurpose,
  token: string,
): Promise<LinkHolder | null> {
  if (!looksLikeToken(token)) return null;
  const [holder] = await ctx.db.query<LinkHolder>(PEEK_LINK, [
    ctx.tenantId,
    purpose,
    hashToken(token),
    ctx.clock.now(),
  ]);
  return holder ?? null;
}

/** Until when the user has a link of this purpose that is still good; null when there is none. */
export async function linkOpenUntil(
  ctx: Context,
  purpose: LinkPurpose,
  userId: string,
): Promise<Date | null> {
  const [link] = await ctx.db.query<{ expiresAt: Date }>(
    `SELECT l.expires_at AS "expiresAt" FROM one_time_links l
     JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
     WHERE l.tenant_id = $1 AND l.user_id = $2 AND l.purpose = $3 AND l.used_at IS NULL
       AND l.expires_at > $4 AND u.email_key = l.email_key`,
    [ctx.tenantId, userId, purpose, ctx.clock.now()],
  );
  return link?.expiresAt ?? null;
}

const PEEK_LINK = `
SELECT l.user_id AS "userId", l.email_key AS "emailKey", l.expires_at AS "expiresAt",
  l.session_id AS "sessionId"
FROM one_time_links l JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
WHERE l.tenant_id = $1 AND l.purpose = $2 AND l.token_hash = $3 AND l.used_at IS NULL AND l.expires_at > $4
  AND u.status = 'ACTIVE' AND (l.session_id IS NULL AND u.email_key = l.email_key OR EXISTS (
    SELECT 1 FROM sessions s WHERE s.tenant_id = l.tenant_id AND s.id = l.session_id
      AND s.ended_at IS NULL AND s.idle_expires_at > $4))`;
