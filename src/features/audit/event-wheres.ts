/**
 * Addresses and agents of many events, opened. One that does not open holds nobody up: its event goes
 * without, and says so.
 */
import type { Services } from '#kernel/context.ts';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import { openWheres, type Where } from '#kernel/events/personal.ts';
import type { AuditEventRow } from './audit.model.ts';

type Home = Pick<Services, 'vault'>;

/**
 * In their order. Empty where there was nothing or its person was erased, null where there is something
 * that does not open. Throws for keys that cannot be had at the moment.
 */
export async function openedWheres(
  home: Home,
  tenantId: string,
  rows: readonly AuditEventRow[],
): Promise<(Where | null)[]> {
  try {
    return await openWheres(home, tenantId, rows);
  } catch (error) {
    if (!isBroken(error)) throw error;
    // Keys that are away are told apart by the vault: it is some of the rows.
    return Promise.all(rows.map((row) => openedWhere(home, tenantId, row)));
  }
}

async function openedWhere(
  home: Home,
  tenantId: string,
  row: AuditEventRow,
): Promise<Where | null> {
  try {
    const [where] = await openWheres(home, tenantId, [row]);
    return where ?? null;
  } catch (error) {
    if (!isBroken(error)) throw error;
    return null;
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof SealBroken || error instanceof SyntaxError;
}
