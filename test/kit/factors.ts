/** What people do with their own factors, as commands in their name. */
import { confirmFactor } from '#features/mfa/confirmations.commands.ts';
import { enrolFactor } from '#features/mfa/mfa.commands.ts';
import type { Context } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import { type ContextOptions, call, contextOf } from './context.ts';
import type { House } from './house.ts';
import type { MadeTenant, MadeUser } from './make.ts';
import { rows } from './stored.ts';
import { totp } from './totp.ts';

export interface App {
  readonly id: string;
  readonly uuid: string;
  readonly secret: string;
  readonly backupCodes: readonly string[] | null;
}

export function factorsOf(house: House, tenant: MadeTenant) {
  const tenantId = tenant.uuid;
  return {
    /** Somebody who has just signed in, with two factors unless told. */
    as: (user: MadeUser, more: Partial<ContextOptions> = {}): Promise<Context> =>
      contextOf(house, { tenantId, userId: user.uuid, ...more }),

    /** Adds an authenticator app and confirms it. */
    async addApp(ctx: Context, name = 'Phone'): Promise<App> {
      const { factorId: uuid, totp: made } = await call(ctx, enrolFactor, { kind: 'TOTP', name });
      const secret = made?.secret ?? '';
      const id = encodeId('factor', uuid);
      const code = totp(secret, house.clock.ms());
      const { backupCodes } = await call(ctx, confirmFactor, { id, code });
      return { id, uuid, secret, backupCodes };
    },

    messagesTo: async (user: MadeUser): Promise<string[]> => {
      const found = await rows<{ template: string }>(
        house,
        tenantId,
        'SELECT template FROM messages WHERE user_id = $1 ORDER BY id',
        [user.uuid],
      );
      return found.map(({ template }) => template);
    },

    liveSessions: (user: MadeUser): Promise<{ id: string }[]> =>
      rows(
        house,
        tenantId,
        'SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY id',
        [user.uuid],
      ),

    /** Sets what the tenant's policy demands. */
    demand: (mfa: 'OFF' | 'OPTIONAL' | 'REQUIRED' | 'REQUIRED_FOR_ADMINS') =>
      rows(
        house,
        tenantId,
        `INSERT INTO sign_in_policies (tenant_id, mfa, updated_at) VALUES ($1, $2, now())
         ON CONFLICT (tenant_id) DO UPDATE SET mfa = excluded.mfa`,
        [tenantId, mfa],
      ),
  };
}
