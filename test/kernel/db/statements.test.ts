import { expect, it } from 'vitest';
import { StatementNames } from '#kernel/db/statements.ts';

it('texts that come back get a name, and only so many do', () => {
  const names = new StatementNames(2);
  expect(['a', 'a', 'b', 'a', 'b', 'b'].map((text) => names.of(text))).toEqual([
    '',
    's1',
    '',
    's1',
    's2',
    's2',
  ]);
  expect(['c', 'c', 'c', 'a'].map((text) => names.of(text))).toEqual(['', '', '', 's1']);
});
