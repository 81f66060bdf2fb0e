/** Why a message did not leave. */

/**
 * The message is safe to log and to store: it holds codes and host names, never what the mail
 * server said, for that repeats the recipient.
 */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
  /** Sending the same again would end the same. */
  readonly permanent: boolean;
  constructor(message: string, permanent = false) {
    super(message);
    this.permanent = permanent;
  }
}
