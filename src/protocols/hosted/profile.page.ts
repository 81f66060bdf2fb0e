/** One's own names, and the language of one's mails. */
import { updateAccount } from '#features/accounts/accounts.commands.ts';
import { accountPage, ownUser } from './account.page.ts';
import { type Fields, taken } from './answered.ts';
import { field } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { type Html, html } from './html.ts';
import { languageName, TAGS } from './language.ts';
import { document, form, notice, type Visit } from './page.ts';

const NAMES = {
  displayName: 'name',
  givenName: 'given-name',
  familyName: 'family-name',
} as const;

type Typed = { readonly [N in keyof typeof NAMES | 'locale']: string | null };

export async function profilePage(here: Visit): Promise<Outcome> {
  const user = await ownUser(here);
  return user ? { page: asked(here, user, null) } : { location: `${here.root}/login` };
}

export async function profileForm(here: Visit, fields: Fields): Promise<Outcome> {
  if (!(await ownUser(here))) return { location: `${here.root}/login` };
  // What is emptied is cleared; what a form does not hold stays.
  const kept = [...Object.keys(NAMES), 'locale'].filter((name) => fields.has(name));
  const typed = Object.fromEntries(kept.map((name) => [name, fields.get(name)?.trim() || null]));
  return taken(
    here,
    async () => {
      await updateAccount(here.ctx, typed);
      return accountPage(here, { done: here.language.say('profileSaved') });
    },
    (problem, { status }) => ({ page: asked(here, { ...EMPTY, ...typed }, problem), status }),
  );
}

const EMPTY: Typed = { displayName: null, givenName: null, familyName: null, locale: null };

function asked(here: Visit, typed: Typed, problem: string | null): string {
  const { say } = here.language;
  const names = Object.entries(NAMES) as [keyof typeof NAMES, string][];
  return document(here, {
    title: say('profile'),
    body: html`${notice(problem)}${form(here, {
      action: '/account/profile',
      body: html`${names.map(([name, autocomplete]) =>
        field({
          name,
          label: say(name),
          autocomplete,
          value: typed[name] ?? '',
          most: 200,
          optional: true,
          invalid: problem !== null,
        }),
      )}${languageField(here, typed.locale)}
<button type="submit">${say('save')}</button>`,
    })}<p><a href="${here.root}/account">${say('goBack')}</a></p>`,
  });
}

/** Ours, and the person's own where it is another. */
function languageField({ language: { say, tag } }: Visit, locale: string | null): Html {
  const tags = [...new Set(['', ...TAGS, locale ?? ''])];
  const options = tags.map(
    (one) =>
      html`<option value="${one}"${one === (locale ?? '') ? html` selected` : ''}>${languageName(tag, one || null) ?? say('notSet')}</option>`,
  );
  return html`<div class="field"><label for="locale">${say('mailLanguage')}</label>
<select id="locale" name="locale">${options}</select></div>`;
}
