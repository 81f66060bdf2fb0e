/** The audit log by the SDK: to a file, event by event, and over connections that are cut. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyAuditExport } from '../../sdk/generated/audit.ts';
import { createClient, exportAuditEvents, RequestError } from '../../sdk/generated/sdk.ts';
import { allSequenced, exportOf, makeEvents, readExport } from '../kit/events.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';

const house = await openHouse();
const make = makers(house);
let acme: MadeTenant;
let count: number;
beforeAll(async () => {
  acme = await make.tenant();
  await makeEvents(house, acme.uuid, 2_500);
  count = await allSequenced(house, acme.uuid);
});

const client = () => createClient({ url: house.url, apiKey: acme.secret });

describe('exportAuditEvents', () => {
  test('streams what the route does, and tells the checkpoint', async () => {
    const log = await exportAuditEvents(client(), { to: count });
    const whole = await exportOf(house, acme, `?to=${count}`);
    expect({ from: log.from, to: log.to }).toEqual({ from: 0, to: count });
    expect(log.checkpoint).toBe(readExport(whole).end.checkpoint);
    expect(await text(log.stream)).toBe(whole.text);
  });

  test('K03 what it streams is verified without the server, and what was cut out of it is missed', async () => {
    const log = await exportAuditEvents(client());
    const file = await text(log.stream);
    const verified = async (content: string) =>
      verifyAuditExport([Buffer.from(content)], { checkpoint: log.checkpoint });
    expect(await verified(file)).toMatchObject({ verified: true, events: log.to, problems: [] });
    const lines = file.split('\n');
    const cut = await verified(lines.toSpliced(5, 1).join('\n'));
    expect(cut.problems.map(({ code }) => code)).toEqual(['EVENTS_MISSING']);
  });

  test('gives the events one by one, those that pass', async () => {
    const log = await exportAuditEvents(client(), { types: ['group.*'], to: count });
    const seen: number[] = [];
    for await (const { type, leafIndex } of log.events()) {
      expect(type).toBe('group.create');
      seen.push(leafIndex);
    }
    expect(seen).toHaveLength(2_500);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    const few = await exportAuditEvents(client(), { to: count });
    for await (const { leafIndex } of few.events()) if (leafIndex === 3) break;
  });

  test('CSV is for spreadsheets', async () => {
    const { stream } = await exportAuditEvents(client(), {
      format: 'CSV',
      from: count - 2,
      to: count,
    });
    expect((await text(stream)).trimEnd().split('\r\n')).toHaveLength(3);
  });

  test('a refusal says why', async () => {
    const weak = await make.apiKey(acme, ['users:read']);
    const call = exportAuditEvents(createClient({ url: house.url, apiKey: weak.secret }));
    await expect(call).rejects.toThrow(RequestError);
    await expect(call).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 });
    const wrong = exportAuditEvents(client(), { to: 1e9 });
    await expect(wrong).rejects.toMatchObject({ code: 'BAD_REQUEST', status: 400 });
    await expect(wrong).rejects.toThrow(/to must be at most/);
  });
});

describe('a connection that is cut', () => {
  const open = new Set<Socket>();
  let cuts = 0;
  let gate: Server;
  let port = 0;
  /** Hands on so many bytes of each of the first connections' answers, then cuts. */
  const AFTER = [150_000, 70_000, 100, 300_000];
  beforeAll(async () => {
    const target = Number(new URL(house.url).port);
    gate = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      for (const socket of [near, far]) {
        open.add(socket);
        socket.on('error', () => undefined);
      }
      let left = AFTER[cuts] ?? Number.POSITIVE_INFINITY;
      cuts += 1;
      near.pipe(far);
      far.on('data', (chunk) => {
        near.write(chunk.subarray(0, Math.max(left, 0)));
        left -= chunk.length;
        if (left < 0) near.destroySoon();
        if (left < 0) far.destroy();
      });
      far.on('end', () => near.end());
    });
    await new Promise<void>((ready) => gate.listen(0, '127.0.0.1', ready));
    ({ port } = gate.address() as AddressInfo);
  });
  afterAll(() => {
    for (const socket of open) socket.destroy();
    gate.close();
  });

  test('K07 goes on at its last whole line, without a gap and without a repetition', async () => {
    const through = createClient({ url: `http://127.0.0.1:${port}`, apiKey: acme.secret });
    const log = await exportAuditEvents(through, { to: count });
    const read = readExport({ text: await text(log.stream) });
    expect(cuts).toBeGreaterThan(AFTER.length);
    expect(read.lines).toEqual(readExport(await exportOf(house, acme, `?to=${count}`)).lines);
    expect(read.end.checkpoint).toBe(log.checkpoint);
  });
});
