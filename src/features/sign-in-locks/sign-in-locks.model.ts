/** What too many wrong answers close of a person's sign-in, for a time. A passkey is never closed. */

export interface SignInLock {
  /** Null: passwords are taken. */
  readonly passwordsUntil: Date | null;
  /** Of codes of every kind; null: they are taken. */
  readonly secondFactorsUntil: Date | null;
}
