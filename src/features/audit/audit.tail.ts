/**
 * The live tail. The caller's rights are looked at again before every event and once a second
 * while nothing happens: a revoked key, a lost role or a suspended tenant ends the stream.
 */
import type { Context } from '#kernel/context.ts';
import type { AuditEventRow } from './audit.model.ts';
import { type AuditEventFilter, getAuditEvent, matches } from './audit.queries.ts';

const RECHECK_MS = 1_000;

export async function* liveAuditEvents(
  ctx: Context,
  filter: AuditEventFilter,
): AsyncGenerator<AuditEventRow, void, undefined> {
  const over = new AbortController();
  const signal = AbortSignal.any([ctx.signal, over.signal]);
  const recheck = setInterval(() => {
    stillAllowed(ctx).then(
      (allowed) => allowed || over.abort(),
      () => over.abort(),
    );
  }, RECHECK_MS);
  try {
    for await (const { tenantId, eventId } of ctx.outbox.tail(ctx.tenantId, signal)) {
      if (!(await stillAllowed(ctx))) return;
      const event = await ctx.db.inTenant(tenantId, () => getAuditEvent(ctx, eventId));
      if (event && matches(event, filter)) yield event;
    }
  } finally {
    clearInterval(recheck);
    over.abort();
  }
}

async function stillAllowed(ctx: Context): Promise<boolean> {
  const actor = await ctx.reauthenticate();
  return actor?.scopes.has('audit:read') ?? false;
}
