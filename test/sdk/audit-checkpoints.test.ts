/** Checkpoints and keys as somebody hands them in who wants to be believed (K03). */
import { expect, test } from 'vitest';
import {
  CheckpointError,
  readCheckpoint,
  splitCheckpoints,
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

test('K03 of a file of notes nothing is passed over: what is none is an error that names its line', () => {
  const [first, second, third] = [1, 2, 3].map((size) => log.noteOf(size)) as [
    string,
    string,
    string,
  ];
  const split = (text: string) => splitCheckpoints(text);
  for (const text of [
    `${first}\n${second}\n${third}\n`,
    `\n\n${first}${second}\n\n\n${third.trimEnd()}`,
    `${first}\n${second}\n${third}`.replaceAll('\n', '\r\n'),
  ])
    expect(split(text)).toEqual([first, second, third]);
  expect(split('')).toEqual([]);
  for (const [text, line] of [
    [`${first}\n${second.replace('\u2014', '-')}\n${third}`, 7],
    [`${first}\n${second.replace('\u2014 ', '\u2014')}\n${third}`, 7],
    [`${first}\n${second.replace('\u2014', '\u2013')}`, 7],
    [`${first}\n${second.replace('\n\n', '\n')}\n${third}`, 7],
    [`${first}\n# kept in March\n\n${third}`, 7],
    [`nonsense\n${first}`.replace('\n\n', '\n \n'), 1],
    [`${first}\nx`, 7],
    [`${first}\n${second.slice(0, -80)}`.replace(/\n\u2014[^\n]*$/, ''), 7],
    [`${first}\n${second.replace(/\n\d+\n/, '\n')}`, 7],
  ] as const) {
    expect(problemOf(() => split(text))).toBe('CHECKPOINT_MALFORMED');
    expect(() => split(text)).toThrow(`Line ${line} `);
  }
  const many = split(`${third}\n`.repeat(20_000));
  expect(many).toHaveLength(20_000);
  expect(() => split('x\n'.repeat(300_000))).toThrow('Line 1 to');
});

test('K03 the report says how many earlier checkpoints it compared', async () => {
  const verify = (lines: readonly string[], earlier: string[]) =>
    verifyAuditExport(bytesOf(lines), { checkpoint: log.note, key: log.key, earlier });
  const earlier = [0, 1, 2, 3].map((size) => log.noteOf(size));
  expect(await verify(log.lines, earlier)).toMatchObject({ verified: true, earlierCompared: 4 });
  expect(await verify(log.lines, [])).toMatchObject({ verified: true, earlierCompared: 0 });
  const behind = await verify(log.lines.toSpliced(1, 1), earlier);
  expect(behind).toMatchObject({ verified: false, earlierCompared: 2 });
  const lie = log.noteOf(0, { root: Buffer.alloc(32) });
  const { problems } = await verify(log.lines, [lie]);
  expect(problems).toMatchObject([{ code: 'EARLIER_ROOT_DIFFERS' }]);
});

test.for<[string, (note: string) => string]>([
  ['a size with a zero before it', (note) => note.replace('\n3\n', '\n03\n')],
  ['a size with a sign', (note) => note.replace('\n3\n', '\n+3\n')],
  ['a size with a power', (note) => note.replace('\n3\n', '\n3e0\n')],
  ['a size that no double holds', (note) => note.replace('\n3\n', '\n9007199254740993\n')],
  ['a root with spaces', (note) => note.replace('=\n\n', '= \n\n')],
  ['a root in other base64', (note) => note.replace(/[^=]=\n\n/, 'B=\n\n')],
  ['a root without its end', (note) => note.replace('=\n\n', '\n\n')],
  ['carriage returns', (note) => note.replaceAll('\n', '\r\n')],
  ['a zero byte', (note) => note.replace('\n3\n', '\u0000\n3\n')],
  ['an escape', (note) => note.replace('=\n\n', '=\n\u001b[2J\n\n')],
  ['half a character', (note) => note.replace('=\n\n', '=\n\ud800\n\n')],
  ['a signature whose line is not ended', (note) => `${note}${note.split('\n')[4]}`],
  ['a signature in other base64', (note) => note.replace(/\S\n$/, ' \n')],
  ['an empty line more', (note) => `${note}\n`],
  ['text behind it', (note) => `${note}verified\n`],
  ['a name with a plus', (note) => note.replace('\u2014 log', '\u2014 l+g')],
  ['more signatures than anybody has', (note) => note + `${note.split('\n')[4]}\n`.repeat(100)],
])('K03 a checkpoint with %s is none', ([, change]) => {
  expect(change(log.note)).not.toBe(log.note);
  expect(problemOf(() => readCheckpoint(change(log.note)))).toBe('CHECKPOINT_MALFORMED');
});

test('K03 of several signatures all of the pinned key must hold, and one must be there', () => {
  const [line = ''] = log.note.split('\n').slice(4);
  const open = (note: string) => problemOf(() => verifyCheckpoint(note, log.key));
  const bytes = Buffer.from(line.split(' ')[2] ?? '', 'base64');
  const with_ = (change: (signature: Buffer) => Buffer, name = line.split(' ')[1]) =>
    `\u2014 ${name} ${change(Buffer.from(bytes)).toString('base64')}\n`;
  const other = with_((signature) => signature.fill(7), 'witness.example');
  expect(open(log.note + other)).toBeNull();
  expect(open(`${log.note}${line}\n`)).toBeNull();
  expect(open(log.note + with_((signature) => signature.fill(7, 4)))).toBe(
    'CHECKPOINT_SIGNATURE_WRONG',
  );
  expect(open(log.note + with_((signature) => signature.subarray(0, 20)))).toBe(
    'CHECKPOINT_SIGNATURE_WRONG',
  );
  expect(open(log.note.replace(`${line}\n`, other))).toBe('CHECKPOINT_NOT_SIGNED');
  expect(
    open(
      log.note.replace(
        `${line}\n`,
        with_((s) => s.fill(7, 0, 4)),
      ),
    ),
  ).toBe('CHECKPOINT_NOT_SIGNED');
  expect(open(log.note.replace('=\n\n', '=\nmore\n\n'))).toBe('CHECKPOINT_SIGNATURE_WRONG');
  // Signed by the pinned key, and of another log all the same.
  expect(open(log.noteOf(3, { origin: 'log.example/t/other/audit' }))).toBe(
    'CHECKPOINT_OF_ANOTHER_LOG',
  );
});

test('K03 the key has one form', () => {
  const [name = '', id = '', ...rest] = log.key.split('+');
  const encoded = rest.join('+');
  expect(problemOf(() => verifyCheckpoint(log.note, `${log.key}\n`))).toBeNull();
  for (const key of [
    `${name}+${id.toUpperCase()}+${encoded}`,
    `${name}+${id}+${encoded}=`,
    `${name}+${id}+${encoded}AAAA`,
    `${name}+${id}+${encoded.slice(0, -4)}`,
    `${name}x+${id}+${encoded}`,
    `${log.key}\n${log.key}`,
    `${name} ${id} ${encoded}`,
  ].filter((one) => one !== log.key))
    expect(problemOf(() => verifyCheckpoint(log.note, key))).toBe('KEY_MALFORMED');
});
