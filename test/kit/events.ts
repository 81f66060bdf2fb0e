/** Events in a number that doors would take minutes for, and what a log is exported as. */

import { sequencedSize } from '#features/audit/audit-sequence.queries.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { newId } from '#kernel/ids.ts';
import { contextOf } from './context.ts';
import type { Instance } from './house.ts';
import { until } from './until.ts';
import { send, type WireAnswer } from './wire.ts';

/** As commands would record them; answers when each has its leaf. `requestId` may be long. */
export async function makeEvents(
  house: Instance,
  tenantId: string,
  count: number,
  requestId = 'made',
): Promise<void> {
  const ctx = { ...(await contextOf(house, { tenantId, kind: 'system' })), requestId };
  for (let from = 0; from < count; from += 500) {
    const drafts = Array.from({ length: Math.min(500, count - from) }, () => ({
      type: 'group.create',
      targets: [{ type: 'group' as const, id: newId() }],
    }));
    await recordEvents(ctx, drafts);
  }
  await allSequenced(house, tenantId);
}

/** Until every event of the tenant has its leaf; answers how many there are. */
export async function allSequenced(house: Instance, tenantId: string): Promise<number> {
  const { services } = house;
  const stored = async () => {
    const [row] = await services.db.inTenant(tenantId, () =>
      services.db.query<{ n: string }>(
        'SELECT count(*) AS n FROM audit_events WHERE tenant_id = $1',
        [tenantId],
      ),
    );
    return Number(row?.n);
  };
  await until(async () => Number(await sequencedSize(services, tenantId)) === (await stored()));
  return stored();
}

/** Asks for an export; `query` begins with a question mark. */
export function exportOf(
  house: Instance,
  { secret }: { readonly secret: string },
  query = '',
  headers: Record<string, string> = {},
): Promise<WireAnswer> {
  return send(house.url, {
    path: `/v1/audit-events/export${query}`,
    headers: { authorization: `Bearer ${secret}`, ...headers },
  });
}

export type ExportedLine = Readonly<Record<string, unknown>> & { readonly leafIndex: number };

/** A whole export in NDJSON. */
export function readExport({ text }: Pick<WireAnswer, 'text'>) {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line is not ended');
  const { export: end } = JSON.parse(lines.pop() ?? '') as {
    export: { from: number; hashes?: string[]; to: number; filtered: boolean; checkpoint: string };
  };
  return { end, lines, events: lines.map((line) => JSON.parse(line) as ExportedLine) };
}
