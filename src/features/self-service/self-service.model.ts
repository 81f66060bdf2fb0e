/** What people ask for who are not signed in, and what the jobs remember of it until they are done. */
import { z } from 'zod';
import { newPassword } from '#features/passwords/passwords.model.ts';
import { email, userProfile } from '#features/users/users.model.ts';

const locale = userProfile.locale
  .optional()
  .describe('The language of the message where the user has none, a BCP 47 tag such as `en-GB`.');
const token = z.string().max(100).describe('The token of the link, as its address has it.');

export const resetRequest = { email, locale };

export const registration = {
  email,
  displayName: userProfile.displayName.optional(),
  locale,
};

export const linkToken = { token };

export const chosenPassword = { token, newPassword };

/** Whose mail it is about and where it was asked for: sealed, since it is kept in the queue. */
export interface Asked {
  readonly email: string;
  readonly displayName?: string | undefined;
  readonly locale?: string | undefined;
  readonly requestId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** What stands in the queue. */
export interface AskedOrder {
  readonly tenantId: string;
  readonly id: string;
  /** An `Asked`, in base64. */
  readonly sealed: string;
}
