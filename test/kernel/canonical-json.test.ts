/** The canonical form has a short way for what is in order already: it must never say anything else. */
import { expect, test } from 'vitest';
import { canonicalJson, type Json } from '#kernel/events/event.ts';

/** RFC 8785 section 3.2, without any short way. */
function slow(value: unknown): string {
  if (value instanceof Date || typeof value !== 'object' || value === null)
    return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(slow).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, of]) => of !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, of]) => `${JSON.stringify(name)}:${slow(of)}`).join(',')}}`;
}

/** The same numbers every time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const NAMES = [
  'a',
  'b',
  'aa',
  'B',
  '',
  '10',
  '9',
  '\u20ac',
  '\ud83d\ude00',
  '\ufb33',
  '__proto__',
  'é',
];
const LEAVES = [null, true, false, 0, -0, 1e21, 0.1, '', 'x"\\\u2028\u0007', '\ud800', 'ü'];

test('K03 values in order, out of order, and of odd names have one form each', () => {
  const next = random(7);
  const pick = <T>(all: readonly T[]) => all[Math.floor(next() * all.length)] as T;
  const value = (depth: number): unknown => {
    if (depth === 0 || next() < 0.3) return pick(LEAVES);
    const count = Math.floor(next() * 4);
    if (next() < 0.3) return Array.from({ length: count }, () => value(depth - 1));
    const names = new Set(Array.from({ length: count }, () => pick(NAMES)));
    const text = [...names].map(
      (name) => `${JSON.stringify(name)}:${JSON.stringify(value(depth - 1))}`,
    );
    return JSON.parse(`{${text.join(',')}}`);
  };
  for (let n = 0; n < 20_000; n += 1) {
    const one = value(4);
    expect(canonicalJson(one as Json)).toBe(slow(one));
  }
});

test('what is no plain value is written as before', () => {
  const at = new Date(0);
  const odd: unknown[] = [
    { b: 1, a: undefined },
    { a: undefined, b: { d: undefined, c: 1 } },
    { at },
    [at],
    { toJSON: 'a text' },
    Object.create(null, { b: { value: 1, enumerable: true }, a: { value: 2, enumerable: true } }),
  ];
  for (const one of odd) expect(canonicalJson(one as Json)).toBe(slow(one));
});
