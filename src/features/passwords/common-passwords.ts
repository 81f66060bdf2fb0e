/**
 * Owns the list of common passwords that is shipped: the 49,233 of zxcvbn, in lower case, 17,950 of
 * them with 8 characters or more. Breaches hold far more: see `password-file.ts`.
 */
import { readFile } from 'node:fs/promises';
import type { PasswordList } from './passwords.model.ts';

export const commonPasswords: PasswordList = {
  async has(password) {
    return (await quotedWords()).includes(JSON.stringify(password));
  },
};

let kept: Promise<string> | undefined;

/**
 * The JSON text itself, read at first use: half a megabyte and 0.3 ms a look, where a Set of its
 * words would take six times the memory and block the event loop for 20 ms when it is made. It is
 * ASCII, and a quoted word is found only where it stands alone.
 */
function quotedWords(): Promise<string> {
  const list = import.meta.resolve('@zxcvbn-ts/language-common/src/passwords.json');
  kept ??= readFile(new URL(list), 'latin1').catch((error: unknown) => {
    kept = undefined;
    throw error;
  });
  return kept;
}
