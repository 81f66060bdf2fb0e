/** Phones of a tenant's people, and the codes that reach them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { confirm } from '#features/mfa/factors.store.ts';
import type { Verdict } from '#features/mfa/mfa.model.ts';
import {
  type CodeAsked,
  enrolAddress,
  sendCode,
  verifyCode,
} from '#features/mfa/one-time-codes.commands.ts';
import type { Context } from '#kernel/context.ts';
import { call, contextOf } from './context.ts';
import type { House } from './house.ts';
import type { MadeTenant, MadeUser, Make } from './make.ts';

export interface Phone {
  readonly user: MadeUser;
  readonly factorId: string;
  readonly number: string;
}

export interface Phones {
  /** As whoever has not signed in yet. */
  within<T>(fn: (ctx: Context) => Promise<T>, change?: Partial<Context>): Promise<T>;
  /** A user who gets codes by text message, at a number that nobody else has. */
  withPhone(user?: MadeUser): Promise<Phone>;
  /** Sends a code and answers it as it reached the phone. */
  send(one: CodeAsked, factorId?: string): Promise<string>;
  verify(one: CodeAsked, code: string): Promise<Verdict>;
  /** The recipients may be written to again at once. */
  forgetSpacing(): Promise<unknown>;
}

export async function phonesOf(house: House, make: Make, tenant: MadeTenant): Promise<Phones> {
  const ctx = await contextOf(house, { tenantId: tenant.uuid, kind: 'anonymous' });
  const within: Phones['within'] = (fn, change = {}) => call({ ...ctx, ...change }, fn, undefined);
  let numbers = 0;
  return {
    within,
    async withPhone(known) {
      const user = known ?? (await make.user(tenant));
      numbers += 1;
      const number = `+4915100${String(numbers).padStart(6, '0')}`;
      const input = { kind: 'SMS', name: 'Phone', address: number } as const;
      const factorId = await within((c) => enrolAddress(c, user.uuid, input));
      if (!(await within((c) => confirm(c, user.uuid, factorId, null))))
        throw new Error('the phone was not confirmed');
      return { user, factorId, number };
    },
    async send(one, factorId) {
      await within((c) => sendCode(c, one, factorId));
      return newestCode(house);
    },
    verify: (one, code) => within((c) => verifyCode(c, one, code)),
    forgetSpacing: () =>
      house.services.db.query("DELETE FROM rate_limits WHERE key LIKE 'code-spacing:%'"),
  };
}

/** What stands in the last text message of the house; its files are named in their order. */
export function newestCode(house: House): string {
  const folder = join(house.home.env.DATA_DIR, 'sms');
  const [newest = ''] = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .slice(-1);
  return /\n\n(\d{6}) /.exec(readFileSync(join(folder, newest), 'utf8'))?.[1] ?? '';
}

export function asked({ user }: Pick<Phone, 'user'>, more: Partial<CodeAsked> = {}): CodeAsked {
  return { userId: user.uuid, flowId: null, purpose: 'SIGN_IN', kind: 'SMS', ...more };
}

/** Any code but this one. */
export function otherThan(code: string): string {
  return code === '000000' ? '111111' : '000000';
}
