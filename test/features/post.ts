/** A house with a mail server of its own, and messages to one person at a time. */
import { afterAll, afterEach, beforeEach } from 'vitest';
import { queueMessage } from '#features/messages/messages.commands.ts';
import type { MessageOrder, Template } from '#features/messages/messages.model.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { hurry } from '../kit/hurry.ts';
import { type MadeTenant, type MadeUser, makers } from '../kit/make.ts';
import { openSink } from '../kit/smtp-sink.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

export const LINK = 'https://id.signet.test/t/acme/reset?token=canary-token-0123456789';

export interface MessageRow {
  readonly id: string;
  readonly template: string;
  readonly status: string;
  readonly attempts: number;
  readonly payload: Buffer | null;
  readonly sent_at: Date | null;
}

type Order<T extends Template> = Partial<MessageOrder<T>> &
  Pick<MessageOrder<T>, 'template' | 'parameters'>;

/** Until the end of the test file; call it at the top level. */
export async function openPost() {
  const sink = await openSink();
  const house = await openHouse({ env: sink.env });
  const make = makers(house);
  const acme = await make.tenant({ name: 'Acme' });
  const post = { sink, house, make, acme, ada: null as unknown as MadeUser };

  beforeEach(async () => {
    sink.received.length = 0;
    post.ada = await make.user(acme);
  });
  afterEach(() => {
    sink.refuse = null;
  });
  afterAll(() => sink.close());

  /** To Ada, unless told. */
  async function queue<T extends Template>(order: Order<T>, tenant: MadeTenant = acme) {
    const ctx = await contextOf(house, { tenantId: tenant.uuid });
    const { email: address, uuid: user } = post.ada;
    return call(ctx, queueMessage<T>, { to: { address }, user, locale: null, ...order });
  }

  function reset(order: Partial<Order<'reset-password'>> = {}, tenant?: MadeTenant) {
    return queue({ template: 'reset-password', parameters: { link: LINK }, ...order }, tenant);
  }

  function messagesOf(user: MadeUser, tenant: MadeTenant = acme): Promise<MessageRow[]> {
    const text = 'SELECT * FROM messages WHERE user_id = $1 ORDER BY id';
    return rows<MessageRow>(house, tenant.uuid, text, [user.uuid]);
  }

  /** Until this is so, while the worker is woken again and again. */
  function sentUntil<T>(look: () => T | Promise<T>) {
    return until(() => {
      hurry('message.send');
      return look();
    });
  }

  /** The one message of Ada, once it has come to this. */
  function settled(status: string): Promise<MessageRow> {
    return sentUntil(async () => (await messagesOf(post.ada)).find((row) => row.status === status));
  }

  /** The one message of a person, Ada unless told, once an attempt to send it has failed. */
  function failedOnce(user = post.ada, tenant = acme): Promise<MessageRow> {
    return sentUntil(async () => {
      const [row] = await messagesOf(user, tenant);
      const failed = await house.services.db.query(
        "SELECT 1 FROM pgboss.job WHERE state = 'retry' AND data ->> 'id' = $1",
        [row?.id],
      );
      return failed.length > 0 && row;
    });
  }

  /** Retries wait for ten seconds and more. */
  function retryNow() {
    return house.services.db.query(
      "UPDATE pgboss.job SET start_after = now() WHERE name = 'message.send' AND state = 'retry'",
    );
  }

  /** Until this is so, while what failed is tried again and again. */
  function retriedUntil(look: () => boolean | Promise<boolean>) {
    return sentUntil(async () => {
      await retryNow();
      return look();
    });
  }

  return Object.assign(post, {
    queue,
    reset,
    messagesOf,
    settled,
    failedOnce,
    sentUntil,
    retryNow,
    retriedUntil,
  });
}
