/** Rows of the audit log as they stand: nobody changes one, and one that was changed tells (K03). */
import { expect, test } from 'vitest';
import { type AuditRecord, leafHash } from '#kernel/events/event.ts';
import { encodeId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { type AuditRow, recordOf } from '../kit/audit-row.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { asOwner, rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

test('K03 no row is changed or removed: not by the server, not by the owner of the tables', async () => {
  const before = await rows(house, acme.uuid, 'SELECT * FROM audit_events ORDER BY id');
  for (const table of ['audit_events', 'audit_targets'])
    for (const change of [
      `UPDATE ${table} SET tenant_id = tenant_id`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
    ]) {
      await expect(rows(house, acme.uuid, change)).rejects.toThrow(/permission denied/);
      await expect(asOwner(house, acme.uuid, change)).rejects.toThrow(/append-only/);
    }
  expect(await rows(house, acme.uuid, 'SELECT * FROM audit_events ORDER BY id')).toEqual(before);
});

test('K03 an edited row no longer fits its leaf', async () => {
  await make.user(acme);
  const [row] = await rows<AuditRow>(
    house,
    acme.uuid,
    "SELECT * FROM audit_events WHERE type = 'user.create'",
  );
  const record = recordOf(row as AuditRow);
  expect(leafHash(record)).toEqual(row?.leaf_hash);
  const edits: Partial<AuditRecord>[] = [
    { result: 'REFUSED' },
    { type: 'user.read' },
    { occurredAt: new Date(0).toISOString() },
    { actor: { ...record.actor, id: null } },
    { tenant: encodeId('tenant', PLATFORM_TENANT_ID) },
    { details: { ...record.details, edited: true } },
    { personal: {} },
  ];
  for (const edit of edits) expect(leafHash({ ...record, ...edit })).not.toEqual(row?.leaf_hash);
});
