/**
 * What an event holds about a person: the address and the agent. It is sealed under a key of the
 * acting person, else of the tenant, so that erasing the person leaves the canonical bytes as they were.
 */
import type { Actor } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';

export interface Where {
  readonly ipAddress?: string;
  readonly userAgent?: string;
}

const MAX_AGENT = 512;

/** By the subject's typed id: base64url of the sealed JSON. Empty for callers without an address. */
export async function sealWhere(
  ctx: Context,
  tenantId: string,
  eventId: string,
): Promise<Record<string, string>> {
  const where: Where = {
    ...(ctx.address ? { ipAddress: ctx.address } : {}),
    ...(ctx.userAgent ? { userAgent: ctx.userAgent.slice(0, MAX_AGENT) } : {}),
  };
  if (Object.keys(where).length === 0) return {};
  const person = ctx.actor.tenantId === tenantId ? whoActs(ctx.actor) : null;
  const subject = person ?? tenantId;
  const [sealed] = await ctx.vault.sealForSubjects(tenantId, [
    { subject, place: placeOf(eventId), text: JSON.stringify(where) },
  ]);
  const name = person ? encodeId('user', person) : encodeId('tenant', tenantId);
  return { [name]: (sealed as Buffer).toString('base64url') };
}

/** The person whose address it is; null where no person of ours sends the request. */
function whoActs({ kind, id, act }: Actor): string | null {
  const who = act ?? { kind, id };
  return who.kind === 'user' ? who.id : null;
}

/** Empty when there was nothing, or its subject was erased. */
export async function openWhere(
  ctx: Pick<Context, 'vault'>,
  tenantId: string,
  eventId: string,
  personal: Readonly<Record<string, string>>,
): Promise<Where> {
  const [where] = await openWheres(ctx, tenantId, [{ id: eventId, personal }]);
  return where as Where;
}

/** The same for many events of a tenant, in their order; one statement at most. */
export async function openWheres(
  ctx: Pick<Context, 'vault'>,
  tenantId: string,
  events: readonly { readonly id: string; readonly personal: Readonly<Record<string, string>> }[],
): Promise<Where[]> {
  const items = events.flatMap(({ id, personal }) =>
    Object.entries(personal).map(([name, sealed]) => ({
      subject: decodeId('user', name) ?? decodeId('tenant', name) ?? tenantId,
      place: placeOf(id),
      sealed: Buffer.from(sealed, 'base64url'),
    })),
  );
  const opened = (await ctx.vault.openForSubjects(tenantId, items)).values();
  return events.map(({ personal }) =>
    Object.assign(
      {},
      ...Object.keys(personal).map(() => {
        const text = opened.next().value;
        return text ? JSON.parse(text.toString()) : {};
      }),
    ),
  );
}

function placeOf(eventId: string) {
  return { table: 'audit_events', column: 'personal', row: eventId };
}
