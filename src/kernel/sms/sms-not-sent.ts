/** Safe to log and to store: it never holds what the gateway said, for that may repeat the message. */
export class SmsNotSent extends Error {
  override readonly name = 'SmsNotSent';
}
