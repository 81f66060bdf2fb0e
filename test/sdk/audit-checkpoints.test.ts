/** Checkpoints and keys as somebody hands them in who wants to be believed (K03). */
import { expect, test } from 'vitest';
import {
  CheckpointError,
  verifyAuditExport,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from '../../sdk/generated/audit.ts';
import { bytesOf } from '../kit/audit-export.ts';
import { leafHashOf, recordText, signedLog } from '../kit/signed-log.ts';

const log = signedLog([0, 1, 2].map((n) => recordText(n)));

/** The code of what it throws; null when it does not. */
function problemOf(call: () => unknown): string | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof CheckpointError) return error.code;
    throw error;
  }
}

test('K03 an empty key is a key that is none: only without one the signature is not looked at', async () => {
  const forged = log.note.replace(/\u2014 (\S+) .*/, `\u2014 $1 ${'AAAA'.repeat(23)}`);
  for (const key of ['', ' ', '\n', '\u0000', null as never]) {
    const call = verifyAuditExport(bytesOf(log.lines), { checkpoint: forged, key });
    await expect(call).rejects.toMatchObject({ code: 'KEY_MALFORMED' });
    expect(problemOf(() => verifyCheckpoint(forged, key))).toBe('KEY_MALFORMED');
  }
  const keyless = await verifyAuditExport(bytesOf(log.lines), { checkpoint: forged });
  expect(keyless).toMatchObject({ verified: true, signatureChecked: false });
  const keyed = await verifyAuditExport(bytesOf(log.lines), { checkpoint: log.note, key: log.key });
  expect(keyed).toMatchObject({ verified: true, signatureChecked: true });
});

test('K03 the hashes of a proof are base64 of 32 bytes in its one form, or the proof is none', () => {
  const [checkpoint, two] = [log.note, log.noteOf(2)].map((note) =>
    verifyCheckpoint(note, log.key),
  );
  const [first, last] = [0, 2].map((n) => leafHashOf(recordText(n)));
  if (!checkpoint || !two || !first || !last) throw new Error('no checkpoint');
  const right = [leafHashOf(recordText(1)), last].map((hash) => hash.toString('base64'));
  const inclusion = (hashes: unknown) =>
    verifyInclusion(
      log.lines[0] ?? '',
      { leafIndex: 0, size: 3, hashes: hashes as string[] },
      checkpoint,
    );
  const consistency = (hashes: unknown) =>
    verifyConsistency(two, checkpoint, { from: 2, to: 3, hashes: hashes as string[] });
  expect(inclusion(right)).toBe(true);
  expect(consistency(right.slice(1))).toBe(true);
  const [one = '', other = ''] = right;
  for (const wrong of [
    '',
    `${other} `,
    other.slice(0, -1),
    `${other}AAAA`,
    `\n${other}`,
    null,
    7,
    [other],
  ]) {
    expect(inclusion([one, wrong])).toBe(false);
    expect(consistency([wrong])).toBe(false);
  }
  for (const none of [undefined, null, other, { length: 1 }, Array(200).fill(other)]) {
    expect(inclusion(none)).toBe(false);
    expect(consistency(none)).toBe(false);
  }
});
