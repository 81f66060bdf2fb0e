/** One's own second factors: added, confirmed, removed, and the codes for a rainy day. */
import { confirmFactor, removeFactor } from '#features/mfa/confirmations.commands.ts';
import {
  type EnrolledFactor,
  enrolFactor,
  regenerateBackupCodes,
} from '#features/mfa/mfa.commands.ts';
import { DomainError, StepUpRequired } from '#kernel/errors.ts';
import { encodeId } from '#kernel/ids.ts';
import { accountPage } from './account.page.ts';
import { codeField } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { type Html, html } from './html.ts';
import { jsonObject, said } from './login.page.ts';
import { document, form, notice, type Visit } from './page.ts';
import { codesPage, passkeyField, totpPicture } from './step-pages.ts';
import { stepUpFor } from './step-up.page.ts';

type Fields = ReadonlyMap<string, string>;

export async function factorsForm(here: Visit, fields: Fields): Promise<Outcome> {
  const { ctx, root, language } = here;
  if (ctx.actor.kind !== 'user') return { location: `${root}/login` };
  try {
    const add = fields.get('add');
    if (add === 'TOTP' || add === 'PASSKEY') return await enrol(here, add);
    if (add === 'codes') {
      const { codes } = await regenerateBackupCodes(ctx, {});
      return { page: codesPage(here, codes) };
    }
    const remove = fields.get('remove');
    if (remove === undefined) return await confirm(here, fields);
    await removeFactor(ctx, { id: remove });
    return await accountPage(here, { done: language.say('factorRemoved') });
  } catch (error) {
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
    if (error instanceof StepUpRequired) return stepUpFor(here, error, 'account');
    return accountPage(here, { problem: said(here, error) });
  }
}

async function enrol(here: Visit, kind: 'TOTP' | 'PASSKEY'): Promise<Outcome> {
  const name = here.language.say(kind);
  return { page: confirmPage(here, await enrolFactor(here.ctx, { kind, name }), null) };
}

async function confirm(here: Visit, fields: Fields): Promise<Outcome> {
  const id = fields.get('id') ?? '';
  const input = {
    id,
    code: fields.get('code'),
    credential: jsonObject(fields.get('passkey')),
  };
  try {
    const { backupCodes } = await confirmFactor(here.ctx, input);
    if (backupCodes) return { page: codesPage(here, backupCodes) };
    return accountPage(here, { done: here.language.say('factorAdded') });
  } catch (error) {
    const again = error instanceof DomainError && error.code === 'WRONG_ANSWER' && input.code;
    if (!again) throw error;
    // What the app was shown stays good: it is not shown again, nor made anew.
    const page = codePage(here, { id, shown: null, problem: here.language.say('INVALID_CODE') });
    return { page, status: error.status };
  }
}

function confirmPage(here: Visit, made: EnrolledFactor, problem: string | null): string {
  const id = encodeId('factor', made.factorId);
  if (made.creationOptions === null) return codePage(here, { id, shown: made.totp, problem });
  return document(here, {
    title: here.language.say('addPasskey'),
    body: html`${notice(problem)}${passkeyField(here, {
      action: '/account/factors',
      options: made.creationOptions,
      more: html`<input type="hidden" name="id" value="${id}">`,
      label: here.language.say('addPasskey'),
    })}${back(here)}`,
  });
}

function back({ root, language }: Visit): Html {
  return html`<p><a href="${root}/account">${language.say('goBack')}</a></p>`;
}

function codePage(
  here: Visit,
  { id, shown, problem }: { id: string; shown: EnrolledFactor['totp']; problem: string | null },
): string {
  const { say } = here.language;
  return document(here, {
    title: say('enrol'),
    body: html`${notice(problem)}${shown ? totpPicture(here, shown) : ''}${form(here, {
      action: '/account/factors',
      body: html`<input type="hidden" name="id" value="${id}">${codeField(here, true, { invalid: problem !== null, focus: true })}
<button type="submit">${say('continue')}</button>`,
    })}${back(here)}`,
  });
}
