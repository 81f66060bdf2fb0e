import pg from 'pg';
import { expect, test } from 'vitest';
import { readTimestamp } from '#kernel/db/column-types.ts';

const general = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => unknown;

test('a timestamp is read as pg reads it, whatever its form', () => {
  const texts = [
    '2026-01-31 09:30:00+00',
    '2026-01-31 09:30:00.1+00',
    '2026-12-31 23:59:59.999+00',
    '2024-02-29 00:00:00.123456+00',
    '1970-01-01 00:00:00+00',
    '0099-03-04 05:06:07+00',
    '2026-01-31 09:30:00+05:30',
    '2026-01-31 09:30:00-08',
    '12026-01-31 09:30:00+00',
    '0044-03-15 12:00:00+00 BC',
    'infinity',
    '-infinity',
  ];
  for (const text of texts) expect(readTimestamp(text), text).toEqual(general(text));
});
