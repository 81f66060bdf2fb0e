/** docs/guides/verify-the-audit-log.md, and the command that it tells of: as an auditor has them (K03). */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { shownIn } from '../contracts/shown-blocks.ts';
import { exportedLines, sequenced, signedNote } from '../kit/audit-export.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { installPackage } from './installed-package.ts';

const guide = readFileSync(
  new URL('../../docs/guides/verify-the-audit-log.md', import.meta.url),
  'utf8',
);
const [fetching = ''] = shownIn(guide, 'bash').map(({ block }) => block.text);
const [program = ''] = shownIn(guide, 'js').map(({ block }) => block.text);

const house = await openHouse();
const make = makers(house);
const installed = await installPackage();
const acme = await make.tenant();
for (let n = 0; n < 4; n += 1) await make.user(acme);
await sequenced(house, acme);
const earlier = await signedNote(acme);
await make.user(acme);
await sequenced(house, acme);

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a program in the auditor's folder. */
function run(command: string, args: readonly string[], input = ''): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', SIGNET: house.url, TENANT_SECRET: acme.secret };
  const child = spawn(command, args, { cwd: installed.folder, env });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text: Buffer.concat(chunks).toString() }));
  });
}

const CLI = join(installed.folder, 'node_modules/@signet/sdk/dist/src/audit/cli.js');
const signet = (...args: string[]) => run(process.execPath, [CLI, ...args]);

const fetched = await run('sh', ['-euc', fetching]);
const lines = await exportedLines(house, acme);
const put = (name: string, texts: readonly string[]) =>
  installed.write(name, texts.map((text) => `${text}\n`).join(''));
put('export.ndjson', lines);
installed.write('earlier.txt', earlier.note);

test('the guide gets key and checkpoint, and its program verifies the export by them', async () => {
  expect(fetched).toEqual({ code: 0, text: '' });
  installed.write('verify.mjs', program);
  const ended = await run(process.execPath, ['verify.mjs']);
  expect(ended).toEqual({ code: 0, text: `true ${lines.length}\n` });
});

test('K03 the command verifies what is whole: plain, packed, or from the standard input', async () => {
  const size = lines.length;
  const all = ['checkpoint.txt', '--key', 'key.txt', '--earlier', 'earlier.txt'];
  const plain = await signet('audit', 'verify', 'export.ndjson', ...all);
  expect(plain.text).toMatch(new RegExp(`^verified: ${size} events, checkpoint of ${size} leaves`));
  expect(plain.text).toContain('\n1 of 1 earlier checkpoints were compared\n');
  expect(plain.code).toBe(0);
  const packed = installed.write('export.ndjson.gz', '');
  writeFileSync(packed, gzipSync(lines.join('\n')));
  expect((await signet('audit', 'verify', 'export.ndjson.gz', ...all)).code).toBe(0);
  const streamed = await run(
    process.execPath,
    [CLI, 'audit', 'verify', '-', ...all],
    lines.join('\r\n').replaceAll('\r', ''),
  );
  expect(streamed.code).toBe(0);
  const keyless = await signet('audit', 'verify', 'export.ndjson', 'checkpoint.txt');
  expect(keyless.text).toContain('was not checked');
});

test('K03 T36 the command names what was done to an export, and ends with 1', async () => {
  const id = (JSON.parse(lines[2] ?? '') as { id: string }).id;
  put('edited.ndjson', lines.with(2, (lines[2] ?? '').replace('SUCCESS', 'REFUSED')));
  put('removed.ndjson', lines.toSpliced(3, 1));
  put('short.ndjson', lines.slice(0, -1));
  put('doubled.ndjson', lines.toSpliced(1, 0, lines[0] ?? ''));
  put('broken.ndjson', lines.with(1, 'nonsense'));
  put(
    'rewritten.ndjson',
    lines.map((line) => JSON.stringify(JSON.parse(line), null, ' ').replaceAll('\n', '')),
  );
  const verify = (file: string) =>
    signet('audit', 'verify', file, 'checkpoint.txt', '--key', 'key.txt');
  const expected: readonly [string, RegExp][] = [
    ['edited.ndjson', new RegExp(`^EVENT_EDITED: line 3, leaf 2, ${id}: .*\nNOT VERIFIED`)],
    ['removed.ndjson', /^EVENTS_MISSING: line 4, leaf 3: Leaf 3 is missing.*\nNOT VERIFIED/],
    ['short.ndjson', new RegExp(`^EVENTS_MISSING: leaf ${lines.length - 1}: .*\nNOT VERIFIED`)],
    ['doubled.ndjson', /^LEAF_REPEATED: line 2, leaf 0, event_.*\nNOT VERIFIED/],
    [
      'broken.ndjson',
      /^LINE_MALFORMED: line 2: .*\nEVENTS_MISSING: line 3, leaf 1: .*\nNOT VERIFIED/,
    ],
    // The same to whoever wrote it, and perhaps not to whoever reads it.
    ['rewritten.ndjson', /^LINE_MALFORMED: line 1: .* spaces/],
  ];
  for (const [file, text] of expected) {
    const ended = await verify(file);
    expect(ended.text).toMatch(text);
    expect(ended.code).toBe(1);
  }
});

test('K03 the command refuses a checkpoint or a key that is none, and says how it is called', async () => {
  const note = readFileSync(join(installed.folder, 'checkpoint.txt'), 'utf8');
  installed.write('forged.txt', note.replace(/\n\d+\n/, '\n1\n'));
  installed.write('nonsense.txt', 'nonsense');
  installed.write('blank.txt', '\n');
  installed.write('damaged.txt', `${note}\n${note.replace('\u2014', '-')}`);
  const latin = installed.write('latin.txt', '');
  writeFileSync(latin, Buffer.from(note.replace('\u2014', '\u00e9'), 'latin1'));
  const verify = (checkpoint: string, key = 'key.txt', earlier = 'earlier.txt') =>
    signet('audit', 'verify', 'export.ndjson', checkpoint, '--key', key, '--earlier', earlier);
  for (const [ended, code, text] of [
    [await verify('forged.txt'), 1, /^CHECKPOINT_SIGNATURE_WRONG: /],
    [await verify('nonsense.txt'), 1, /^CHECKPOINT_MALFORMED: /],
    [await verify('checkpoint.txt', 'nonsense.txt'), 1, /^KEY_MALFORMED: /],
    [await verify('checkpoint.txt', 'blank.txt'), 1, /^KEY_MALFORMED: /],
    [await verify('forged.txt', ''), 1, /^KEY_MALFORMED: /],
    [await verify('damaged.txt'), 1, /^CHECKPOINT_MALFORMED: damaged\.txt: Line 7 /],
    [
      await verify('checkpoint.txt', 'key.txt', 'damaged.txt'),
      1,
      /^CHECKPOINT_MALFORMED: damaged\.txt: Line 7 /,
    ],
    [
      await verify('checkpoint.txt', 'key.txt', 'blank.txt'),
      1,
      /^CHECKPOINT_MALFORMED: blank\.txt: /,
    ],
    [await verify('latin.txt'), 1, /^CHECKPOINT_MALFORMED: latin\.txt: .* UTF-8/],
    [await verify('missing.txt'), 2, /missing\.txt/],
    [await signet('audit'), 2, /^Use: signet audit verify/],
    [await signet('--unknown'), 2, /Use: signet audit verify/],
    [await signet('--help'), 0, /^Use: signet audit verify/],
  ] as const) {
    expect(ended.text).toMatch(text);
    expect(ended.code).toBe(code);
  }
});
