/**
 * One-time links: what proves that somebody reads the mail of an address. This room owns the tokens
 * and that each is good once; what a link lets its holder do belongs to whoever spends it.
 */
import { hashToken, looksLikeToken, newToken } from '#features/sessions/sessions.model.ts';
import { holdSession } from '#features/sessions/sessions.queries.ts';
import { emailKey } from '#features/users/users.model.ts';
import type { Context } from '#kernel/context.ts';
import { idAt } from '#kernel/ids.ts';
import { type LinkHolder, type LinkPurpose, linkUrl, PURPOSES } from './one-time-links.model.ts';

export interface LinkOrder {
  readonly purpose: LinkPurpose;
  /** uuid */
  readonly userId: string;
  /** The address that it will be sent to. */
  readonly email: string;
  /** How long it is good; half an hour, an invitation a week, unless told. */
  readonly seconds?: number;
  /** The same as an instant. */
  readonly until?: Date;
  /** Of CHANGE_EMAIL: the session that asks. The link is good only while that is live. */
  readonly sessionId?: string;
}

export interface MadeLink {
  readonly url: string;
  /** Is shown to nobody but the reader of that address: only its digest is stored. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** Part of the transaction that is open, if one is. Ends the user's earlier link of this purpose. */
export async function makeLink(ctx: Context, order: LinkOrder): Promise<MadeLink> {
  const { purpose, userId, email } = order;
  const key = emailKey(email);
  if (key === null) throw new Error('a link is sent to one e-mail address');
  const now = ctx.clock.now();
  const seconds = order.seconds ?? PURPOSES[purpose].seconds;
  const expiresAt = order.until ?? new Date(now.getTime() + seconds * 1000);
  const { token, hash } = newToken();
  const { sessionId = null } = order;
  const values = [ctx.tenantId, idAt(now), hash, purpose, userId, key, now, expiresAt, sessionId];
  const [made] = await ctx.db.query<{ issuer: string | null }>(INSERT_LINK, values);
  if (!made?.issuer) throw new Error('the tenant has no issuer, so there are no links to it');
  return { url: linkUrl(made.issuer, purpose, token), token, expiresAt };
}

/** A user has one link a purpose, so that the newer one ends the older whoever makes them when. */
const INSERT_LINK = `
WITH made AS (
  INSERT INTO one_time_links AS l
    (tenant_id, id, token_hash, purpose, user_id, email_key, created_at, expires_at, session_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (tenant_id, user_id, purpose) DO UPDATE SET
    id = excluded.id, token_hash = excluded.token_hash, email_key = excluded.email_key,
    created_at = excluded.created_at, expires_at = excluded.expires_at, session_id = excluded.session_id,
    used_at = NULL
  RETURNING l.tenant_id)
SELECT t.issuer FROM made JOIN tenants t ON t.id = made.tenant_id`;

/**
 * The holder of a link that was good until now, and is not any more; else null: unknown, used, over,
 * ended by a newer one, for another purpose or tenant, sent to an address that the user has no more,
 * of a user who is suspended, or asked for by a session that is over. Inside a transaction the user's
 * row and that session are locked until its end; when that rolls back, the link was not used.
 */
export async function spendLink(
  ctx: Context,
  purpose: LinkPurpose,
  token: string,
): Promise<LinkHolder | null> {
  if (!looksLikeToken(token)) return null;
  const [holder] = await ctx.db.query<LinkHolder>(SPEND_LINK, [
    ctx.tenantId,
    purpose,
    hashToken(token),
    ctx.clock.now(),
  ]);
  if (holder?.sessionId && !(await holdSession(ctx, holder.sessionId))) return null;
  return holder ?? null;
}

/** The user first, so that nobody changes the address or suspends them in between. */
const SPEND_LINK = `
WITH holder AS (
  SELECT u.id, u.email_key FROM one_time_links l
  JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
  WHERE l.tenant_id = $1 AND l.purpose = $2 AND l.token_hash = $3 AND u.status = 'ACTIVE'
    AND (u.email_key = l.email_key OR l.session_id IS NOT NULL)
  FOR NO KEY UPDATE OF u)
UPDATE one_time_links l SET used_at = $4 FROM holder h
WHERE l.tenant_id = $1 AND l.purpose = $2 AND l.token_hash = $3 AND l.used_at IS NULL AND l.expires_at > $4
  AND l.user_id = h.id AND (l.email_key = h.email_key OR l.session_id IS NOT NULL)
RETURNING l.user_id AS "userId", l.email_key AS "emailKey", l.expires_at AS "expiresAt",
  l.session_id AS "sessionId"`;
