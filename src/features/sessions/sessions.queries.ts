/** Reads of sessions: what is live of a user, and where they signed in. */
import type { Context } from '#kernel/context.ts';
import {
  type Condition,
  type ListShape,
  type Page,
  type PageRequest,
  page,
  rowsById,
} from '#kernel/db/keyset.ts';
import type { SessionRow } from './sessions.model.ts';

export const SESSION_COLUMNS = `s.tenant_id AS "tenantId", s.id, s.user_id AS "userId", s.amr, s.acr,
  s.auth_time AS "authTime", s.personal, s.created_at AS "createdAt", s.last_used_at AS "lastUsedAt",
  s.idle_expires_at AS "idleExpiresAt", s.expires_at AS "expiresAt", s.ended_at AS "endedAt"`;

export const sessionsOf: ListShape = {
  name: 'sessions',
  select: SESSION_COLUMNS,
  from: 'sessions s',
  tenant: 's.tenant_id',
  order: [{ column: 's.id', property: 'id', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function sessionsById(ctx: Context, ids: readonly string[]): Promise<SessionRow[]> {
  return rowsById<SessionRow>(ctx, sessionsOf, ids);
}

export async function getSession(ctx: Context, id: string): Promise<SessionRow | null> {
  const [row] = await ctx.db.query<SessionRow>(
    `SELECT ${SESSION_COLUMNS} FROM sessions s WHERE s.tenant_id = $1 AND s.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

/**
 * Whether this session is live, and stays so until the transaction that is open ends: whoever ends it
 * comes before us, or waits. What its person has shown may have grown by a step-up meanwhile.
 */
export async function holdSession(ctx: Context, id: string | null): Promise<boolean> {
  const rows = await ctx.db.query(
    `SELECT 1 FROM sessions s WHERE s.tenant_id = $1 AND s.id = $2 AND s.ended_at IS NULL
       AND s.idle_expires_at > $3 FOR SHARE`,
    [ctx.tenantId, id, ctx.clock.now()],
  );
  return rows.length > 0;
}

/** Neither ended nor past its time. */
export function live(ctx: Context): Condition {
  return { sql: 's.ended_at IS NULL AND s.idle_expires_at > ?', values: [ctx.clock.now()] };
}

/** The live sessions of one user, the oldest first; none for nobody. */
export function listSessions(
  ctx: Context,
  userId: string | null,
  request: PageRequest,
): Promise<Page<SessionRow>> {
  const conditions = [{ sql: 's.user_id = ?', values: [userId] }, live(ctx)];
  return page<SessionRow>(ctx, sessionsOf, conditions, request);
}

/** Where somebody signed in, as their browser told it. */
export interface SignedInFrom {
  readonly ipAddress?: string;
  readonly userAgent?: string;
}

const MAX_AGENT = 512;

/** Sealed for the user; null when nothing is known. */
export async function sealSignedInFrom(
  ctx: Context,
  userId: string,
  id: string,
): Promise<Buffer | null> {
  const from: SignedInFrom = {
    ...(ctx.address ? { ipAddress: ctx.address } : {}),
    ...(ctx.userAgent ? { userAgent: ctx.userAgent.slice(0, MAX_AGENT) } : {}),
  };
  if (Object.keys(from).length === 0) return null;
  const item = { subject: userId, place: placeOf(id), text: JSON.stringify(from) };
  const [sealed] = await ctx.vault.sealForSubjects(ctx.tenantId, [item]);
  return sealed as Buffer;
}

export async function openSignedInFrom(ctx: Context, row: SessionRow): Promise<SignedInFrom> {
  if (!row.personal) return {};
  const item = { subject: row.userId, place: placeOf(row.id), sealed: row.personal };
  const [opened] = await ctx.vault.openForSubjects(row.tenantId, [item]);
  return opened ? (JSON.parse(opened.toString()) as SignedInFrom) : {};
}

function placeOf(id: string) {
  return { table: 'sessions', column: 'personal', row: id };
}
