/** What messages say in English. */
import type { FactorKind, Language } from './messages.model.ts';

const FACTORS: { readonly [F in FactorKind]: string } = {
  TOTP: 'an authenticator app',
  PASSKEY: 'a passkey',
  EMAIL: 'codes by e-mail',
  SMS: 'codes by text message',
  BACKUP_CODES: 'backup codes',
};

const notYou = (tenant: string) =>
  `If that was not you, tell the administrators of ${tenant} at once.`;

export const english: Language = {
  orOpen: 'If that does not work, open this address:',
  footer: ({ tenant }) => `${tenant}. This message was sent by a machine; nobody reads answers.`,
  templates: {
    'reset-password': ({ link }, { tenant, left }) => ({
      subject: `Choose a new password for ${tenant}`,
      body: [
        `Somebody, probably you, asked for a new password for your account at ${tenant}.`,
        { link, label: 'Choose a new password' },
        `The link works once, for ${left}. If that was not you, do nothing: your password stays as it is.`,
      ],
    }),
    'verify-email': ({ link }, { tenant, left }) => ({
      subject: `Confirm your e-mail address for ${tenant}`,
      body: [
        `Please confirm that this address belongs to your account at ${tenant}.`,
        { link, label: 'Confirm the address' },
        `The link works once, for ${left}. If you have no account there, do nothing.`,
      ],
    }),
    'change-email': ({ link }, { tenant, left }) => ({
      subject: `Your new e-mail address for ${tenant}`,
      body: [
        `Somebody, probably you, wants this address to be that of their account at ${tenant}. From then on they sign in with it.`,
        { link, label: 'Use this address' },
        `The link works once, for ${left}, while you are signed in, still with your present address. If that was not you, do nothing.`,
      ],
    }),
    invitation: ({ link }, { tenant, left }) => ({
      subject: `You are invited to ${tenant}`,
      body: [
        `An account at ${tenant} was made for you. Follow the link to choose how you sign in.`,
        { link, label: 'Accept the invitation' },
        `The link works once, for ${left}. If you do not want an account there, do nothing.`,
      ],
    }),
    'sign-in-code': ({ code }, { tenant, left }) => ({
      subject: `Your code for ${tenant}`,
      body: [
        `This code completes your sign-in at ${tenant}:`,
        { code },
        `It works once, for ${left}. Tell it to nobody; nobody of ${tenant} will ask for it.`,
        'If you are not signing in just now, somebody else is trying to: choose a new password.',
      ],
    }),
    'account-exists': ({ link }, { tenant }) => ({
      subject: `Your account at ${tenant}`,
      body: [
        `Somebody, probably you, tried to make an account at ${tenant} with this address. You have one already. Sign in with it, or choose a new password there.`,
        { link, label: 'Sign in' },
        'If that was not you, do nothing.',
      ],
    }),
    'email-change-asked': (_, { tenant }) => ({
      subject: `Another e-mail address was asked for at ${tenant}`,
      body: [
        `Somebody who is signed in to your account at ${tenant}, probably you, asked to give it another e-mail address. It is changed only when the link is followed that went to that address.`,
        `If that was not you, sign in, sign out everywhere and choose a new password: that ends the request. Then tell the administrators of ${tenant}.`,
      ],
    }),
    'email-changed': (_, { tenant }) => ({
      subject: `The e-mail address of your account at ${tenant} was changed`,
      body: [
        `Your account at ${tenant} has another e-mail address now. This message went to the old one and to the new one.`,
        notYou(tenant),
      ],
    }),
    'password-changed': (_, { tenant }) => ({
      subject: `Your password for ${tenant} was changed`,
      body: [
        `The password of your account at ${tenant} was changed.`,
        `If that was not you, choose a new password now, and tell the administrators of ${tenant}.`,
      ],
    }),
    'factor-added': ({ factor }, { tenant }) => ({
      subject: `A way to sign in was added at ${tenant}`,
      body: [
        `Your account at ${tenant} can now be signed in to with the help of ${FACTORS[factor]}.`,
        notYou(tenant),
      ],
    }),
    'factor-removed': ({ factor }, { tenant }) => ({
      subject: `A way to sign in was removed at ${tenant}`,
      body: [
        `Your account at ${tenant} can no longer be signed in to with the help of ${FACTORS[factor]}.`,
        notYou(tenant),
      ],
    }),
  },
};
