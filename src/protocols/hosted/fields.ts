/**
 * The fields of the forms. A field says by itself what is asked, what is wrong (ARIA 1.2, `aria-invalid`)
 * and what a browser may fill in (HTML, autofill).
 */
import { leastLength } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { type Html, html } from './html.ts';
import type { Visit } from './page.ts';

interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly autocomplete: string;
  readonly value?: string | undefined;
  /** A rule, read together with the field. */
  readonly hint?: string;
  /** What is wrong is said by the page's notice. */
  readonly invalid?: boolean;
  readonly focus?: boolean;
  readonly optional?: boolean;
  /** Of the keyboard on a phone. */
  readonly inputmode?: 'numeric' | 'text';
  readonly most?: number;
}

/** The id of the notice that says what is wrong. */
export const PROBLEM_ID = 'problem';

export function field(asked: Field): Html {
  const { name, label, type = 'text', autocomplete, value, hint } = asked;
  const told = [asked.invalid && PROBLEM_ID, hint && `${name}-hint`].filter(Boolean).join(' ');
  return html`<div class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"${attributes(asked)}${
    value ? html` value="${value}"` : ''
  }${told && html` aria-describedby="${told}"`}>${
    hint && html`<p class="hint" id="${name}-hint">${hint}</p>`
  }</div>`;
}

function attributes({ optional, focus, invalid, inputmode, most, type }: Field): Html {
  const plain = type === 'email' ? html` autocapitalize="none" spellcheck="false"` : '';
  return html`${plain}${inputmode && html` inputmode="${inputmode}"`}${
    most && html` maxlength="${most}"`
  }${optional ? '' : html` required`}${focus ? html` autofocus` : ''}${
    invalid ? html` aria-invalid="true"` : ''
  }`;
}

type Shown = Pick<Field, 'value' | 'invalid' | 'focus'> &
  Partial<Pick<Field, 'label' | 'autocomplete'>>;

export function emailField({ language: { say } }: Visit, shown: Shown): Html {
  return field({
    name: 'email',
    label: say('email'),
    type: 'email',
    autocomplete: 'username',
    ...shown,
  });
}

export function passwordField({ language: { say } }: Visit, shown: Shown): Html {
  return field({
    name: 'password',
    label: say('password'),
    type: 'password',
    autocomplete: 'current-password',
    ...shown,
  });
}

/** With the rule that it must keep. */
export function newPasswordField({ language: { say }, policy }: Visit, shown: Shown): Html {
  return field({
    name: 'newPassword',
    label: say('newPassword'),
    type: 'password',
    autocomplete: 'new-password',
    hint: say('passwordRule', { least: String(leastLength(policy)) }),
    ...shown,
  });
}

/** `digits`: of an app, and nothing else. */
export function codeField({ language: { say } }: Visit, digits: boolean, shown: Shown): Html {
  return field({
    name: 'code',
    label: say('code'),
    autocomplete: 'one-time-code',
    inputmode: digits ? 'numeric' : 'text',
    ...shown,
  });
}
