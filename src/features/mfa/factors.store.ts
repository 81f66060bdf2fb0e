/** The table factors. A secret is sealed for tenant, user and factor, and opens nowhere else. */
import { UserNotFound } from '#features/users/users.errors.ts';
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
  const { userId, kind, name, secret } = factor;
  return ctx.db.transaction(async () => {
    await lockUser(ctx, userId);
    await ctx.db.query(DELETE_PENDING, [ctx.tenantId, userId, kind]);
    await assertRoom(ctx, userId, kind);
    const id = newId();
    const sealed = secret === null ? null : await seal(ctx, userId, id, secret);
    const now = ctx.clock.now();
    await ctx.db.query(INSERT, [ctx.tenantId, id, userId, kind, name, sealed, now, null]);
    return id;
  });
}

/** Whatever adds, counts or takes away factors and codes of a user comes one after the other. */
export async function lockUser(ctx: Context, userId: string): Promise<void> {
  const [user] = await ctx.db.query(
    'SELECT 1 FROM users WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE',
    [ctx.tenantId, userId],
  );
  if (!user) throw new UserNotFound();
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
