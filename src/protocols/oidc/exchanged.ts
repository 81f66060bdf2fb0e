/** What an exchanged token says beyond others, between its making and its writing. */
import type { Act, Within } from './token-actors.ts';

export interface Exchanged {
  readonly act: Act;
  /** What it may become again. */
  readonly within: Within;
  /** How the person signed in who is there: the subject, or whoever acts for them. */
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  readonly authTime?: number | undefined;
}

const known = new WeakMap<object, Exchanged>();

export function exchange(token: object, said: Exchanged): void {
  known.set(token, said);
}

export function exchangedFor(token: object): Exchanged | undefined {
  return known.get(token);
}
