import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { allSequenced, exportOf, makeEvents, readExport } from '../kit/events.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { tamper } from '../kit/tamper.ts';

const house = await openHouse();
const make = makers(house);

const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 9162 section 2.1.1, from nothing but the lines. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] as Buffer;
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha(Buffer.of(1), rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}

/** The record is the line without what no leaf covers. */
function leafOf(line: string): Buffer {
  const record = line.replace(/,"leafIndex":\d+,"leafHash":"[^"]*"(,"where":\{.*\})?\}$/, '}');
  return sha(Buffer.of(0), Buffer.from(record));
}

describe('NDJSON', () => {
  test('K03 a whole export holds every event in order and makes the root that was signed', async () => {
    const acme = await make.tenant();
    for (let n = 0; n < 7; n += 1) await make.user(acme, { displayName: `Zoë ${n} =1+1` });
    const count = await allSequenced(house, acme.uuid);
    const answer = await exportOf(house, acme);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'content-disposition': `attachment; filename="audit-0-${count}.ndjson"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'signet-export-from': '0',
      'signet-export-to': String(count),
    });
    const { events, lines, end } = readExport(answer);
    expect(events.map(({ leafIndex }) => leafIndex)).toEqual(lines.map((_, n) => n));
    expect(end).toMatchObject({ to: count, filtered: false, from: 0 });
    expect(end).not.toHaveProperty('hashes');
    const header = Buffer.from(String(answer.headers['signet-checkpoint']), 'base64');
    expect(header.toString()).toBe(end.checkpoint);
    const [, size, root] = end.checkpoint.split('\n');
    expect(size).toBe(String(count));
    expect(rootOf(lines.map(leafOf)).toString('base64')).toBe(root);
  });

  test('K03 an address that does not open leaves the export whole, and says so', async () => {
    const acme = await make.tenant();
    for (let n = 0; n < 2; n += 1) await make.user(acme);
    await allSequenced(house, acme.uuid);
    await tamper(
      house,
      acme,
      `UPDATE audit_events SET personal = jsonb_build_object(
         (SELECT min(k) FROM jsonb_object_keys(personal) k), 'AAAA')
       WHERE id = (SELECT min(id::text)::uuid FROM audit_events
         WHERE tenant_id = '${acme.uuid}' AND type = 'user.create')`,
    );
    const { events } = readExport(await exportOf(house, acme, '?type=user.create&where=true'));
    expect(events.map(({ where }) => where)).toEqual([null, { ipAddress: expect.any(String) }]);
  });

  test('K03 texts of any characters stay what they are', async () => {
    const acme = await make.tenant();
    for (const odd of ['\u001f', '\u001e', 'a\u001fb\u001ec\u001d', '\\ \t"\n', '\u2028 Zoë 😀'])
      await makeEvents(house, acme.uuid, 2, odd);
    const { events, lines, end } = readExport(await exportOf(house, acme));
    expect(events.map(({ requestId }) => requestId)).toContain('a\u001fb\u001ec\u001d');
    expect(rootOf(lines.map(leafOf)).toString('base64')).toBe(end.checkpoint.split('\n')[2]);
  });

  test('K03 an export that broke off goes on at its last leaf to the same end, though the log grew', async () => {
    const acme = await make.tenant();
    await makeEvents(house, acme.uuid, 1_200);
    const whole = readExport(await exportOf(house, acme));
    await makeEvents(house, acme.uuid, 30);
    const { to } = whole.end;
    const rest = readExport(await exportOf(house, acme, `?from=700&to=${to}&begun=0`));
    expect([...whole.lines.slice(0, 700), ...rest.lines]).toEqual(whole.lines);
    expect(rest.end).toEqual(whole.end);
    const later = readExport(await exportOf(house, acme, `?from=${to}`));
    expect(later.events[0]?.leafIndex).toBe(to);
    expect(later.end.to).toBeGreaterThan(to + 30);
    expect(later.end).toMatchObject({ from: to, hashes: expect.any(Array) });
    const odd = await exportOf(house, acme, '?from=10&begun=11');
    expect([odd.status, odd.text]).toEqual([400, expect.stringContaining('begun')]);
    const part = readExport(await exportOf(house, acme, '?from=10&to=20'));
    expect(part.events.map(({ leafIndex }) => leafIndex)).toEqual(
      Array.from({ length: 10 }, (_, n) => 10 + n),
    );
    expect(Number(part.end.checkpoint.split('\n')[1])).toBeGreaterThanOrEqual(20);
  });

  test('filters leave out what does not pass, and the end says so', async () => {
    const acme = await make.tenant();
    const ada = await make.user(acme);
    house.clock.advance(3_600_000);
    const since = house.clock.now();
    const bob = await make.user(acme);
    house.clock.advance(3_600_000);
    await make.user(acme);
    await allSequenced(house, acme.uuid);
    const types = readExport(await exportOf(house, acme, '?type=user.create'));
    expect(types.events).toHaveLength(3);
    expect(types.end.filtered).toBe(true);
    const several = readExport(
      await exportOf(house, acme, '?types=user.*&types=api-key.create&minSeverity=INFO'),
    );
    expect(new Set(several.events.map(({ type }) => type))).toEqual(
      new Set(['api-key.create', 'user.create']),
    );
    const target = readExport(await exportOf(house, acme, `?target=${ada.id}`));
    expect(target.events.map(({ type }) => type)).toEqual(['user.create']);
    const until = house.clock.now().toISOString();
    const time = readExport(
      await exportOf(house, acme, `?type=user.create&since=${since.toISOString()}&until=${until}`),
    );
    expect(time.events).toHaveLength(1);
    expect(JSON.stringify(time.events)).toContain(bob.id);
    const none = readExport(await exportOf(house, acme, '?severity=CRITICAL'));
    expect(none.events).toEqual([]);
  });

  test('addresses and agents are opened only where that is asked for', async () => {
    const acme = await make.tenant();
    const agent = { 'user-agent': 'canary/1 "quoted"' };
    await exportOf(house, acme, '', agent);
    await allSequenced(house, acme.uuid);
    const closed = await exportOf(house, acme, '?type=audit.export');
    expect(closed.text).not.toContain('canary');
    const opened = readExport(await exportOf(house, acme, '?type=audit.export&where=true'));
    expect(opened.events[0]).toMatchObject({
      where: { ipAddress: '127.0.0.1', userAgent: 'canary/1 "quoted"' },
    });
    expect(leafOf(opened.lines[0] ?? '').toString('base64')).toBe(opened.events[0]?.['leafHash']);
  });
});

describe('JSON and CSV', () => {
  test('JSON is one object that holds the same events and the same end', async () => {
    const acme = await make.tenant();
    await make.user(acme);
    const count = await allSequenced(house, acme.uuid);
    const { lines, end } = readExport(await exportOf(house, acme, `?to=${count}`));
    const answer = await exportOf(house, acme, `?to=${count}&format=JSON`);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.text)).toEqual({
      events: lines.map((line) => JSON.parse(line)),
      export: end,
    });
    const none = await exportOf(house, acme, `?to=${count}&format=JSON&type=no.such`);
    expect(JSON.parse(none.text)).toEqual({ events: [], export: { ...end, filtered: true } });
  });

  test.each(['=HYPERLINK("http://evil.test","x")', '+1+1', '-1+1', '@SUM(A1)'])(
    'H07 a cell that begins like a formula (%s) is escaped in CSV',
    async (agent) => {
      const acme = await make.tenant();
      await exportOf(house, acme, '', { 'user-agent': agent });
      await allSequenced(house, acme.uuid);
      const answer = await exportOf(house, acme, '?format=CSV&where=true&type=audit.export');
      expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
      const [head, row] = answer.text.split('\r\n');
      expect(head?.split(',').slice(0, 4)).toEqual(['leafIndex', 'id', 'occurredAt', 'type']);
      expect(row).toContain(`"'${agent.replaceAll('"', '""')}"`.replace(/^"('[^",]*)"$/, '$1'));
      expect(row).not.toMatch(/(^|,)"?[=+\-@]/);
    },
  );

  test('H07 H08 quotes, commas and line breaks stay in their cell', async () => {
    const acme = await make.tenant();
    await makeEvents(house, acme.uuid, 1, '=a,"b"\r\n=1+1');
    const answer = await exportOf(house, acme, '?format=CSV&type=group.create');
    expect(answer.text).toContain(`,"'=a,""b""\r\n=1+1",`);
  });
});
