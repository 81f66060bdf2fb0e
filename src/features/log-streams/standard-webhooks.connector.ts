/**
 * Standard Webhooks 1.0.0: a POST that says who it is from. HMAC-SHA256 over id, time of the attempt
 * and body; two signatures while a secret is being replaced. 2xx means taken, 410 ends the stream.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Batch, Destination } from './destination.ts';
import { receiverUrl } from './destination-settings.ts';
import { byStatus, deliver, HTTP_STATUSES, isSuccess, overLimits } from './receiver-answers.ts';

export const webhookSettings = z.strictObject({
  url: receiverUrl.describe('Where webhooks are posted to.'),
});

const PREFIX = 'whsec_';

/** 24 to 64 bytes, one spelling of each: receivers compare what they were given. */
const webhookSecret = z.string().refine((text) => {
  const bytes = keyOf(text);
  return (
    text.startsWith(PREFIX) &&
    bytes.length >= 24 &&
    bytes.length <= 64 &&
    text === `${PREFIX}${bytes.toString('base64')}`
  );
}, 'must be whsec_ and 24 to 64 bytes in base64');

export const webhookSecrets = z
  .strictObject({
    secret: webhookSecret.describe('What signs.'),
    previousSecret: webhookSecret
      .optional()
      .describe('What signed before, and signs as well until previousUntil.'),
    previousUntil: z.iso
      .datetime()
      .optional()
      .describe('When the previous secret stops signing; UTC.'),
  })
  .refine(
    ({ previousSecret, previousUntil }) =>
      (previousSecret === undefined) === (previousUntil === undefined),
    { path: ['previousUntil'], message: 'must be given together with previousSecret' },
  );

export type WebhookSecrets = z.infer<typeof webhookSecrets>;

export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(32).toString('base64')}`;
}

/** The specification asks for small bodies. */
const LIMITS = { maxEvents: 100, maxBytes: 256_000 } as const;

export function openStandardWebhooks(
  { url }: z.infer<typeof webhookSettings>,
  secrets: WebhookSecrets,
): Destination {
  return {
    kind: 'STANDARD_WEBHOOKS',
    limits: LIMITS,
    async send(outbound, batch, signal) {
      const body = webhookBody(batch);
      const { deliveryId, attemptAt } = batch;
      // Seconds; a receiver refuses what is older than some minutes, so a retry has a time of its own.
      const timestamp = Math.floor(attemptAt.getTime() / 1000);
      const signed = `${deliveryId}.${timestamp}.${body}`;
      return (
        overLimits(batch, LIMITS) ??
        deliver(
          outbound,
          batch,
          {
            url,
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              'webhook-id': deliveryId,
              'webhook-timestamp': String(timestamp),
              'webhook-signature': signers(secrets, attemptAt)
                .map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
                .join(' '),
            },
            body,
            signal,
          },
          byStatus(HTTP_STATUSES, isSuccess),
        )
      );
    },
  };
}

/** The newer first. */
function signers({ secret, previousSecret, previousUntil }: WebhookSecrets, now: Date): Buffer[] {
  const overlaps =
    previousSecret !== undefined && previousUntil !== undefined && now < new Date(previousUntil);
  return overlaps ? [keyOf(secret), keyOf(previousSecret)] : [keyOf(secret)];
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}

/** The same bytes on every attempt: `timestamp` is when the last of its events happened. */
function webhookBody({ streamId, events }: Batch): string {
  const timestamp = events.at(-1)?.occurredAt.toISOString();
  const all = events.map(({ json }) => json).join(',');
  return `{"type":"audit.events","timestamp":${JSON.stringify(timestamp)},"data":{"stream":${JSON.stringify(streamId)},"events":[${all}]}}`;
}
