/** Examples of ids: the prefix is guessed from the names that stand around one. */
import { ID_TYPES } from '#kernel/ids.ts';

const TAIL = '01h2xcejqtf2nbrexx3vqjhp41';

/**
 * `['userId']`, `['id', 'ApiKey']` or `['id', 'audit-events']`: the first name that ends in a type
 * of id decides. Undefined when none does; it is only an example.
 */
export function exampleId(names: readonly string[]): string | undefined {
  for (const name of names) {
    const noun = name.replace(/(Id)?s?$/, '').toLowerCase();
    const type = ID_TYPES.find((candidate) => noun.endsWith(candidate));
    if (type) return `${type}_${TAIL}`;
  }
  return undefined;
}
