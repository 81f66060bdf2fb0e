/** How often a person is written to, whoever asks, and that nobody can tell. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { LINK, openPost } from './post.ts';

const post = await openPost();
const { house, make, queue, reset, messagesOf, settled } = post;
const { services } = house;

test('B11 one of a kind in 30 seconds, whatever the spelling; the caller cannot tell', async () => {
  const local = randomUUID();
  const spellings = [
    `${local}@example.com`,
    `${local.toUpperCase()}@Example.COM`,
    `${local}@ｅxample.com`,
  ];
  for (let n = 0; n < 9; n += 1)
    expect(await reset({ to: { address: spellings[n % 3] ?? '' } })).toBeUndefined();
  await settled('SENT');
  expect(await messagesOf(post.ada)).toHaveLength(1);
  const dropped = house.log.filter((line) => line.includes('one message too many'));
  expect(dropped.length).toBeGreaterThanOrEqual(8);
  expect(dropped.join('')).not.toContain(local);
});

test('B11 five of a kind an hour for one recipient, of one tenant', async () => {
  const kinds = [
    { template: 'reset-password', parameters: { link: LINK } },
    { template: 'verify-email', parameters: { link: LINK } },
    { template: 'invitation', parameters: { link: LINK } },
    { template: 'account-exists', parameters: { link: LINK } },
    { template: 'change-email', parameters: { link: LINK } },
  ] as const;
  for (let n = 0; n < 7; n += 1) {
    // Half a minute later.
    await services.db.query("UPDATE rate_limits SET expire = 0 WHERE key LIKE 'message-spacing:%'");
    await queue(kinds[0]);
  }
  expect(await messagesOf(post.ada)).toHaveLength(5);
  // What was too much of one kind keeps no other back.
  await Promise.all(kinds.map((order) => queue(order)));
  expect(await messagesOf(post.ada)).toHaveLength(5 + kinds.length - 1);
  const other = await make.tenant();
  const twin = await make.user(other, { email: post.ada.email });
  await reset({ user: twin.uuid }, other);
  expect(await messagesOf(twin, other)).toHaveLength(1);
});

test('B11 A14 what a stranger asks for uses up no code, and silences no news of a change', async () => {
  for (let n = 0; n < 5; n += 1) {
    await services.db.query("UPDATE rate_limits SET expire = 0 WHERE key LIKE 'message-spacing:%'");
    await queue({ template: 'verify-email', parameters: { link: LINK } });
  }
  await queue({ template: 'verify-email', parameters: { link: LINK } });
  await queue({ template: 'sign-in-code', parameters: { code: '123456' } });
  await queue({ template: 'password-changed', parameters: {} });
  await queue({ template: 'factor-added', parameters: { factor: 'PASSKEY' } });
  await queue({ template: 'factor-added', parameters: { factor: 'TOTP' } });
  const kinds = (await messagesOf(post.ada)).map(({ template }) => template);
  expect(kinds.slice(5)).toEqual([
    'sign-in-code',
    'password-changed',
    'factor-added',
    'factor-added',
  ]);
});
