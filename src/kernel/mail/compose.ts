/** A message as nodemailer takes it: one sender, one recipient, and nothing that could name another. */
import type { SendMailOptions } from 'nodemailer';
import type { Mailbox } from '#kernel/config-mail.ts';
import type { Mail } from '#kernel/mail.ts';
import { MailNotSent } from './mail-not-sent.ts';

/** Throws `MailNotSent` for what is not one address. */
export function compose(mail: Mail, from: Mailbox): SendMailOptions {
  const { address } = mail.to;
  if (address.length > 254 || !ONE_ADDRESS.test(address))
    throw new MailNotSent('the recipient is not one plain address', true);
  if (!LEFT_PART.test(mail.messageId)) throw new Error('a Message-ID is made of [A-Za-z0-9-]');
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return {
    from,
    to: [{ name: oneLine(mail.to.name ?? ''), address }],
    // Said apart, so that nobody reads it out of a header.
    envelope: { from: from.address, to: [address] },
    subject: oneLine(mail.subject),
    text: mail.text,
    html: mail.html,
    messageId: `<${mail.messageId}@${domain}>`,
    // RFC 3834 section 5: answered by no machine.
    headers: { 'Auto-Submitted': 'auto-generated' },
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** RFC 5321 without quoted local parts and address literals. */
const ONE_ADDRESS = /^[^\s\p{C}<>()[\]\\,;:"@]{1,64}@[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/u;
const LEFT_PART = /^[\w-]{1,64}$/;

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
