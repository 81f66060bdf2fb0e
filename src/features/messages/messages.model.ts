/** Messages: which there are, what each is told, and how often a person may get them. */
import type { Recipient } from '#kernel/mail.ts';

export type FactorKind = 'TOTP' | 'PASSKEY' | 'EMAIL' | 'SMS' | 'BACKUP_CODES';

/** What the caller tells a template. The tenant's name and the time that is left come by themselves. */
export interface MessageParameters {
  'reset-password': { readonly link: string };
  'verify-email': { readonly link: string };
  /** To an address that is to be that of an account. */
  'change-email': { readonly link: string };
  invitation: { readonly link: string };
  'sign-in-code': { readonly code: string };
  /** To a person who tried to make the account that they have: where to sign in. */
  'account-exists': { readonly link: string };
  /** To the address that the account has, before it moves. */
  'email-change-asked': Record<never, never>;
  /** To the old address and to the new one. */
  'email-changed': Record<never, never>;
  'password-changed': Record<never, never>;
  'factor-added': { readonly factor: FactorKind };
  'factor-removed': { readonly factor: FactorKind };
}

export type Template = keyof MessageParameters;

/**
 * How it is counted for one recipient. `asked`: what anybody can ask for who has shown nothing, each
 * kind by itself, so that whoever asks for one kind keeps no other back; the others together. `codes` are counted apart, so that a stranger cannot use up the codes that somebody signs in with;
 * `notices`, so that nobody can silence the news of what they do next.
 */
export type Counted = 'asked' | 'codes' | 'notices';

interface TemplateRule {
  readonly counted: Counted;
  /** How long what it says is good, unless the caller knows better. */
  readonly seconds: number;
}

const HOUR = 3600;
const LINK: TemplateRule = { counted: 'asked', seconds: HOUR / 2 };
/** About a change that somebody made who was signed in: it must arrive, also a day later. */
const NOTICE: TemplateRule = { counted: 'notices', seconds: 24 * HOUR };

export const TEMPLATES: { readonly [T in Template]: TemplateRule } = {
  'reset-password': LINK,
  'verify-email': LINK,
  'change-email': LINK,
  invitation: { counted: 'asked', seconds: 7 * 24 * HOUR },
  'sign-in-code': { counted: 'codes', seconds: HOUR / 6 },
  'account-exists': { counted: 'asked', seconds: 24 * HOUR },
  'email-change-asked': NOTICE,
  'email-changed': NOTICE,
  'password-changed': NOTICE,
  'factor-added': NOTICE,
  'factor-removed': NOTICE,
};

export interface MessageOrder<T extends Template> {
  readonly template: T;
  readonly to: Recipient;
  /** uuid of the person whom it is about; null when there is no such user. */
  readonly user: string | null;
  /** The person's language tag, if it is known. */
  readonly locale: string | null;
  readonly parameters: MessageParameters[T];
  /** When what it says ends to be true, such as the end of its link. */
  readonly expiresAt?: Date;
  /** The caller has counted it, by who asked for it; then it is not dropped here. */
  readonly isCounted?: true;
}

/** What is sealed until it is sent. */
export interface Payload {
  readonly to: Recipient;
  readonly language: LanguageTag;
  readonly parameters: MessageParameters[Template];
}

export const LANGUAGE_TAGS = ['en', 'de'] as const;
export type LanguageTag = (typeof LANGUAGE_TAGS)[number];

/** `de-AT` is written to in German, whatever we do not speak in English. */
export function languageOf(locale: string | null): LanguageTag {
  const spoken = locale?.split('-', 1)[0]?.toLowerCase();
  return LANGUAGE_TAGS.find((tag) => tag === spoken) ?? 'en';
}

/** A text, a link with its label, or a code; in the order in which they are read. */
export type Block = string | { readonly link: string; readonly label: string } | { code: string };

export interface Draft {
  readonly subject: string;
  readonly body: readonly Block[];
}

export interface About {
  /** The tenant's name. */
  readonly tenant: string;
  /** The time that is left, in words: `30 minutes`. */
  readonly left: string;
}

export interface Language {
  readonly templates: {
    readonly [T in Template]: (parameters: MessageParameters[T], about: About) => Draft;
  };
  /** Before the address of a link, for those who cannot follow it. */
  readonly orOpen: string;
  /** Under every message. */
  readonly footer: (about: About) => string;
}
