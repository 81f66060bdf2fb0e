/** What was asked for without a session is prepared here, where nobody can time it. */
import { queueMessage } from '#features/messages/messages.commands.ts';
import { linkOpenUntil } from '#features/one-time-links/one-time-links.queries.ts';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import { createUser } from '#features/users/users.commands.ts';
import { EmailTaken } from '#features/users/users.errors.ts';
import type { UserRow } from '#features/users/users.model.ts';
import { holdUser, userByEmail } from '#features/users/users.queries.ts';
import type { Context } from '#kernel/context.ts';
import type { EventDraft } from '#kernel/events/event.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { job } from '#kernel/jobs/job.ts';
import { type Opened, openOrder } from './asked.ts';
import { mailLink, mayMail } from './mailed-links.commands.ts';
import type { AskedOrder } from './self-service.model.ts';

/** Links to an account that there is; nothing for one that is closed or that there is not. */
export const preparePasswordReset = job<AskedOrder>({
  name: 'password-reset.prepare',
  atOnce: 10,
  run: (services, order, signal) =>
    services.db.inTenant(order.tenantId, async () => {
      const { asked, ctx, asker } = await openOrder(services, order, signal);
      const user = await userByEmail(ctx, asked.email);
      if (user?.status !== 'ACTIVE') return;
      const locale = user.locale ?? asked.locale ?? null;
      // Counted inside: an order that fails is tried again, and must not find itself one too many.
      await ctx.db.transaction(async () => {
        if (await mailLink(ctx, 'RESET', { ...user, locale }))
          await record(asker, { type: 'password.request-reset', targets: about(user) });
      });
      ctx.outbox.wake();
    }),
});

/**
 * An account without a password and a link to choose one, so that nobody has one before they have
 * shown that the address is theirs. Whoever has an account is told so, by mail.
 */
export const prepareRegistration = job<AskedOrder>({
  name: 'registration.prepare',
  atOnce: 10,
  run: (services, order, signal) =>
    services.db.inTenant(order.tenantId, async () => {
      const opened = await openOrder(services, order, signal);
      const known = await userByEmail(opened.ctx, opened.asked.email);
      if (known || !(await makeAccount(opened))) await tellOwner(opened);
    }),
});

/**
 * The invitation of whoever lost theirs, to the address that it was for. It ends when the first one
 * would have: nobody keeps one open by asking. Nothing for whoever has none that is open.
 */
export const prepareInvitationAgain = job<AskedOrder>({
  name: 'invitation-again.prepare',
  atOnce: 10,
  run: (services, order, signal) =>
    services.db.inTenant(order.tenantId, async () => {
      const { asked, ctx, asker } = await openOrder(services, order, signal);
      const user = await userByEmail(ctx, asked.email);
      if (user?.status !== 'ACTIVE') return;
      const locale = user.locale ?? asked.locale ?? null;
      await ctx.db.transaction(async () => {
        await holdUser(ctx, user.id);
        const until = await linkOpenUntil(ctx, 'INVITATION', user.id);
        if (until && (await mailLink(ctx, 'INVITATION', { ...user, locale }, { until })))
          await record(asker, {
            type: 'invitation.resend',
            targets: about(user),
            details: { linkSent: true },
          });
      });
      ctx.outbox.wake();
    }),
});

/** False when another order was faster. */
async function makeAccount({ asked, ctx, asker }: Opened): Promise<boolean> {
  const { email, displayName, locale } = asked;
  try {
    await ctx.db.transaction(async () => {
      const profile = { ...(displayName ? { displayName } : {}), ...(locale ? { locale } : {}) };
      const user = await createUser(ctx, { email, ...profile });
      await mailLink(ctx, 'INVITATION', user);
      await record(asker, { type: 'user.register', targets: about(user) });
    });
    ctx.outbox.wake();
    return true;
  } catch (error) {
    if (error instanceof EmailTaken) return false;
    throw error;
  }
}

async function tellOwner({ asked, ctx, asker }: Opened): Promise<void> {
  const user = await userByEmail(ctx, asked.email);
  if (user?.status !== 'ACTIVE') return;
  const tenant = await getTenant(ctx, ctx.tenantId);
  if (!tenant?.issuer) return;
  const parameters = { link: `${tenant.issuer}/login` };
  await ctx.db.transaction(async () => {
    if (!(await mayMail(ctx, 'ACCOUNT_EXISTS', user))) return;
    await queueMessage(ctx, {
      template: 'account-exists',
      to: { address: user.email },
      user: user.id,
      locale: user.locale ?? asked.locale ?? null,
      parameters,
      isCounted: true,
    });
    const refused = { result: 'REFUSED', reason: EmailTaken.code } as const;
    await record(asker, { type: 'user.register', targets: about(user), ...refused });
  });
  ctx.outbox.wake();
}

function record(asker: Context, draft: EventDraft): Promise<void> {
  return recordEvents(asker, [draft]);
}

function about({ id }: Pick<UserRow, 'id'>) {
  return [{ type: 'user' as const, id }];
}
