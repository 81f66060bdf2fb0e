/** Messages leave here, each until the mail server has taken it or it says nothing true any more. */
import type { Services } from '#kernel/context.ts';
import { eachTenant, inBatches } from '#kernel/jobs/each-tenant.ts';
import { deleteExpired } from '#kernel/jobs/expired-rows.ts';
import { job } from '#kernel/jobs/job.ts';
import { MailNotSent } from '#kernel/mail/mail-not-sent.ts';
import type { Template } from './messages.model.ts';
import { openPayload } from './messages.payload.ts';
import { writeMessage } from './write-message.ts';

interface MessageRef {
  readonly tenantId: string;
  readonly id: string;
}

/**
 * A mail server that took a message and could not say so gets it again, under the same Message-ID.
 * Whoever was written to can tell; more than that no mail server lets us promise.
 */
export const sendMessage = job<MessageRef>({
  name: 'message.send',
  atOnce: 10,
  // Longer than any message lives that is worth it: one that is over ends its own order.
  retries: 40,
  run: (services, ref) => services.db.inTenant(ref.tenantId, () => send(services, ref)),
});

interface Waiting {
  readonly template: Template;
  readonly user: string | null;
  readonly payload: Buffer;
  readonly expiresAt: Date;
  readonly tenant: string;
  readonly tenantIsOpen: boolean;
}

async function send(services: Services, ref: MessageRef): Promise<void> {
  const { db, vault, mailer, log, clock } = services;
  const [waiting] = await db.query<Waiting>(TRY, [ref.tenantId, ref.id]);
  // Sent or given up, by an earlier order or by the sweep.
  if (!waiting) return;
  const { template, user, tenant } = waiting;
  const about = { messageId: ref.id, tenant: ref.tenantId, template };
  const leftMs = waiting.expiresAt.getTime() - clock.ms();
  const payload =
    leftMs > 0 && waiting.tenantIsOpen
      ? await openPayload(vault, { ...ref, user }, waiting.payload)
      : null;
  if (payload === null) {
    await settle(services, ref, 'FAILED');
    return log.info(about, 'a message was not sent any more');
  }
  const { to, language, parameters } = payload;
  const written = writeMessage({ template, parameters, language, tenant, leftMs });
  try {
    await mailer.send({ to, messageId: ref.id, ...written });
  } catch (error) {
    if (!(error instanceof MailNotSent && error.permanent)) throw error;
    await settle(services, ref, 'FAILED');
    return log.warn({ ...about, err: error }, 'a message was refused for good');
  }
  await settle(services, ref, 'SENT');
  log.info(about, 'a message was sent');
}

async function settle(
  { db, clock }: Services,
  { tenantId, id }: MessageRef,
  status: 'SENT' | 'FAILED',
): Promise<void> {
  const sentAt = status === 'SENT' ? clock.now() : null;
  await db.execute(SETTLE, [tenantId, id, status, sentAt]);
}

const TRY = `
UPDATE messages m SET attempts = m.attempts + 1 FROM tenants t
WHERE m.tenant_id = $1 AND m.id = $2 AND m.status = 'QUEUED' AND t.id = m.tenant_id
RETURNING m.template, m.user_id AS user, m.payload, m.expires_at AS "expiresAt", t.name AS tenant,
  t.status = 'ACTIVE' AS "tenantIsOpen"`;

const SETTLE = `
UPDATE messages SET status = $3, payload = NULL, sent_at = $4
WHERE tenant_id = $1 AND id = $2 AND status = 'QUEUED'`;

const BATCH = 1_000;
const KEPT_MS = 30 * 86_400_000;

/** What was never sent is given up when it is over; that it was, or was sent, is known for a month. */
export const sweepMessages = job({
  name: 'messages.sweep',
  cron: '47 * * * *',
  async run({ db, clock }, _data, signal) {
    const now = clock.now();
    const before = new Date(now.getTime() - KEPT_MS);
    await eachTenant(db, signal, async (tenantId) => {
      await inBatches(BATCH, signal, () => db.execute(GIVE_UP, [tenantId, now]));
      await deleteExpired({ db, signal }, 'messages', tenantId, before);
    });
  },
});

const GIVE_UP = `
UPDATE messages SET status = 'FAILED', payload = NULL WHERE tenant_id = $1 AND id IN (
  SELECT id FROM messages WHERE tenant_id = $1 AND status = 'QUEUED' AND expires_at < $2
  ORDER BY expires_at LIMIT ${BATCH}) AND status = 'QUEUED'`;
