/** Every event gets its leaf: in order, without gaps, in the tree of its tenant (K03). */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { AuditEventRow } from '#features/audit/audit.model.ts';
import { auditEventJson } from '#features/audit/audit-event.json.ts';
import { sequencedEvents, sequencedSize } from '#features/audit/audit-sequence.queries.ts';
import { readTree } from '#features/audit/audit-tree.store.ts';
import { rootOf } from '#features/audit/audit-tree.ts';
import { canonicalBytes } from '#kernel/events/event.ts';
import { auditLog, recordOf } from '../kit/audit-row.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);
const { services } = house;

/** RFC 9162 section 2.1.1, word for word. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return leaves[0] as Buffer;
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha(Buffer.of(1), treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)));
}

const sequenced = async (tenantId: string, count: number) => {
  await until(async () => (await sequencedSize(services, tenantId)) >= BigInt(count));
  return sequencedEvents(services, tenantId, -1n, null, 1_000);
};

test('K03 every event of a tenant is a leaf of its tree, in order and without gaps', async () => {
  const acme = await make.tenant();
  for (let n = 0; n < 5; n += 1) await make.user(acme);
  const log = await auditLog(house, acme.uuid);
  const events = await sequenced(acme.uuid, log.length);
  expect(events.map(({ leafIndex }) => leafIndex)).toEqual(log.map((_, n) => BigInt(n)));
  expect(events.map(({ id }) => id).toSorted()).toEqual(log.map(({ id }) => id));
  const tree = await services.db.inTenant(acme.uuid, () => readTree(services.db, acme.uuid));
  expect(tree.size).toBe(log.length);
  expect(rootOf(tree)).toEqual(treeHash(events.map(({ leafHash }) => leafHash)));
  const [later] = await sequencedEvents(services, acme.uuid, 1n, 2n, 10);
  expect(later).toEqual(events[2]);
});

test('the line of an event is its canonical record, and then what no hash covers', async () => {
  const acme = await make.tenant();
  await make.user(acme, { displayName: 'Zoë "the first" \u2028' });
  const log = await auditLog(house, acme.uuid);
  const events = await sequenced(acme.uuid, log.length);
  for (const event of events) {
    const row = log.find(({ id }) => id === event.id);
    const bytes = canonicalBytes(recordOf(row as (typeof log)[number])).toString();
    expect(auditEventJson(event as AuditEventRow)).toBe(bytes);
    const { leafIndex, leafHash } = event;
    const line = auditEventJson(event, { leafIndex, leafHash, where: { ipAddress: '192.0.2.1' } });
    expect(JSON.parse(line)).toEqual({
      ...JSON.parse(bytes),
      leafIndex: Number(leafIndex),
      leafHash: leafHash.toString('base64'),
      where: { ipAddress: '192.0.2.1' },
    });
  }
});
