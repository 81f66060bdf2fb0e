/** A tenant's audit log as it is exported, and the checkpoint that covers it. */
import { auditEventJson } from '#features/audit/audit-event.json.ts';
import { sequencedEvents, sequencedSize } from '#features/audit/audit-sequence.queries.ts';
import type { Instance } from './house.ts';
import type { MadeTenant } from './make.ts';
import { rows } from './stored.ts';
import { until } from './until.ts';

export interface SignedNote {
  readonly size: number;
  readonly note: string;
  readonly verifierKey: string;
}

/** Waits until every event that there is has its leaf. Answers how many. */
export async function sequenced(house: Instance, { uuid }: MadeTenant): Promise<number> {
  const [stored] = await rows<{ n: number }>(
    house,
    uuid,
    'SELECT count(*)::int AS n FROM audit_events',
  );
  const { n } = stored as { n: number };
  await until(async () => (await sequencedSize(house.services, uuid)) >= BigInt(n));
  return n;
}

/** Every line, page by page, as far as `size`. */
export async function exportedLines(
  house: Instance,
  { uuid }: MadeTenant,
  size?: number,
): Promise<string[]> {
  const lines: string[] = [];
  const upTo = size === undefined ? null : BigInt(size) - 1n;
  for (let after = -1n; ; ) {
    const page = await sequencedEvents(house.services, uuid, after, upTo, 100);
    lines.push(...page.map((row) => auditEventJson(row, row)));
    const last = page.at(-1);
    if (!last || page.length < 100) return lines;
    after = last.leafIndex;
  }
}

/** As the API answers it. */
export async function signedNote(tenant: MadeTenant): Promise<SignedNote> {
  const { body } = await tenant.rest<SignedNote>('GET', '/v1/audit-checkpoint');
  return body;
}

export function bytesOf(lines: readonly string[]): Uint8Array[] {
  return [Buffer.from(lines.map((line) => `${line}\n`).join(''))];
}
