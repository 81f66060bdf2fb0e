/** Taking back what one allowed an application. */
import { revokeOwnConsent } from '#features/consents/consents.commands.ts';
import { DomainError } from '#kernel/errors.ts';
import { accountPage } from './account.page.ts';
import type { Outcome } from './hosted-door.ts';
import type { Visit } from './page.ts';

export async function consentsForm(
  here: Visit,
  fields: ReadonlyMap<string, string>,
): Promise<Outcome> {
  if (here.ctx.actor.kind !== 'user') return { location: `${here.root}/login` };
  try {
    await revokeOwnConsent(here.ctx, { id: fields.get('id') ?? '' });
  } catch (error) {
    // It was taken back meanwhile, or there is none: the list shows what there is.
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
    return accountPage(here);
  }
  return accountPage(here, { done: here.language.say('takenBack') });
}
