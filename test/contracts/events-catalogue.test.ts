/**
 * schema/events.json: what is recorded is what is promised (every house of the suite holds its own rows
 * against it at its end, see test/kit/recorded.ts), and what was promised is not taken back.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allCommands } from '#kernel/commands/command.ts';
import { allEventTypes } from '#kernel/events/event-types.ts';
import { eventCatalogue } from '../../src/app/catalogues.ts';
import { type EventCatalogue, mergeEvents } from '../../src/app/published-events.ts';
import '../../src/app/schema.ts';
import { auditLog } from '../kit/audit-row.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { faultsOf } from '../kit/recorded.ts';

const house = await openHouse();
const make = makers(house);

const file = new URL('../../schema/events.json', import.meta.url);
const printed = JSON.parse(readFileSync(file, 'utf8')) as EventCatalogue;
const copy = () => structuredClone(eventCatalogue()) as EventCatalogue;
const json = (value: unknown) => JSON.parse(JSON.stringify(value));

/** A catalogue in which one event's `details` have these members. */
function telling(properties: object, more: object = {}): EventCatalogue {
  const schema = { properties: { details: { type: 'object', properties } }, ...more };
  const event = { summary: 'A test.', severity: 'INFO', v: 1, schema };
  return { envelope: {}, events: { 'test.run': event } } as EventCatalogue;
}

test('every command is an event, and every event has a schema of its own', () => {
  const names = allEventTypes().map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(allCommands().map(({ definition }) => definition.name)),
  );
  expect(Object.keys(printed.events)).toEqual(expect.arrayContaining(names));
  const ids = Object.values(printed.events).map(({ schema }) => schema.$id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('what was published stays: printed again over the landed file, nothing is gone', () => {
  expect(json(mergeEvents(printed, copy()))).toEqual(printed);
});

test('a member may come, a value may come; none may leave or change its kind', () => {
  const before = telling({ kind: { enum: ['A'] }, size: { type: 'integer' } });
  const grown = telling({
    kind: { enum: ['A', 'B'] },
    size: { type: 'integer', description: 'Now in words.' },
    title: { type: 'string' },
  });
  expect(mergeEvents(before, grown)).toEqual(grown);
  for (const [properties, fault] of [
    [{ kind: { enum: ['A'] } }, 'test.run.properties.details.properties.size'],
    [{ kind: { enum: ['B'] }, size: { type: 'integer' } }, '"A" is gone'],
    [{ kind: { enum: ['A'] }, size: { type: 'string' } }, '"integer" became "string"'],
  ] as const)
    expect(() => mergeEvents(before, telling(properties))).toThrow(fault);
  expect(() => mergeEvents(grown, telling(before))).toThrow('properties.title');
  const must = { anyOf: [{}, { properties: { details: { required: ['size'] } } }] };
  expect(() =>
    mergeEvents(telling({}, must), telling({}, { anyOf: [{}, { properties: { details: {} } }] })),
  ).toThrow('required');
});

test('what has to change gets a new version beside the old one; what is recorded no more stays', () => {
  const before = telling({ size: { type: 'integer' } });
  const next = telling({ size: { type: 'string' } });
  const event = { ...next.events['test.run'], v: 2 };
  const merged = mergeEvents(before, { envelope: {}, events: { 'test.run': event } } as never);
  expect(merged.events['test.run']).toEqual({
    ...event,
    earlier: [before.events['test.run']?.schema],
  });
  const gone = mergeEvents(before, { envelope: {}, events: {} });
  expect(gone.events['test.run']).toEqual({ ...before.events['test.run'], retired: true });
});

test('a row that says other than promised is found', async () => {
  const tenant = await make.tenant();
  const group = await make.group(tenant);
  await tenant.rest('PATCH', `/v1/groups/${group.id}`, { body: { name: 'Other' } });
  const row = (await auditLog(house, tenant.uuid)).find(({ type }) => type === 'group.update');
  if (!row) throw new Error('no row');
  expect(faultsOf(row)).toEqual([]);
  for (const [wrong, fault] of [
    [{ details: { fields: ['name'], email: 'ada@example.com' } }, 'Unrecognized key: "email"'],
    [{ details: {} }, 'fields'],
    [{ details: { fields: 'name' } }, 'expected array'],
    [{ type: 'group.rename' }, 'is no event'],
    [{ severity: 'CRITICAL' }, 'severity'],
    [{ targets: [{ type: 'role', id: group.id }] }, 'targets'],
    [{ actor_id: 'somebody' }, ': record:'],
  ] as const)
    expect(faultsOf({ ...row, ...(wrong as object) }).join('\n')).toContain(fault);
  expect(faultsOf({ ...row, result: 'REFUSED', severity: 'WARNING', details: {} })).toEqual([]);
});
