/**
 * Where an authorization request waits for a person: it sends them to the pages of the tenant until
 * they have shown what was asked, and comes back here (/t/{tenant}/interaction/{uid}).
 */
import type { Context } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import type { Outcome } from '#protocols/hosted/hosted-door.ts';
import { inLanguage, type Visit } from '#protocols/hosted/page.ts';
import { consentPage } from './consent.page.ts';
import { finish, type Interaction, interactionOf, over } from './interactions.ts';
import type { Issuer } from './providers.ts';

export async function interactionPage(came: Visit, issuer: Issuer, uid: string): Promise<Outcome> {
  const interaction = await interactionOf(came, issuer, uid);
  if (!interaction) return over(came);
  const here = inLanguage(came, interaction.params['ui_locales']);
  if (interaction.prompt.name === 'consent') return consentPage(here, issuer, interaction);
  const { actor } = here.ctx;
  const { id, authentication } = actor;
  if (actor.kind !== 'user' || id === null || !authentication)
    return { location: pathOf(here, 'login', interaction) };
  const missing = missingIn(here.ctx, interaction);
  if (missing === 'person') return finish(here, interaction, ANOTHER_PERSON);
  if (missing !== null) return { location: pathOf(here, 'mfa', interaction, missing) };
  return finish(here, interaction, {
    login: {
      accountId: encodeId('user', id),
      ts: Math.floor(authentication.authTime.getTime() / 1000),
      acr: authentication.acr,
      amr: [...authentication.amr],
    },
  });
}

const ANOTHER_PERSON = {
  error: 'login_required',
  error_description: 'another person is signed in here',
};

/** What the person who is signed in has still to show; null when nothing. */
function missingIn(
  { actor: { authentication } }: Context,
  { prompt, iat }: Interaction,
): 'person' | 'mfa' | 'again' | null {
  const { reasons } = prompt;
  const is = (...names: readonly string[]) => names.some((name) => reasons.includes(name));
  const sure = authentication?.acr === 'mfa' || authentication?.waived === true;
  if (is('acr_requested', 'essential_acr', 'essential_acrs') && !sure) return 'mfa';
  // Seconds are all that the engine counts in; who has signed in since then, has done so for this.
  const shown = Math.floor((authentication?.authTime.getTime() ?? 0) / 1000);
  if (is('login_prompt', 'max_age') && shown < iat) return 'again';
  return is('id_token_hint', 'claims_id_token_sub_value') ? 'person' : null;
}

function pathOf(
  { root }: Visit,
  page: 'login' | 'mfa',
  { uid, params }: Interaction,
  missing: 'mfa' | 'again' = 'again',
): string {
  const hint = params['login_hint'];
  return `${root}/${page}?${new URLSearchParams({
    to: `interaction/${uid}`,
    ...(missing === 'mfa' ? { acr: 'mfa' } : {}),
    ...(page === 'login' && typeof hint === 'string' ? { login_hint: hint } : {}),
  })}`;
}
