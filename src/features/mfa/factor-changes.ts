/** What every change of a person's factors brings about: others' sessions end, and the person is told. */
import { queueMessage } from '#features/messages/messages.commands.ts';
import { endSessions } from '#features/sessions/sessions.commands.ts';
import { getUser } from '#features/users/users.queries.ts';
import { asPerson, type Context } from '#kernel/context.ts';
import type { EventDraft } from '#kernel/events/event.ts';
import { recordEvents } from '#kernel/events/record.ts';
import type { FactorKind } from './mfa.model.ts';

/** Ends the user's sessions but the one that calls, if it is theirs. Part of the open transaction. */
export async function endOtherSessions(ctx: Context, userId: string): Promise<number> {
  const { id, authentication } = ctx.actor;
  const keep = id === userId ? (authentication?.sessionId ?? null) : null;
  return (await endSessions(ctx, userId, 'FACTORS_CHANGED', keep)).length;
}

/** For a factor that was confirmed by no command: within a sign-in, which ends with a session of its own. */
export async function recordConfirmed(
  ctx: Context,
  userId: string,
  { factorId, kind }: { readonly factorId: string; readonly kind: FactorKind },
): Promise<void> {
  const sessions = await endOtherSessions(ctx, userId);
  await tellAboutFactors(ctx, userId, 'factor-added', [kind]);
  const confirmed: EventDraft = {
    type: 'mfa.confirm',
    severity: 'NOTICE',
    targets: [
      { type: 'factor', id: factorId },
      { type: 'user', id: userId },
    ],
    details: { kind, sessions },
  };
  await recordEvents(asPerson(ctx, userId), [confirmed]);
}

/** ASVS 6.3.7: by mail to their account's address, whatever was added or removed. */
export async function tellAboutFactors(
  ctx: Context,
  userId: string,
  template: 'factor-added' | 'factor-removed',
  kinds: readonly (FactorKind | 'BACKUP_CODES')[],
): Promise<void> {
  const user = await getUser(ctx, userId);
  if (!user) return;
  for (const factor of new Set(kinds))
    await queueMessage(ctx, {
      template,
      to: { name: user.displayName, address: user.email },
      user: userId,
      locale: user.locale,
      parameters: { factor },
    });
}
