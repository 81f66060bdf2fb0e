/** What the doctor says about one thing. */
export interface Finding {
  readonly check: string;
  /** `warn` works today; `fail` does not. */
  readonly state: 'ok' | 'warn' | 'fail';
  /** What is, and what to do unless it is fine. No secrets. */
  readonly says: string;
}
