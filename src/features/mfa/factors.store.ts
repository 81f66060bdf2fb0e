/** The table factors. A secret is sealed for tenant, user and factor, and opens nowhere else. */
import { UserNotFound } from '#features/users/users.errors.ts';
import { holdUser } from '#features/users/users.queries.ts';
import type { Context } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import { TooManyFactors } from './mfa.errors.ts';
import { type FactorKind, MAX_FACTORS, MAX_TOTP, PENDING_MS } from './mfa.model.ts';

export interface PendingFactor {
  readonly userId: string;
  readonly kind: FactorKind;
  readonly name: string;
  /** Null for passkeys. */
  readonly secret: Buffer | string | null;
}

/**
 * Adds a factor that counts for nothing until it is confirmed; of each kind a user has one such at a
 * time. Throws `UserNotFound` or `TooManyFactors`. Answers its id.
 */
export function addPending(ctx: Context, factor: PendingFactor): Promise<string> {
  const { userId, kind } = factor;
  return ctx.db.transaction(async () => {
    await lockUser(ctx, userId);
    await ctx.db.query(DELETE_PENDING, [ctx.tenantId, userId, kind]);
    await assertRoom(ctx, userId, kind);
    return insert(ctx, factor, null);
  });
}

/** Adds a factor that counts at once; the caller holds the user's row and has counted. Answers its id. */
export function addConfirmed(
  ctx: Context,
  factor: PendingFactor & { readonly secret: Buffer },
): Promise<string> {
  return insert(ctx, factor, ctx.clock.now());
}

async function insert(
  ctx: Context,
  { userId, kind, name, secret }: PendingFactor,
  confirmedAt: Date | null,
): Promise<string> {
  const id = newId();
  const sealed = secret === null ? null : await seal(ctx, userId, id, secret);
  const now = ctx.clock.now();
  await ctx.db.query(INSERT, [ctx.tenantId, id, userId, kind, name, sealed, now, confirmedAt]);
  return id;
}

/** Whatever adds, counts or takes away factors and codes of a user comes one after the other. */
export async function lockUser(ctx: Context, userId: string): Promise<void> {
  if (!(await holdUser(ctx, userId))) throw new UserNotFound();
}

const DELETE_PENDING = `
DELETE FROM factors WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 AND confirmed_at IS NULL`;

async function assertRoom(ctx: Context, userId: string, kind: FactorKind): Promise<void> {
  const [found] = await ctx.db.query<{ all: number; alike: number }>(
    `SELECT count(*)::int AS "all", (count(*) FILTER (WHERE kind = $3))::int AS alike
     FROM factors WHERE tenant_id = $1 AND user_id = $2`,
    [ctx.tenantId, userId, kind],
  );
  if (found && found.all >= MAX_FACTORS) throw new TooManyFactors(MAX_FACTORS);
  if (found && kind === 'TOTP' && found.alike >= MAX_TOTP) throw new TooManyFactors(MAX_TOTP);
}

const INSERT = `
INSERT INTO factors (tenant_id, id, user_id, kind, name, secret, created_at, confirmed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

export interface FactorCounts {
  readonly all: number;
  /** Without codes by e-mail: whoever reads the mailbox resets the password too. */
  readonly strong: number;
}

/** How many factors of a user count. */
export async function countConfirmed(ctx: Context, userId: string): Promise<FactorCounts> {
  const [found] = await ctx.db.query<FactorCounts>(
    `SELECT count(*)::int AS "all", (count(*) FILTER (WHERE kind <> 'EMAIL'))::int AS strong
     FROM factors WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NOT NULL`,
    [ctx.tenantId, userId],
  );
  return found ?? { all: 0, strong: 0 };
}

export interface Deleted {
  readonly id: string;
  readonly kind: FactorKind;
  readonly confirmed: boolean;
}

/** One factor of a user, or all of them; the caller holds the user's row. */
export function deleteFactors(ctx: Context, userId: string, id: string | null): Promise<Deleted[]> {
  return ctx.db.query<Deleted>(
    `DELETE FROM factors WHERE tenant_id = $1 AND user_id = $2 AND ($3::uuid IS NULL OR id = $3)
     RETURNING id, kind, confirmed_at IS NOT NULL AS confirmed`,
    [ctx.tenantId, userId, id],
  );
}

/** The kind of a factor that waits for its confirmation; null when none does, or it waited too long. */
export async function pendingKind(
  ctx: Context,
  userId: string,
  id: string,
): Promise<FactorKind | null> {
  const [row] = await ctx.db.query<{ kind: FactorKind }>(
    `SELECT kind FROM factors
     WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND confirmed_at IS NULL AND created_at > $4`,
    [ctx.tenantId, userId, id, new Date(ctx.clock.ms() - PENDING_MS)],
  );
  return row?.kind ?? null;
}

interface Sealed {
  readonly id: string;
  readonly secret: Buffer;
}

export interface Opened {
  readonly id: string;
  readonly secret: Buffer;
}

/** The factors of one kind that count, with their secrets. */
export async function openConfirmed(
  ctx: Context,
  userId: string,
  kind: FactorKind,
): Promise<Opened[]> {
  const rows = await ctx.db.query<Sealed>(
    `SELECT id, secret FROM factors
     WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 AND confirmed_at IS NOT NULL ORDER BY id`,
    [ctx.tenantId, userId, kind],
  );
  return Promise.all(rows.map((row) => open(ctx, userId, row)));
}

/** How many factors each of these users has, those that wait among them. */
export async function countByUser(
  ctx: Context,
  userIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await ctx.db.query<{ userId: string; n: number }>(
    `SELECT user_id AS "userId", count(*)::int AS n FROM factors
     WHERE tenant_id = $1 AND user_id = ANY ($2::uuid[]) GROUP BY user_id`,
    [ctx.tenantId, userIds],
  );
  return new Map(rows.map(({ userId, n }) => [userId, n]));
}

/** The secrets of what counts, by user. */
export async function openOfKind(
  ctx: Context,
  userIds: readonly string[],
  kind: FactorKind,
): Promise<Map<string, Buffer[]>> {
  const rows = await ctx.db.query<Sealed & { userId: string }>(
    `SELECT id, secret, user_id AS "userId" FROM factors
     WHERE tenant_id = $1 AND user_id = ANY ($2::uuid[]) AND kind = $3 AND confirmed_at IS NOT NULL`,
    [ctx.tenantId, userIds, kind],
  );
  const secrets = new Map<string, Buffer[]>();
  for (const row of rows) {
    const { secret } = await open(ctx, row.userId, row);
    secrets.set(row.userId, [...(secrets.get(row.userId) ?? []), secret]);
  }
  return secrets;
}

/** A factor that waits for its confirmation, with its secret; null when there is none, or it waited too long. */
export async function openPending(
  ctx: Context,
  userId: string,
  id: string,
  kind: FactorKind,
): Promise<Opened | null> {
  const [row] = await ctx.db.query<Sealed>(
    `SELECT id, secret FROM factors
     WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND kind = $4
       AND confirmed_at IS NULL AND created_at > $5`,
    [ctx.tenantId, userId, id, kind, new Date(ctx.clock.ms() - PENDING_MS)],
  );
  return row ? open(ctx, userId, row) : null;
}

/** False when another answer was faster. `step`: the time step that was shown, for TOTP. */
export async function confirm(
  ctx: Context,
  userId: string,
  id: string,
  step: number | null,
): Promise<boolean> {
  const rows = await ctx.db.query(
    `UPDATE factors SET confirmed_at = $4, last_step = $5
     WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND confirmed_at IS NULL RETURNING 1`,
    [ctx.tenantId, userId, id, ctx.clock.now(), step],
  );
  return rows.length > 0;
}

export async function markUsed(ctx: Context, id: string): Promise<void> {
  await ctx.db.query('UPDATE factors SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2', [
    ctx.tenantId,
    id,
    ctx.clock.now(),
  ]);
}

/** False when this time step, or a later one, was accepted before. */
export async function advanceStep(ctx: Context, id: string, step: number): Promise<boolean> {
  const rows = await ctx.db.query(
    `UPDATE factors SET last_step = $3, last_used_at = $4
     WHERE tenant_id = $1 AND id = $2 AND coalesce(last_step, -1) < $3 RETURNING 1`,
    [ctx.tenantId, id, step, ctx.clock.now()],
  );
  return rows.length > 0;
}

async function open(ctx: Context, userId: string, { id, secret }: Sealed): Promise<Opened> {
  return { id, secret: await ctx.vault.open(ctx.tenantId, placeOf(userId, id), secret) };
}

function seal(ctx: Context, userId: string, id: string, secret: Buffer | string): Promise<Buffer> {
  return ctx.vault.seal(ctx.tenantId, placeOf(userId, id), secret);
}

function placeOf(userId: string, factorId: string) {
  return { table: 'factors', column: 'secret', row: `${userId}:${factorId}` };
}
