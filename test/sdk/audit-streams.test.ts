/** Exports in whatever chunks they come, and lines that want the auditor's memory (K03). */
import { expect, test } from 'vitest';
import { verifyAuditExport } from '../../sdk/generated/audit.ts';
import { linesOf, MAX_LINE_BYTES } from '../../sdk/src/audit/lines.ts';
import { recordText, signedLog } from '../kit/signed-log.ts';

async function read(chunks: Iterable<Uint8Array>): Promise<(string | null)[]> {
  const lines: (string | null)[] = [];
  for await (const line of linesOf(chunks)) lines.push(line === null ? null : line.toString());
  return lines;
}

function* cut(bytes: Buffer, size: number): Generator<Uint8Array> {
  // The same memory for all of them, as a reader may do it.
  const chunk = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(chunk, 0, at, at + size);
    yield chunk.subarray(0, length);
  }
}

test('lines are the same in chunks of any size', async () => {
  const bytes = Buffer.from('a\n\nbc\r\n\r\n\u20ac\u20ac\u20ac\n\n\nlast');
  for (let size = 1; size <= bytes.length; size += 1)
    expect(await read(cut(bytes, size))).toEqual(['a', 'bc', '\u20ac\u20ac\u20ac', 'last']);
  expect(await read([])).toEqual([]);
  expect(await read([Buffer.alloc(0), Buffer.from('\n')])).toEqual([]);
});

test('K03 a line of more than 16 MiB is passed over, in chunks of any size', async () => {
  const most = Buffer.alloc(MAX_LINE_BYTES, 'x');
  for (const size of [1 << 16, 1 << 20, MAX_LINE_BYTES + 7]) {
    const whole = Buffer.concat([Buffer.from('a\n'), most, Buffer.from('x\nb\n'), most]);
    const [a, long, b, last, ...more] = await read(cut(whole, size));
    expect([a, long, b, last?.length, more]).toEqual(['a', null, 'b', MAX_LINE_BYTES, []]);
  }
  expect(await read(cut(Buffer.concat([most, most]), 1 << 20))).toEqual([null]);
});

test('K03 what never ends takes no memory, and small chunks no time', async () => {
  const log = signedLog([recordText(0), recordText(1)]);
  const piece = Buffer.alloc(1 << 20, 'x');
  function* endless() {
    yield Buffer.from(`${log.lines[0]}\n`);
    for (let n = 0; n < 256; n += 1) yield piece;
    yield Buffer.from(`\n${log.lines[1]}\n`);
  }
  const before = process.memoryUsage().arrayBuffers;
  const report = await verifyAuditExport(endless(), { checkpoint: log.note, key: log.key });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 << 20);
  expect(report).toMatchObject({
    verified: false,
    problems: [{ code: 'LINE_MALFORMED', line: 2, message: expect.stringContaining('16 MiB') }],
  });
  // A copy of all that came before with each of these would be 2 TB.
  const small = Buffer.alloc(64, 'x');
  const pieces = Array.from({ length: MAX_LINE_BYTES / 64 }, () => small);
  const [line] = await read(pieces);
  expect(line?.length).toBe(MAX_LINE_BYTES);
});

test('an export with the line ends of another system is verified', async () => {
  const log = signedLog([recordText(0), recordText(1)]);
  const bytes = Buffer.from(log.lines.join('\r\n'));
  const report = await verifyAuditExport([bytes], { checkpoint: log.note, key: log.key });
  expect(report).toMatchObject({ verified: true, events: 2 });
});
