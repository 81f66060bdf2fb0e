/**
 * What people do with their own second factors: add, confirm and remove them, and get backup codes.
 * This room owns factors, their secrets and what is asked of them; when a factor is asked for, and
 * what it adds up to, belongs to sign-in. A change ends the person's other sessions and is told them.
 */
import { z } from 'zod';
import { UserNotFound } from '#features/users/users.errors.ts';
import { emailKey } from '#features/users/users.model.ts';
import { getUser } from '#features/users/users.queries.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidInput, VersionMismatch } from '#kernel/errors.ts';
import { makeBackupCodes, storeBackupCodes } from './backup-codes.commands.ts';
import { tellAboutFactors } from './factor-changes.ts';
import { countConfirmed, lockUser, pendingKind } from './factors.store.ts';
import { FactorKindNotOffered, FactorNotFound, NoFactor, TooManyFactors } from './mfa.errors.ts';
import {
  e164,
  type FactorKind,
  factorAddress,
  factorId,
  factorKind,
  factorName,
} from './mfa.model.ts';
import { assertMayChangeOwn, mayChangeOwn, OWN } from './mfa.policy.ts';
import { backupCodesLeft } from './mfa.queries.ts';
import { enrolAddress, type SentCode, sendCode } from './one-time-codes.commands.ts';
import { type EnrolledPasskey, enrolPasskey } from './passkeys.commands.ts';
import { type EnrolledTotp, enrolTotp } from './totp.commands.ts';

/** What is shown of a factor that waits for its confirmation; secrets are in this answer only. */
export interface EnrolledFactor {
  readonly userId: string;
  readonly factorId: string;
  readonly kind: FactorKind;
  readonly totp: EnrolledTotp | null;
  readonly creationOptions: EnrolledPasskey['options'] | null;
}

export const enrolFactor = command({
  name: 'mfa.enrol',
  summary:
    "Adds a second factor or a passkey of the caller's own. It counts once it is confirmed, within the hour.",
  access: OWN,
  severity: 'NOTICE',
  input: z.strictObject({ kind: factorKind, name: factorName, address: factorAddress }),
  errors: [UserNotFound, TooManyFactors, FactorKindNotOffered],
  targets: (out: EnrolledFactor) => [
    { type: 'factor', id: out.factorId },
    { type: 'user', id: out.userId },
  ],
  about: ['factor', 'user'],
  tells: { kind: factorKind },
  details: ({ kind }) => ({ kind }),
  prepare: (ctx) => assertMayChangeOwn(ctx, 'mfa.enrol'),
  async run(ctx, { kind, name, address }, userId): Promise<EnrolledFactor> {
    const nothing = { userId, kind, totp: null, creationOptions: null };
    if (kind !== 'EMAIL' && kind !== 'SMS' && address != null)
      throw new InvalidInput([{ path: 'address', message: 'is for EMAIL and SMS only' }]);
    switch (kind) {
      case 'TOTP': {
        const totp = await enrolTotp(ctx, userId, name);
        return { ...nothing, factorId: totp.factorId, totp };
      }
      case 'PASSKEY': {
        const passkey = await enrolPasskey(ctx, userId, name);
        return { ...nothing, factorId: passkey.factorId, creationOptions: passkey.options };
      }
      case 'EMAIL':
      case 'SMS': {
        const to = await reachable(ctx, userId, kind, address);
        return {
          ...nothing,
          factorId: await enrolAddress(ctx, userId, { kind, name, address: to }),
        };
      }
    }
  },
});

/** In its canonical form; the person's own e-mail address when none was given. */
async function reachable(
  ctx: Context,
  userId: string,
  kind: 'EMAIL' | 'SMS',
  given: string | null | undefined,
): Promise<string> {
  const typed = given ?? (kind === 'EMAIL' ? (await getUser(ctx, userId))?.email : undefined) ?? '';
  const address = kind === 'EMAIL' ? emailKey(typed.trim()) : e164(typed);
  if (address !== null) return address;
  const message =
    kind === 'EMAIL'
      ? 'must be an e-mail address, such as ada@example.com'
      : 'must be a number in international form, such as +4915112345678';
  throw new InvalidInput([{ path: 'address', message }]);
}

interface Sent extends SentCode {
  readonly userId: string;
  readonly factorId: string;
}

export const sendFactorCode = command({
  name: 'mfa.send-code',
  summary:
    'Sends the code that confirms a new factor of kind EMAIL or SMS; a newer one ends the older.',
  access: OWN,
  input: z.strictObject({ id: factorId }),
  errors: [FactorNotFound, FactorKindNotOffered],
  about: ['factor', 'user'],
  targets: ({ factorId: id, userId }: Sent) => [
    { type: 'factor', id },
    { type: 'user', id: userId },
  ],
  async prepare(ctx, { id }): Promise<Sent> {
    const userId = await assertMayChangeOwn(ctx, 'mfa.send-code');
    const kind = await pendingKind(ctx, userId, id);
    if (kind !== 'EMAIL' && kind !== 'SMS') throw new FactorNotFound();
    const asked = { userId, flowId: null, purpose: 'ENROL', kind } as const;
    return { userId, factorId: id, ...(await sendCode(ctx, asked, id)) };
  },
  run: async (_ctx, _input, sent) => sent,
});

interface NewCodes {
  readonly userId: string;
  /** Shown once. */
  readonly codes: readonly string[];
}

export const regenerateBackupCodes = command({
  name: 'mfa.regenerate-backup-codes',
  summary:
    'Gives the caller ten new backup codes; the old ones end. They are in this answer and nowhere else.',
  access: OWN,
  severity: 'NOTICE',
  input: z.strictObject({
    left: z
      .int()
      .min(0)
      .max(10)
      .optional()
      .describe('Do it only if this many codes are still good.'),
  }),
  errors: [UserNotFound, NoFactor, VersionMismatch],
  about: ['user'],
  targets: ({ userId }: NewCodes) => [{ type: 'user', id: userId }],
  async prepare(ctx) {
    const userId = await assertMayChangeOwn(ctx, 'mfa.regenerate-backup-codes');
    return { userId, made: await makeBackupCodes() };
  },
  async run(ctx, { left }, { userId, made }): Promise<NewCodes> {
    await lockUser(ctx, userId);
    // They count for two factors: whoever reads the mailbox must not get them by it.
    if ((await countConfirmed(ctx, userId)).strong === 0) throw new NoFactor();
    // Their first factor came since, with codes of its own.
    if (!(await mayChangeOwn(ctx))) throw new VersionMismatch('The set of backup codes');
    if (left !== undefined && left !== (await backupCodesLeft(ctx, userId)))
      throw new VersionMismatch('The set of backup codes');
    await storeBackupCodes(ctx, userId, made);
    await tellAboutFactors(ctx, userId, 'factor-added', ['BACKUP_CODES']);
    return { userId, codes: made.codes };
  },
});
