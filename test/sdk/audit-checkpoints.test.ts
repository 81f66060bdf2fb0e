/** Checkpoints and keys as somebody hands them in who wants to be believed (K03). */
import { expect, test } from 'vitest';
import { CheckpointError, verifyAuditExport, verifyCheckpoint } from '../../sdk/generated/audit.ts';
import { bytesOf } from '../kit/audit-export.ts';
import { recordText, signedLog } from '../kit/signed-log.ts';

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
