/** Owns the shapes of texts that people write, and the form in which names are compared. */
import { z } from 'zod';

/** NFKC, lower case: how a name is compared and sorted. It may be longer than the name. */
export function nameKey(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** One line: trimmed, not empty, no control characters, at most `max` UTF-16 units and twice that as a key. */
export function line(max: number) {
  return z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .refine(
      (value) => value.length <= max && nameKey(value).length <= 2 * max,
      `must have at most ${max} characters`,
    )
    .regex(/^\P{Cc}*$/u, 'must not contain control characters');
}

/** Several lines: trimmed, at most `max` UTF-16 units. */
export function lines(max: number) {
  return z
    .string()
    .trim()
    .max(max, `must have at most ${max} characters`)
    .regex(
      /^(?:\P{Cc}|[\n\r\t])*$/u,
      'must not contain control characters other than line breaks and tabs',
    );
}

/** For optimistic locking: the version that the caller read. */
export const expectedVersion = z
  .int()
  .min(1, 'must be at least 1')
  .optional()
  .describe('Do it only if this is still the version.');
