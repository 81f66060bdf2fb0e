/** Links that are good once: what for, for how long, and where they lead. */

/** What a link is good for; one of them opens nothing of another. */
export type LinkPurpose = 'RESET' | 'VERIFY_EMAIL' | 'INVITATION' | 'CHANGE_EMAIL';

interface PurposeRule {
  /** The page of the tenant that the link leads to. */
  readonly page: string;
  /** How long it is good, unless told. */
  readonly seconds: number;
}

export const PURPOSES: { readonly [P in LinkPurpose]: PurposeRule } = {
  RESET: { page: 'reset', seconds: 1800 },
  VERIFY_EMAIL: { page: 'verify', seconds: 1800 },
  // Whoever reads the mail of an address sees the same page, whether it is their account's already.
  CHANGE_EMAIL: { page: 'verify', seconds: 1800 },
  INVITATION: { page: 'invitation', seconds: 7 * 86_400 },
};

/** Whom a good link is about. */
export interface LinkHolder {
  /** uuid */
  readonly userId: string;
  /** The address that it was sent to, in its canonical form: the user's own, or that to be. */
  readonly emailKey: string;
  readonly expiresAt: Date;
  /** Of CHANGE_EMAIL: the session that asked. */
  readonly sessionId: string | null;
}

/** Below the tenant's own issuer, and nowhere else. */
export function linkUrl(issuer: string, purpose: LinkPurpose, token: string): string {
  return `${issuer}/${PURPOSES[purpose].page}?token=${token}`;
}
