/**
 * How columns are read. Everything is as pg reads it except timestamptz: our sessions are in UTC, so
 * the text has one form, and reading it by its positions costs a tenth of pg's general parser. That
 * matters because every row of every list carries two of them.
 */
import pg from 'pg';

type TypeParsers = Pick<pg.CustomTypesConfig, 'getTypeParser'>;

const { TIMESTAMPTZ } = pg.types.builtins;
const general = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => unknown;

export const columnTypes: TypeParsers = {
  getTypeParser: ((oid, format) =>
    oid === TIMESTAMPTZ && format !== 'binary'
      ? readTimestamp
      : pg.types.getTypeParser(oid, format as 'text')) as TypeParsers['getTypeParser'],
};

/** `2026-01-31 09:30:00.123+00`, with 0 to 6 digits of a second's fraction; other forms as pg does. */
export function readTimestamp(text: string): unknown {
  const end = text.length - 3;
  const plain =
    end >= 19 &&
    end <= 26 &&
    text.endsWith('+00') &&
    text[4] === '-' &&
    text[0] !== '0' &&
    text[10] === ' ';
  if (!plain) return general(text);
  let ms = 0;
  for (let at = 20, worth = 100; at < end; at += 1, worth /= 10) ms += digit(text, at) * worth;
  return new Date(
    Date.UTC(
      pair(text, 0) * 100 + pair(text, 2),
      pair(text, 5) - 1,
      pair(text, 8),
      pair(text, 11),
      pair(text, 14),
      pair(text, 17),
      Math.floor(ms),
    ),
  );
}

function pair(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 48;
}
