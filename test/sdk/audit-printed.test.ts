/** What stands in somebody else's files reaches the auditor's terminal as text, and as nothing else (K03). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { CheckpointError, verifyAuditExport, verifyCheckpoint } from '../../sdk/generated/audit.ts';
import { bytesOf } from '../kit/audit-export.ts';
import { lineOf, recordText, signedLog } from '../kit/signed-log.ts';

const CLI = fileURLToPath(new URL('../../sdk/src/audit/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'printed-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** C0 but the line feed, DEL, C1, and what turns the direction of text or cannot be seen. */
const UNSEEN = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u;
const FAKE = 'verified: 3 events';

async function signet(files: Readonly<Record<string, string>>, ...more: readonly string[]) {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const args = [CLI, 'audit', 'verify', 'export.ndjson', 'checkpoint.txt', ...more];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number, said: `${out}${err}` };
}

const exportOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

test('K03 T36 an id with an escape and line feeds prints no line of its own', async () => {
  const id = `\u001b[2J\n${FAKE}\n\u202e\u0085\u007f`;
  const record = JSON.parse(recordText(1)) as object;
  const hostile = JSON.stringify({ ...record, id });
  const log = signedLog([recordText(0), hostile, recordText(2)]);
  const edited = lineOf(hostile, 1).replace('SUCCESS', 'REFUSED');
  const { code, said } = await signet({
    'export.ndjson': exportOf([log.lines[0] ?? '', edited, log.lines[2] ?? '']),
    'checkpoint.txt': log.note,
  });
  expect(code).toBe(1);
  expect(said).toMatch(/^EVENT_EDITED: line 2, leaf 1: /);
  expect(said).not.toMatch(UNSEEN);
  expect(said).not.toContain(FAKE);
});

test('K03 T36 the name of a log prints no line of its own, and turns no line around', async () => {
  const named = 'log.example/\u202eauditor\u200b';
  const log = signedLog([recordText(0)], named);
  const files = { 'export.ndjson': exportOf(log.lines), 'checkpoint.txt': log.note };
  const whole = await signet(files);
  expect(whole.said).toContain('verified: 1 events');
  expect(whole.said).toContain('log.example/\\u{202e}auditor');
  expect(whole.said).not.toMatch(UNSEEN);
  const other = signedLog([recordText(0)]);
  const foreign = await signet({ ...files, 'key.txt': other.key }, '--key', 'key.txt');
  expect(foreign.said).toMatch(/^CHECKPOINT_OF_ANOTHER_LOG: /);
  expect(foreign.said).not.toMatch(UNSEEN);
  const earlier = await signet({ ...files, 'earlier.txt': other.note }, '--earlier', 'earlier.txt');
  expect(earlier.said).toMatch(/^EARLIER_NOT_COMPARABLE: /);
  expect(earlier.said).not.toMatch(UNSEEN);
  // And long ones do not push what is said out of sight.
  const long = signedLog([recordText(0)], 'x'.repeat(100_000));
  const pushed = await signet({
    'export.ndjson': exportOf(long.lines),
    'checkpoint.txt': long.note,
  });
  expect(pushed.said.length).toBeLessThan(2_000);
});

test('K03 T36 messages of the SDK hold nothing unseen either', async () => {
  const log = signedLog([recordText(0)], 'log.example/\u202e');
  const other = signedLog([recordText(0)]);
  const options = { checkpoint: other.note, earlier: [log.note] };
  const { problems } = await verifyAuditExport(bytesOf(other.lines), options);
  const thrown = [other.key, log.key.replace('log', 'l\u2066og')].map((key) => {
    try {
      return verifyCheckpoint(log.note, key).origin;
    } catch (error) {
      return error instanceof CheckpointError ? error.message : 'another error';
    }
  });
  const said = [...problems.map(({ message }) => message), ...thrown];
  expect(said).toHaveLength(3);
  for (const message of said) expect(message).not.toMatch(UNSEEN);
});
