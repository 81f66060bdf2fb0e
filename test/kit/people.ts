/** People who can sign in. */

import { hashPassword } from '#features/passwords/password-hashes.ts';
import { storePassword } from '#features/passwords/passwords.commands.ts';
import { DEFAULT_HASH_COST } from '#features/passwords/passwords.model.ts';
import { type Browser, browser, type Page } from './browser.ts';
import { contextOf } from './context.ts';
import type { House } from './house.ts';
import type { MadeTenant, MadeUser, Make, UserInput } from './make.ts';

export const PASSWORD = 'correct horse battery staple';

export interface Person extends MadeUser {
  readonly password: string;
}

/** A user with a password, as if they had accepted an invitation. */
export async function person(
  house: House,
  make: Make,
  tenant: MadeTenant,
  { password = PASSWORD, ...input }: UserInput & { password?: string } = {},
): Promise<Person> {
  const user = await make.user(tenant, input);
  const ctx = await contextOf(house, { tenantId: tenant.uuid });
  const hash = await hashOf(password);
  await ctx.db.inTenant(tenant.uuid, () => storePassword(ctx, user.uuid, hash));
  return { ...user, password };
}

const hashes = new Map<string, Promise<string>>();

/** Made once a process: most people of tests have one password, and hashing it takes longest of all. */
function hashOf(password: string): Promise<string> {
  const hash = hashes.get(password) ?? hashPassword(password, DEFAULT_HASH_COST);
  hashes.set(password, hash);
  return hash;
}

/** A browser in which this person has signed in. */
export async function signedIn(house: House, tenant: MadeTenant, who: Person): Promise<Browser> {
  const window = browser(house);
  const page = await signIn(window, tenant, who);
  if (page.status !== 303) throw new Error(`${page.status}, not 303: ${page.text}`);
  return window;
}

export async function signIn(
  window: Browser,
  tenant: Pick<MadeTenant, 'slug'>,
  { email, password }: { email: string; password: string },
): Promise<Page> {
  await window.get(`/t/${tenant.slug}/login`);
  return window.post(`/t/${tenant.slug}/login`, { email, password });
}
