/** What is written of requests that were not answered: faults whole, storms in few lines. */
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Overloaded, Unavailable } from '#kernel/errors.ts';
import { createLog } from '#kernel/log.ts';
import { failureLog } from '../../src/app/failure-log.ts';

const request = { requestId: 'r1', method: 'POST', path: '/t/acme/login' };

function logged(failures: readonly unknown[]): Record<string, unknown>[] {
  const lines: string[] = [];
  const kept = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      lines.push(line);
      done();
    },
  });
  const log = failureLog(createLog({ level: 'debug' }, kept));
  for (const error of failures) log(error, request);
  return lines.map((line) => JSON.parse(line));
}

test('X19 a storm that is turned away is one line without a stack', () => {
  const storm = Array.from({ length: 1000 }, () => new Overloaded('Too many', { retryAfter: 2 }));
  const lines = logged(storm);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 'warn', refused: 1, path: '/t/acme/login' });
  expect(JSON.stringify(lines)).not.toContain('    at ');
});

test('a fault of ours, and a database that is away, are told whole', () => {
  const away = new Unavailable('The database does not answer', { retryAfter: 1 });
  const lines = logged([new Error('a bug'), away]);
  expect(lines.map(({ level }) => level)).toEqual(['error', 'error']);
  for (const line of lines) expect(JSON.stringify(line['err'])).toContain('failure-log.test');
});
