/** Messages: queued with what caused them, and sent once, to one address. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { queueMessage } from '#features/messages/messages.commands.ts';
import { sendMessage, sweepMessages } from '#features/messages/messages.jobs.ts';
import { contextOf } from '../kit/context.ts';
import { asOwner, everythingStored } from '../kit/stored.ts';
import { until } from '../kit/until.ts';
import { LINK, openPost } from './post.ts';

const post = await openPost();
const { house, sink, make, acme, queue, reset, messagesOf, settled, failedOnce } = post;
const { sentUntil, retryNow, retriedUntil } = post;
const { services, clock } = house;

test('a message is sent, and what it said is kept no longer', async () => {
  await reset();
  const row = await settled('SENT');
  expect(row).toMatchObject({ template: 'reset-password', payload: null, attempts: 1 });
  expect(row.sent_at).toEqual(clock.now());
  expect(sink.received).toHaveLength(1);
  const [{ to, mail } = { to: [], mail: null }] = sink.received;
  expect(to).toEqual([post.ada.email]);
  expect(mail?.messageId).toBe(`<${row.id}@signet.test>`);
  expect(mail?.subject).toBe('Choose a new password for Acme');
  expect(mail?.text).toContain(LINK);
  expect(mail?.html).toContain(`href="${LINK}"`);
});

test('what is rolled back sends nothing, and does not count', async () => {
  const ctx = await contextOf(house, { tenantId: acme.uuid });
  const order = { to: { address: post.ada.email }, user: post.ada.uuid, locale: null };
  const refused = ctx.db.transaction(
    async () => {
      await queueMessage(ctx, { ...order, template: 'reset-password', parameters: { link: LINK } });
      throw new Error('no');
    },
    { tenantId: acme.uuid },
  );
  await expect(refused).rejects.toThrow('no');
  expect(await messagesOf(post.ada)).toEqual([]);
  await reset();
  await settled('SENT');
  expect(sink.received).toHaveLength(1);
});

test('X24 a mail server that is down: the request answers at once, the message leaves later, once', async () => {
  await sink.close();
  const began = performance.now();
  await reset();
  expect(performance.now() - began).toBeLessThan(2_000);
  const row = await failedOnce();
  expect(row).toMatchObject({ status: 'QUEUED', attempts: 1, sent_at: null });
  await sink.open();
  await retriedUntil(async () => (await messagesOf(post.ada))[0]?.status === 'SENT');
  expect(sink.received.map(({ mail }) => mail.messageId)).toEqual([`<${row.id}@signet.test>`]);
});

test('X24 a mail server that took it and could not say so gets it again under the same id', async () => {
  sink.swallow = true;
  await reset();
  await sentUntil(() => sink.received.length === 1);
  await retriedUntil(async () => (await messagesOf(post.ada))[0]?.status === 'SENT');
  const ids = sink.received.map(({ mail }) => mail.messageId);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test('X24 however often it is ordered, it is sent once', async () => {
  await reset();
  const { id } = await settled('SENT');
  for (let n = 0; n < 5; n += 1) await services.jobs.send(sendMessage, { tenantId: acme.uuid, id });
  const other = await make.tenant();
  await services.jobs.send(sendMessage, { tenantId: other.uuid, id });
  await sentUntil(async () => {
    const [left] = await services.db.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'message.send' AND state < 'completed'",
    );
    return left?.n === 0;
  });
  expect(sink.received).toHaveLength(1);
});

test('X24 a backlog leaves faster than one message a second', async () => {
  await sink.close();
  const users = await Promise.all(Array.from({ length: 30 }, () => make.user(acme)));
  for (const user of users) await reset({ to: { address: user.email }, user: user.uuid });
  await sink.open();
  // At the worker's own pace: nobody wakes it.
  await until(async () => {
    await retryNow();
    return sink.received.length === 30;
  });
  expect(new Set(sink.received.map(({ to }) => to[0])).size).toBe(30);
});

test('a message that is over is not sent any more', async () => {
  await sink.close();
  await reset({ expiresAt: new Date(clock.ms() + 60_000) });
  await failedOnce();
  clock.advance(61_000);
  await sink.open();
  await retriedUntil(async () => (await messagesOf(post.ada))[0]?.status === 'FAILED');
  expect(await messagesOf(post.ada)).toMatchObject([{ payload: null, sent_at: null }]);
  expect(sink.received).toEqual([]);
});

test('what the mail server refuses for good is not tried again', async () => {
  sink.refuse = { at: 'RCPT', code: 550, text: `5.1.1 <${post.ada.email}> is unknown` };
  await reset();
  expect(await settled('FAILED')).toMatchObject({ payload: null, attempts: 1 });
  const warned = house.log.filter((line) => line.includes('refused for good'));
  expect(warned.at(-1)).toContain('550 5.1.1');
});

test('nobody is written to for a tenant that is closed, or about a person who was erased', async () => {
  const closing = await make.tenant();
  const bob = await make.user(closing);
  await sink.close();
  await reset({ to: { address: bob.email }, user: bob.uuid }, closing);
  await reset();
  await Promise.all([failedOnce(), failedOnce(bob, closing)]);
  await asOwner(
    house,
    closing.uuid,
    `UPDATE tenants SET status = 'SUSPENDED' WHERE id = '${closing.uuid}'`,
  );
  await services.vault.eraseSubject(acme.uuid, post.ada.uuid);
  await sink.open();
  await retriedUntil(async () => {
    const all = [...(await messagesOf(post.ada)), ...(await messagesOf(bob, closing))];
    return all.every(({ status }) => status === 'FAILED') && all.length === 2;
  });
  expect(sink.received).toEqual([]);
});

test('a stranger can be written to, in the language that is asked for', async () => {
  const address = `${randomUUID()}@example.com`;
  await queue({
    template: 'account-exists',
    parameters: { link: LINK },
    to: { address, name: 'Eve' },
    user: null,
    locale: 'de-AT',
  });
  const [received] = await sentUntil(() => sink.received.length === 1 && sink.received);
  expect(received?.to).toEqual([address]);
  expect(received?.mail.subject).toBe('Ihr Konto bei Acme');
  expect(received?.mail.html).toContain('<html lang="de">');
});

test('H12 T29 a message goes to the canonical form of one address, or to nobody', async () => {
  const local = randomUUID();
  await reset({ to: { address: `${local.toUpperCase()}+A@EXÄMPLE.com` } });
  await settled('SENT');
  expect(/^To: (.*?)\r$/m.exec(sink.received[0]?.raw ?? '')?.[1]).toBe(
    `${local}+a@xn--exmple-cua.com`,
  );
  for (const address of [
    'a@x.example,b@y.example',
    '"e@evil.example"@x.example',
    'a@x.example\r\nBcc: b@y.example',
    '',
  ])
    await expect(reset({ to: { address } })).rejects.toThrow('no address');
});

test('K04 B10 what a message says stands in no log, no job and, as text, in no table', async () => {
  await sink.close();
  const code = '739154';
  const stranger = `stranger-${randomUUID()}@example.com`;
  await queue({ template: 'sign-in-code', parameters: { code } });
  await queue({
    template: 'verify-email',
    parameters: { link: LINK },
    user: null,
    to: { address: stranger },
  });
  await failedOnce();
  const stored = (await everythingStored(house)).filter(
    (line) => !/^(users|user_search)/.test(line),
  );
  await sink.open();
  await retriedUntil(async () => sink.received.length === 2);
  await settled('SENT');
  const told = [...stored, ...house.log].join('\n');
  const local = post.ada.email.split('@')[0] ?? '';
  for (const secret of ['canary-token', code, stranger, `${local}@`])
    expect(told).not.toContain(secret);
  expect(stored.filter((line) => line.startsWith('messages ')).length).toBeGreaterThanOrEqual(2);
});

test('the sweep gives up what is over, and forgets what is older than a month', async () => {
  const run = () => sweepMessages.run(services, {}, new AbortController().signal);
  const insert = (id: string, status: string, expires: Date) =>
    services.db.inTenant(acme.uuid, () =>
      services.db.query(
        `INSERT INTO messages (tenant_id, id, user_id, template, payload, status, created_at, expires_at, sent_at)
         VALUES ($1, $2, $3, 'invitation', CASE WHEN $4 = 'QUEUED' THEN 'x'::bytea END, $4,
           $5::timestamptz - interval '1 minute', $5, CASE WHEN $4 = 'SENT' THEN $5::timestamptz END)`,
        [acme.uuid, id, post.ada.uuid, status, expires],
      ),
    );
  const day = 86_400_000;
  const at = (ms: number) => new Date(clock.ms() + ms);
  const [live, over, kept, old] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  await insert(live, 'QUEUED', at(day));
  await insert(over, 'QUEUED', at(-1));
  await insert(kept, 'SENT', at(-29 * day));
  await insert(old, 'SENT', at(-31 * day));
  await run();
  const found = new Map((await messagesOf(post.ada)).map(({ id, status }) => [id, status]));
  expect([live, over, kept, old].map((id) => found.get(id))).toEqual([
    'QUEUED',
    'FAILED',
    'SENT',
    undefined,
  ]);
});
