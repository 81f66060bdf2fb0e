/** How pages that anybody may open answer: a form with what was wrong, or a notice and a way on. */
import { DomainError } from '#kernel/errors.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { said } from './login.page.ts';
import { document, notice, queryOf, type Visit } from './page.ts';
import type { Texts } from './texts.en.ts';

export type Fields = ReadonlyMap<string, string>;

interface Notice {
  readonly title: keyof Texts;
  readonly text: keyof Texts;
  /** Where to go on from there. */
  readonly to: readonly [path: string, label: keyof Texts];
  /** 200, and good news, unless told. */
  readonly status?: number;
}

export function noticePage(here: Visit, { title, text, to, status = 200 }: Notice): Outcome {
  const { say } = here.language;
  const [path, label] = to;
  const body = html`${notice(say(text), status === 200 ? 'done' : 'error')}
<p><a href="${here.root}${path}">${say(label)}</a></p>`;
  return { page: document(here, { title: say(title), body }), status };
}

/** What `take` answers, or the form once more with what was wrong. */
export async function taken(
  here: Visit,
  take: () => Promise<Outcome>,
  again: (problem: string, error: DomainError) => Outcome,
): Promise<Outcome> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
    return again(said(here, error), error);
  }
}

export function linkIsOver(here: Visit, title: keyof Texts): Outcome {
  return noticePage(here, {
    title,
    text: 'LINK_NOT_VALID',
    to: title === 'verify' ? ['/login', 'signIn'] : ['/forgot', 'forgot'],
    status: 410,
  });
}

/** The token of the link that led here. */
export function tokenOf(here: Visit): string {
  return queryOf(here).get('token') ?? '';
}
