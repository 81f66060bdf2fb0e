/** Lines that say two things, or something else than what was hashed: none is verified (K03). */
import { expect, test } from 'vitest';
import { type AuditReport, verifyAuditExport, verifyInclusion } from '../../sdk/generated/audit.ts';
import { exportAuditEvents } from '../../sdk/generated/sdk.ts';
import { readCheckpoint } from '../../sdk/src/audit/checkpoint.ts';
import { leafHashOf, lineOf, recordText, type SignedLog, signedLog } from '../kit/signed-log.ts';

const records = [0, 1, 2].map((n) => recordText(n, { n }));
const log = signedLog(records);
const [, middle = ''] = log.lines;

function verify(
  lines: readonly (string | Buffer)[],
  { note, key }: SignedLog = log,
): Promise<AuditReport> {
  const bytes = lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]);
  return verifyAuditExport([Buffer.concat(bytes)], { checkpoint: note, key });
}

/** What is said of a line that stands in place of the one in the middle. */
async function problemsOf(line: string | Buffer) {
  const { verified, problems } = await verify(log.lines.with(1, line as string));
  expect(verified).toBe(false);
  return problems.filter(({ code }) => code === 'LINE_MALFORMED').map(({ message }) => message);
}

/** What is said of a record that a hostile log has hashed and signed as it stands here. */
async function problemsOfSigned(record: string | Buffer) {
  const bytes = Buffer.from(record);
  const tail = `,"leafIndex":0,"leafHash":"${leafHashOf(bytes).toString('base64')}"}`;
  const line = Buffer.concat([bytes.subarray(0, -1), Buffer.from(tail)]);
  const { verified, problems } = await verify([line], signedLog([bytes]));
  expect(verified).toBe(false);
  return problems.filter(({ code }) => code === 'LINE_MALFORMED').map(({ message }) => message);
}

const ALICE = '"actor":{"act":null,"id":"user_01h2xcejqtf2nbrexx3vqjhp49","kind":"user"}';

test('K03 what the log wrote is verified, and an edited line is named as edited', async () => {
  expect(await verify(log.lines)).toMatchObject({ verified: true, events: 3 });
  const withWhere = middle.replace(
    /\}$/,
    ',"where":{"ipAddress":"::1","userAgent":"a \\"b\\" \\\\ \u{1f600}"}}',
  );
  const bare = (log.lines[2] ?? '').replace(/,"leafHash":"[^"]+"/, '');
  const nowhere = (log.lines[0] ?? '').replace(/\}$/, ',"where":{}}');
  expect(await verify([nowhere, withWhere, bare])).toMatchObject({ verified: true });
  const unopened = (log.lines[0] ?? '').replace(/\}$/, ',"where":null}');
  expect(await verify([unopened, withWhere, bare])).toMatchObject({ verified: true });
  const edited = await verify(log.lines.with(1, middle.replace('SUCCESS', 'REFUSED')));
  expect(edited.problems).toMatchObject([
    { code: 'EVENT_EDITED', line: 2, leafIndex: 1, eventId: expect.stringMatching(/^event_/) },
  ]);
});

test('K03 names in any order of code units, and any text, are verified as they were hashed', async () => {
  const odd = signedLog([
    recordText(0, { 9: 1, 10: 2, '\u20ac': 3, '\u{1f600}': 4, '\ufb33': 5, __proto__x: 6 }),
    recordText(1).replace(
      '"details":{}',
      '"details":{"__proto__":{"a":1},"a":"\\\\ud800 \\u0007"}',
    ),
    recordText(2, { big: 1e21, small: 1e-7, half: 0.5, minus: -3 }),
  ]);
  expect(await verify(odd.lines, odd)).toMatchObject({ verified: true, problems: [] });
});

test.for<[string, string | Buffer, RegExp]>([
  ['a member that stands twice', middle.replace('{"actor"', `{${ALICE},"actor"`), /stands twice/],
  ['a member that stands twice, deep', middle.replace('"n":1', '"n":1,"n":1'), /stands twice/],
  [
    'a name that stands twice, escaped',
    middle.replace('"n":1', '"\\u006e":7,"n":1'),
    /stands twice/,
  ],
  ['a number without an end', middle.replace('"reason":null', '"reason":1e999'), /a number/],
  ['a number that no double holds', middle.replace('"n":1', '"n":9007199254740993'), /a number/],
  ['a number in another form', middle.replace('"n":1', '"n":1.0'), /a number/],
  ['minus nothing', middle.replace('"n":1', '"n":-0'), /a number/],
  [
    'bytes that are no UTF-8',
    Buffer.from(middle.replace('SUCCESS', 'SUCCESS\u00ff'), 'latin1'),
    /UTF-8/,
  ],
  ['half a character', middle.replace('SUCCESS', 'SUCCESS\\ud800'), /surrogate/],
  ['a character in another form', middle.replace('SUCCESS', '\\u0053UCCESS'), /a character/],
  ['a prototype', middle.replace('"n":1', '"__proto__":{"n":1},"__proto__":{}'), /stands twice/],
  ['a space', middle.replace('"n":1', '"n": 1'), /a space/],
  ['a space before it', ` ${middle}`, /from character 1 on/],
  ['a byte order mark', `\ufeff${middle}`, /no JSON/],
  [
    'members in another order',
    JSON.stringify({ leafIndex: 1, ...JSON.parse(middle) }),
    /in another order/,
  ],
  [
    'spaces between members',
    JSON.stringify(JSON.parse(middle), null, ' ').replaceAll('\n', ''),
    /with spaces/,
  ],
  ['a member behind it', middle.replace(/\}$/, ',"reason":"x"}'), /leafIndex, leafHash and where/],
  ['a record twice', `${middle}${middle}`, /no JSON|leafIndex/],
  [
    'an index with a zero before it',
    middle.replace('"leafIndex":1', '"leafIndex":01'),
    /once each/,
  ],
  [
    'an index that no double holds',
    middle.replace('"leafIndex":1', '"leafIndex":9007199254740993'),
    /once each/,
  ],
  ['a hash in other base64', middle.replace(/.=(?="\}$)/, 'B='), /once each/],
  ['where with another member', middle.replace(/\}$/, ',"where":{"id":"x"}}'), /where must hold/],
  ['where twice', middle.replace(/\}$/, ',"where":{},"where":{}}'), /where/],
  [
    'where that holds a member twice',
    middle.replace(/\}$/, ',"where":{"ipAddress":"a","ipAddress":"b"}}'),
    /where is not written/,
  ],
  [
    'where with a control character',
    middle.replace(/\}$/, ',"where":{"ipAddress":"\u001b"}}'),
    /where is no JSON/,
  ],
  ['where that is a list', middle.replace(/\}$/, ',"where":[]}'), /where is no JSON object/],
  ['another version', JSON.stringify({ ...JSON.parse(middle), v: 2 }), /version 2.*take a later/],
  ['no leafIndex', records[1] ?? '', /no leafIndex/],
  [
    'nesting without end',
    middle.replace('"n":1', `"n":${'['.repeat(200_000)}${']'.repeat(200_000)}`),
    /nested too deep/,
  ],
  ['no JSON', 'nonsense', /no JSON/],
  ['no object', '7', /no event/],
  ['a zero byte', middle.replace('SUCCESS', 'SUC\u0000CESS'), /no JSON/],
])('K03 a line with %s is refused, and says why', async ([, line, why]) => {
  expect(line).not.toBe(middle);
  expect(await problemsOf(line)).toEqual([expect.stringMatching(why)]);
});

const [record = ''] = records;

test.for<[string, string | Buffer, RegExp]>([
  ['a member that stands twice', record.replace('{"actor"', `{${ALICE},"actor"`), /stands twice/],
  ['a number without an end', record.replace('"reason":null', '"reason":1e999'), /a number/],
  ['bytes that are no UTF-8', Buffer.from(record.replace('SUCCESS', '\u00ff'), 'latin1'), /UTF-8/],
  ['another leafIndex', record.replace('"occurredAt"', '"leafIndex":7,"occurredAt"'), /no other/],
  ['one member less', record.replace('"reason":null,', ''), /must have the members/],
  [
    'members out of order',
    record.replace(/("reason":null),("requestId":"[^"]+")/, '$2,$1'),
    /out of order/,
  ],
])('K03 a record with %s is refused though the log signed it so', async ([, signed, why]) => {
  expect(await problemsOfSigned(signed)).toEqual([expect.stringMatching(why)]);
});

test('K03 one event by its proof is looked at as closely', () => {
  const one = signedLog([record]);
  const checkpoint = readCheckpoint(one.note);
  const proof = { leafIndex: 0, size: 1, hashes: [] };
  const holds = (line: string) => verifyInclusion(line, proof, checkpoint);
  const line = lineOf(record, 0);
  for (const good of [line, `${line}\n`, `${line}\r\n`]) expect(holds(good)).toBe(true);
  for (const bad of [
    line.replace('{"actor"', `{${ALICE},"actor"`),
    `\ufeff${line}`,
    `\u00a0${line}`,
    `${line}\n${line}`,
    line.replace('SUCCESS', 'SUCCESS\ud800'),
    '',
    'null',
  ])
    expect(holds(bad)).toBe(false);
});

const end = { to: 3, filtered: false, checkpoint: log.note };
const closing = (changes: object = {}) => JSON.stringify({ export: { ...end, ...changes } });

/** Of all lines of the log and this one behind them. */
async function problemsOfClosing(line: string) {
  const { verified, events, problems } = await verify([...log.lines, line]);
  expect({ verified, events }).toEqual({ verified: problems.length === 0, events: 3 });
  return problems.map(({ code, line: at, message }) => `${code} ${at}: ${message}`);
}

test('K03 the line that closes an export may stand in the middle, where two were joined', async () => {
  const { lines } = log;
  expect(await problemsOfClosing(closing())).toEqual([]);
  expect(await problemsOfClosing(closing({ from: 0, hashes: [] }))).toEqual([]);
  const joined = [lines[0], closing({ to: 1, checkpoint: log.noteOf(1) }), lines[1], lines[2]];
  const whole = await verify([...(joined as string[]), closing({ from: 1, hashes: [] })]);
  expect(whole).toMatchObject({ verified: true, events: 3 });
  const notGoingOn = await verify(joined.toSpliced(2, 1) as string[]);
  expect(notGoingOn.problems).toMatchObject([{ code: 'EVENTS_MISSING', leafIndex: 1, line: 3 }]);
  for (const filtered of [true, false]) {
    const less = await verify([lines[0] as string, closing({ filtered })]);
    expect(less.problems).toMatchObject([{ code: 'EVENTS_MISSING', leafIndex: 1, line: 2 }]);
  }
  const more = await verify([...lines, closing({ to: 4 })]);
  expect(more.problems[0]).toMatchObject({ code: 'EVENTS_MISSING', leafIndex: 3, line: 4 });
});

test.for<[string, string, RegExp]>([
  ['an event in it', closing({ event: JSON.parse(middle) }), /export alone/],
  ['an event beside it', closing().replace(/\}$/, `,${middle.slice(1)}`), /export alone/],
  ['export twice', closing().replace('{"export"', `{"export":${middle},"export"`), /once each/],
  ['a member twice', closing().replace('"to"', '"to":1,"to"'), /once each/],
  ['an event alone', `{"export":${middle}}`, /export alone/],
  ['nothing in it', '{"export":null}', /export alone/],
  ['no JSON', '{"export":', /export alone/],
  ['spaces', closing().replace('"to"', ' "to"'), /without spaces/],
  ['another end, earlier', closing({ to: 2 }), /leaves below 2, .* below 3/],
  ['another end of a filter', closing({ to: 2, filtered: true }), /below 2/],
  ['an end that is no number', closing({ to: '3' }), /export alone/],
  ['an end below nothing', closing({ to: -1 }), /export alone/],
  ['a beginning that is none', closing({ from: 0.5 }), /export alone/],
  ['hashes that are none', closing({ hashes: ['AAAA'] }), /export alone/],
  [
    'more hashes than a size has bits',
    closing({ hashes: Array(54).fill(`${'A'.repeat(43)}=`) }),
    /export alone/,
  ],
  ['a checkpoint that is none', closing({ checkpoint: middle }), /not to be believed/],
  [
    'a forged checkpoint',
    closing({ checkpoint: log.note.replace('\n3\n', '\n4\n') }),
    /not to be believed/,
  ],
])('K03 a line that closes an export and has %s is refused', async ([, line, why]) => {
  expect(await problemsOfClosing(line)).toEqual([
    expect.stringMatching(new RegExp(`^LINE_MALFORMED 4: .*${why.source}`)),
  ]);
});

test('K03 what stands in the line that closes an export is never given as an event', async () => {
  const text = [...log.lines, closing().replace(/\}$/, `,${middle.slice(1)}`)].join('\n');
  const headers = { 'signet-export-to': '3', 'signet-checkpoint': btoa('note') };
  const client = { download: async () => new Response(`${text}\n`, { headers }) };
  const { events } = await exportAuditEvents(client);
  const seen: number[] = [];
  for await (const { leafIndex } of events()) seen.push(leafIndex);
  expect(seen).toEqual([0, 1, 2]);
});
