/** A page to which a link leads that lets its reader choose a password. */
import type { LinkPurpose } from '#features/one-time-links/one-time-links.model.ts';
import { peekLink } from '#features/one-time-links/one-time-links.queries.ts';
import type { Owned } from '#features/self-service/self-service.commands.ts';
import type { Context } from '#kernel/context.ts';
import { type Fields, linkIsOver, noticePage, taken, tokenOf } from './answered.ts';
import { newPasswordField } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { document, form, notice, type Visit } from './page.ts';
import type { Texts } from './texts.en.ts';

interface Choice {
  readonly purpose: LinkPurpose;
  readonly action: string;
  readonly title: keyof Texts;
  readonly why: keyof Texts;
  readonly done: keyof Texts;
  take(ctx: Context, input: object): Promise<Owned>;
}

export function choosePassword(choice: Choice) {
  const { purpose, action, title, why, done, take } = choice;
  function asked(here: Visit, token: string, problem: string | null): string {
    const { say } = here.language;
    return document(here, {
      title: say(title),
      body: html`${notice(problem)}<p>${say(why)}</p>${form(here, {
        action,
        body: html`<input type="hidden" name="token" value="${token}">
${newPasswordField(here, { invalid: problem !== null, focus: true })}
<button type="submit">${say('save')}</button>`,
      })}`,
    });
  }
  return {
    async show(here: Visit): Promise<Outcome> {
      const token = tokenOf(here);
      const holder = await peekLink(here.ctx, purpose, token);
      return holder ? { page: asked(here, token, null) } : linkIsOver(here, title);
    },
    take(here: Visit, fields: Fields): Promise<Outcome> {
      const token = fields.get('token') ?? '';
      return taken(
        here,
        async () => {
          await take(here.ctx, { token, newPassword: fields.get('newPassword') ?? '' });
          return noticePage(here, { title, text: done, to: ['/login', 'signIn'] });
        },
        (problem, { code, status }) =>
          code === 'LINK_NOT_VALID'
            ? linkIsOver(here, title)
            : { page: asked(here, token, problem), status },
      );
    },
  };
}
