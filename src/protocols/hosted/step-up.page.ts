/** Showing again who one is, before something sensitive: the same steps as a sign-in. */
import { startStepUp } from '#features/sign-in/sign-in.commands.ts';
import type { Outcome } from './hosted-door.ts';
import { loginForm, rememberFlow } from './login.page.ts';
import type { Visit } from './page.ts';
import { passwordPage } from './step-pages.ts';

export async function stepUpPage(here: Visit): Promise<Outcome> {
  if (here.ctx.actor.kind !== 'user') return { location: `${here.root}/login` };
  return { page: passwordPage(here, { action: '/mfa', problem: null }) };
}

export async function stepUpForm(
  here: Visit,
  fields: ReadonlyMap<string, string>,
): Promise<Outcome> {
  if (here.ctx.actor.kind !== 'user') return { location: `${here.root}/login` };
  const { token } = await startStepUp(here.ctx, undefined);
  return loginForm(rememberFlow(here, token ?? ''), fields);
}
