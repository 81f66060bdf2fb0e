/** A request for authorization that waits for a person, and how it goes on. */
import type { InteractionResults } from 'oidc-provider';
import type { Context } from '#kernel/context.ts';
import { cookiesOf } from '#kernel/http/cookies.ts';
import { encodeId } from '#kernel/ids.ts';
import type { Outcome } from '#protocols/hosted/hosted-door.ts';
import { html } from '#protocols/hosted/html.ts';
import { document, notice, type Visit } from '#protocols/hosted/page.ts';
import type { Provider } from './engine.ts';
import type { Asked } from './grants.ts';
import type { Issuer } from './providers.ts';
import { say } from './texts.ts';

export type Interaction = InstanceType<Provider['Interaction']>;

/** Null when it is over, or was begun in another browser: the uid counts beside its cookie only. */
export async function interactionOf(
  { request }: Visit,
  { provider }: Issuer,
  uid: string,
): Promise<Interaction | null> {
  const name = provider.cookieName('interaction');
  const known = cookiesOf(request.headers.cookie, name).get(name) === uid;
  return (known && (await provider.Interaction.find(uid))) || null;
}

/** Goes on with what the person has done; the session may be another one than when it began. */
export async function finish(
  { ctx }: Visit,
  interaction: Interaction,
  result: InteractionResults,
): Promise<Outcome> {
  const { actor, clock } = ctx;
  interaction.result = 'error' in result ? result : { ...interaction.lastSubmission, ...result };
  const sessionId = actor.authentication?.sessionId;
  if (actor.kind === 'user' && actor.id !== null && sessionId)
    interaction.session = {
      accountId: encodeId('user', actor.id),
      uid: sessionId,
      cookie: '',
    };
  await interaction.save(interaction.exp - Math.floor(clock.ms() / 1000));
  return { location: interaction.returnTo };
}

/** What nobody has allowed yet. */
export function askedIn({ prompt }: Pick<Interaction, 'prompt'>): Asked {
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details as {
    missingOIDCScope?: string[];
    missingOIDCClaims?: string[];
    missingResourceScopes?: Record<string, string[]>;
  };
  return {
    scopes: missingOIDCScope ?? [],
    claims: missingOIDCClaims ?? [],
    resources: missingResourceScopes ?? {},
  };
}

/** Whether whoever is here now is whom it is about. */
export function isAbout({ session }: Interaction, { actor }: Context): boolean {
  return (
    actor.kind === 'user' && actor.id !== null && session?.accountId === encodeId('user', actor.id)
  );
}

export function over(here: Visit): Outcome {
  const { language } = here;
  return {
    status: 400,
    page: document(here, {
      title: say(language, 'failed'),
      body: html`${notice(say(language, 'over'))}`,
    }),
  };
}
