/** Sign-ins that are under way: what has been shown so far, and what is asked next. */
import { z } from 'zod';
import type { StartedSession } from '#features/sessions/sessions.commands.ts';

/** What a person is asked; DONE: they are signed in. */
export const stepName = z.enum(['IDENTIFY', 'PASSWORD', 'CHANGE_PASSWORD', 'DONE']).meta({
  id: 'SignInStepName',
  description:
    'What a sign-in asks next. IDENTIFY: email. PASSWORD: password. CHANGE_PASSWORD: newPassword. DONE: nothing, there is a session.',
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
}

export interface Flow {
  readonly id: string;
  readonly purpose: Purpose;
  /** Certain since a first factor was shown; null before. */
  readonly userId: string | null;
  readonly state: FlowState;
  /** 0: not stored yet. */
  readonly version: number;
}

/** What one form or one mutation may bring; a step takes what it asks for. */
export const stepInput = {
  email: z.string().max(320).optional().describe('For IDENTIFY: the e-mail address.'),
  password: z.string().optional().describe('For PASSWORD: the password.'),
  newPassword: z.string().optional().describe('For CHANGE_PASSWORD: the new password.'),
};

export type StepInput = { readonly [K in keyof typeof stepInput]?: string | undefined };

export interface Progress {
  readonly next: StepName;
  /** Continues the flow; null once it has ended. */
  readonly token: string | null;
  /** For DONE. */
  readonly started: StartedSession | null;
}

/** Seconds from the first step to the last. */
export const FLOW_SECONDS = 1800;
