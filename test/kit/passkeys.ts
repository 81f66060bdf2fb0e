/** People of a tenant with passkeys, and the two ceremonies as their browsers hold them. */
import { randomUUID } from 'node:crypto';
import { checkRegistration } from '#features/mfa/passkey-ceremonies.ts';
import {
  enrolPasskey,
  type PasskeyAsked,
  passkeyOptions,
  verifyPasskey,
} from '#features/mfa/passkeys.commands.ts';
import { confirmPasskey } from '#features/mfa/passkeys.store.ts';
import type { Context } from '#kernel/context.ts';
import { Authenticator, type Deviation } from './authenticator.ts';
import { call, contextOf } from './context.ts';
import { type House, PUBLIC_URL } from './house.ts';
import type { MadeTenant, MadeUser, Make } from './make.ts';

export interface Owner {
  readonly user: MadeUser;
  readonly device: Authenticator;
  readonly factorId: string;
}

/** Alone: nobody knows yet who it is. */
export function alone(): PasskeyAsked {
  return { userId: null, flowId: randomUUID(), purpose: 'SIGN_IN' };
}

export function second({ user }: Pick<Owner, 'user'>): PasskeyAsked {
  return { userId: user.uuid, flowId: randomUUID(), purpose: 'SIGN_IN' };
}

export async function passkeysIn(house: House, make: Make, tenant: MadeTenant) {
  const ctx = await contextOf(house, { tenantId: tenant.uuid, kind: 'anonymous' });
  /** As whoever has not signed in yet. */
  const within = <T>(fn: (ctx: Context) => Promise<T>) => call(ctx, fn, undefined as never);
  const ask = (asked: PasskeyAsked) => within((c) => passkeyOptions(c, asked));
  const answer = (asked: PasskeyAsked, response: unknown) =>
    within((c) => verifyPasskey(c, asked, response));

  async function register(user: MadeUser, device: Authenticator, deviation: Deviation = {}) {
    const { factorId, options } = await within((c) => enrolPasskey(c, user.uuid, 'Key'));
    const response = device.create(options, deviation);
    const passkey = await within((c) => checkRegistration(c, user.uuid, factorId, response));
    const kept = passkey && (await within((c) => confirmPasskey(c, user.uuid, factorId, passkey)));
    return { factorId, options, passkey, kept };
  }

  async function withPasskey(options: { synced?: boolean } = {}, deviation: Deviation = {}) {
    const user = await make.user(tenant);
    const device = new Authenticator(PUBLIC_URL, options);
    const { factorId, kept } = await register(user, device, deviation);
    if (!kept) throw new Error('the passkey was not taken');
    return { user, device, factorId } satisfies Owner;
  }

  /** The whole ceremony. */
  async function signIn({ device }: Pick<Owner, 'device'>, asked = alone(), deviation = {}) {
    return answer(asked, device.get(await ask(asked), deviation));
  }

  return { within, ask, answer, register, withPasskey, signIn };
}
