/** Sign-ins that are under way: what has been shown so far, and what is asked next. */
import { z } from 'zod';
import type { StartedSession } from '#features/sessions/sessions.commands.ts';

/** What a person is asked; DONE: they are signed in. */
export const stepName = z
  .enum(['IDENTIFY', 'PASSWORD', 'CHANGE_PASSWORD', 'MFA', 'ENROL', 'DONE'])
  .meta({
    id: 'SignInStepName',
    description:
      'What a sign-in asks next. IDENTIFY: email, or passkey. PASSWORD: password. CHANGE_PASSWORD: newPassword. MFA: code or passkey, see methods. ENROL: code of the authenticator app that enrolment is for. DONE: nothing, there is a session.',
  });

export type StepName = z.output<typeof stepName>;

export type Purpose = 'SIGN_IN' | 'STEP_UP';

/** What is stored between two steps. Nothing here is a secret. */
export interface FlowState {
  /** As it was typed. */
  readonly email?: string;
  /** Methods that were shown, of RFC 8176. */
  readonly amr: readonly string[];
  /** The session that is renewed, for a step-up. */
  readonly sessionId?: string;
  /** When the password that was shown was set, as ISO 8601: another one by now ends the sign-in. */
  readonly passwordSetAt?: string;
  /** The password that was shown must give way; which fault it has is not kept. */
  readonly passwordOver?: true;
  /** What a step-up must lead to. */
  readonly acr?: 'mfa';
  /** What the last code was sent by. */
  readonly sentBy?: 'EMAIL' | 'SMS';
  /** The factor that waits for its first code. */
  readonly enrolling?: string;
}

/** With which second factors a person can go on. */
export const mfaMethod = z.enum(['TOTP', 'EMAIL', 'SMS', 'PASSKEY', 'BACKUP_CODE']).meta({
  id: 'MfaMethod',
  description:
    'TOTP: a code of an authenticator app. EMAIL and SMS: a code that is sent. PASSKEY: a passkey or a hardware key. BACKUP_CODE: one of the printed codes.',
});

export type MfaMethod = z.output<typeof mfaMethod>;

/** Shown once: what an authenticator app needs. */
export interface Enrolment {
  /** Base32. */
  readonly secret: string;
  /** otpauth://totp/... */
  readonly uri: string;
  /** The same as a picture: SVG. */
  readonly qr: string;
}

/** What a step needs beside its name. */
export interface Asks {
  readonly methods: readonly MfaMethod[];
  /** Where a code was sent, in part. */
  readonly sentTo: string | null;
  readonly enrolment: Enrolment | null;
  /** For `navigator.credentials.get`. */
  readonly passkey: object | null;
}

export const NOTHING: Asks = { methods: [], sentTo: null, enrolment: null, passkey: null };

export interface Flow {
  readonly id: string;
  readonly purpose: Purpose;
  /** Certain since a first factor was shown; null before. */
  readonly userId: string | null;
  readonly state: FlowState;
  /** Second factors that were tried. */
  readonly guesses: number;
  /** 0: not stored yet. */
  readonly version: number;
}

/** What one form or one mutation may bring; a step takes what it asks for. */
export const stepInput = {
  email: z.string().max(320).optional().describe('For IDENTIFY: the e-mail address.'),
  password: z.string().max(16_384).optional().describe('For PASSWORD: the password.'),
  newPassword: z.string().max(16_384).optional().describe('For CHANGE_PASSWORD: the new password.'),
  code: z.string().max(100).optional().describe('For MFA and ENROL: the code.'),
  method: mfaMethod
    .optional()
    .describe('For MFA: what the code is of, where that is not plain; without a code, send one.'),
  passkey: z
    .record(z.string(), z.json())
    .optional()
    .describe('For IDENTIFY and MFA: the answer of the browser, as JSON.'),
};

export const stepShape = z.strictObject(stepInput);
export type StepInput = { readonly [K in keyof typeof stepInput]?: z.output<typeof stepShape>[K] };

export interface Progress {
  readonly next: StepName;
  readonly asks: Asks;
  /** Shown once, where a first second factor was set up. */
  readonly backupCodes: readonly string[] | null;
  /** Continues the flow; null once it has ended. */
  readonly token: string | null;
  /** For DONE. */
  readonly started: StartedSession | null;
}

/** Seconds from the first step to the last. */
export const FLOW_SECONDS = 1800;
