/** Which types of events are meant: one rule for lists, live tails and log streams. */

/** A type such as `user.create`, or `user.*`: all that begin so. */
export const EVENT_PATTERN = /^[a-z][a-z0-9-]{0,63}(\.[a-z][a-z0-9-]{0,63}|\.\*)$/;

export function isOfType(type: string, pattern: string): boolean {
  return isPrefix(pattern) ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

export function isPrefix(pattern: string): boolean {
  return pattern.endsWith('.*');
}
