/** A house where people help themselves, and what strangers ask there. */
import { anonymous, type Caller } from '../kit/as.ts';
import { browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { letterTo } from '../kit/mailbox.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { mutate, type Refused } from '../kit/mutate.ts';
import { signIn } from '../kit/people.ts';

export const NEXT = 'a wholly different phrase';

/** Until the end of the test file; call it at the top level. */
export async function openSelfService() {
  const house = await openHouse();
  const make = makers(house);
  const acme = await openTenant('Acme');
  const other = await openTenant('Other');
  const stranger = anonymous(house);

  /** Where everybody may register. */
  async function openTenant(name: string): Promise<MadeTenant> {
    const tenant = await make.tenant({ name });
    await run(tenant, 'updateSignInPolicy', 'signInPolicy { version }', { registration: 'OPEN' });
    return tenant;
  }

  /** A stranger, unless told. */
  function ask(
    mutation: string,
    input: object,
    tenant: MadeTenant = acme,
    caller: Caller = stranger,
  ): Promise<Refused> {
    return mutate(caller, mutation, { tenant: tenant.slug, ...input });
  }

  return {
    house,
    make,
    acme,
    other,
    stranger,
    openTenant,
    ask,
    reset: (token: string, newPassword = NEXT, tenant = acme) =>
      ask('resetPassword', { token, newPassword }, tenant),
    accept: (token: string, newPassword = NEXT) => ask('acceptInvitation', { token, newPassword }),
    canSignIn: async (email: string, password: string, tenant = acme) =>
      (await signIn(browser(house), tenant, { email, password })).status === 303,
    async resetToken(email: string, tenant = acme): Promise<string> {
      const { code } = await ask('requestPasswordReset', { email }, tenant);
      if (code) throw new Error(code);
      return (await letterTo(house, email, 'Choose a new password')).token;
    },
    async invited(email: string): Promise<{ id: string; token: string }> {
      const input = { email };
      const { user } = await run<{ user: { id: string } }>(
        acme,
        'inviteUser',
        'user { id }',
        input,
      );
      return { ...user, token: (await letterTo(house, email, 'You are invited')).token };
    },
  };
}
