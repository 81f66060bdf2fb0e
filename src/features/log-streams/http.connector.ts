/**
 * Any receiver of the tenant's that takes a POST: a JSON array or NDJSON, its own headers, the id of
 * the delivery in `signet-delivery`. 2xx means taken.
 */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import type { Batch, Destination } from './destination.ts';
import {
  headerRecord,
  openHeaders,
  receiverUrl,
  secretHeaders,
  token,
} from './destination-settings.ts';
import { byStatus, deliver, HTTP_STATUSES, isSuccess, overLimits } from './receiver-answers.ts';

const compress = promisify(gzip);

export const httpFormat = z.enum(['JSON', 'NDJSON']).meta({
  id: 'LogStreamFormat',
  description:
    'How a batch is written. JSON: an array of events. NDJSON: one event a line, each line ended.',
});

export const httpSettings = z.strictObject({
  url: receiverUrl.describe('Where batches are posted to.'),
  format: httpFormat.default('JSON').describe('How a batch is written; JSON unless told.'),
  gzip: z.boolean().default(false).describe('Whether bodies are compressed; false unless told.'),
  headers: openHeaders
    .default([])
    .describe('Headers of every request, which readers of the stream can see.'),
});

export const httpSecrets = z
  .strictObject({
    bearerToken: token(4000).optional().describe('Sent as `Authorization: Bearer ...`.'),
    headers: secretHeaders.default([]).describe('Headers of every request that nobody can read.'),
  })
  .refine(
    ({ bearerToken, headers }) =>
      bearerToken === undefined ||
      headers.every(({ name }) => name.toLowerCase() !== 'authorization'),
    { path: ['headers'], message: 'must not hold Authorization beside bearerToken' },
  );

const LIMITS = { maxEvents: 500, maxBytes: 1_000_000 } as const;

export function openHttp(
  settings: z.infer<typeof httpSettings>,
  secrets: z.infer<typeof httpSecrets>,
): Destination {
  const { url, format } = settings;
  const headers = {
    ...headerRecord(settings.headers),
    ...headerRecord(secrets.headers),
    ...(secrets.bearerToken === undefined
      ? {}
      : { authorization: `Bearer ${secrets.bearerToken}` }),
    'content-type': format === 'JSON' ? 'application/json' : 'application/x-ndjson',
    ...(settings.gzip ? { 'content-encoding': 'gzip' } : {}),
  };
  return {
    kind: 'HTTP',
    limits: LIMITS,
    async send(outbound, batch, signal) {
      const text = format === 'JSON' ? jsonArray(batch) : ndjson(batch);
      return (
        overLimits(batch, LIMITS) ??
        deliver(
          outbound,
          batch,
          {
            url,
            method: 'POST',
            headers: {
              ...headers,
              'signet-delivery': batch.deliveryId,
              'signet-stream': batch.streamId,
            },
            body: settings.gzip ? await compress(text) : text,
            signal,
          },
          byStatus(HTTP_STATUSES, isSuccess),
        )
      );
    },
  };
}

function jsonArray({ events }: Batch): string {
  return `[${events.map(({ json }) => json).join(',')}]`;
}

/** Every line is ended, so that bodies can be put one after the other. */
export function ndjson({ events }: Pick<Batch, 'events'>): string {
  return events.map(({ json }) => `${json}\n`).join('');
}
