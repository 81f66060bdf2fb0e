/**
 * Datadog Logs, API v2 (docs.datadoghq.com/api/latest/logs/send-logs): a gzipped JSON array of at
 * most 1000 logs and 5 MB uncompressed, 1 MB a log; 202 means accepted. A log larger than that is
 * cut and accepted, and one whose time lies 18 hours back is dropped and accepted: neither is sent.
 */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import type { Severity } from '#kernel/events/event.ts';
import type { Batch, Destination, StreamedEvent } from './destination.ts';
import { label, token } from './destination-settings.ts';
import { byStatus, deliver, overLimits, type StatusTable } from './receiver-answers.ts';

const compress = promisify(gzip);

/** docs.datadoghq.com/getting_started/site; the list of addresses at "Send logs" has uk1 too. */
export const datadogSite = z
  .enum([
    'datadoghq.com',
    'us3.datadoghq.com',
    'us5.datadoghq.com',
    'datadoghq.eu',
    'ap1.datadoghq.com',
    'ap2.datadoghq.com',
    'uk1.datadoghq.com',
    'ddog-gov.com',
    'us2.ddog-gov.com',
  ])
  .describe('The Datadog site that the account belongs to.');

export const datadogSettings = z.strictObject({
  site: datadogSite,
  service: label.default('signet').describe('The `service` of every log; signet unless told.'),
  source: label.default('signet').describe('The `ddsource` of every log; signet unless told.'),
  hostname: label.optional().describe('The `hostname` of every log.'),
  tags: z
    .array(
      z
        .string()
        .max(200, 'must have at most 200 characters')
        .regex(/^[a-zA-Z][A-Za-z0-9_.:/-]*$/, 'must be a tag such as env:production'),
    )
    .max(20, 'must hold at most 20')
    .default([])
    .describe('The `ddtags` of every log.'),
});

export const datadogSecrets = z.strictObject({
  apiKey: token(200).describe('An API key of that account, not an application key.'),
});

const MAX_LOGS = 1000;
const MAX_BODY_BYTES = 5_000_000;
const MAX_LOG_BYTES = 1_000_000;
/** Some minutes less than what Datadog takes, for the way there. */
const MAX_AGE_MS = (18 * 60 - 10) * 60_000;

const STATUSES: StatusTable = {
  400: ['rejected', 'Datadog does not take this body'],
  401: ['disabled', 'Datadog misses the API key'],
  403: ['disabled', 'Datadog does not know the API key at this site'],
  413: ['rejected', 'the body is too large for Datadog'],
};

export function openDatadog(
  settings: z.infer<typeof datadogSettings>,
  { apiKey }: z.infer<typeof datadogSecrets>,
): Destination {
  const common = {
    ddsource: settings.source,
    service: settings.service,
    ...(settings.tags.length === 0 ? {} : { ddtags: settings.tags.join(',') }),
    ...(settings.hostname === undefined ? {} : { hostname: settings.hostname }),
  };
  const members = JSON.stringify(common).slice(1, -1);
  // Of members and names around an event; 250: its type, status and time.
  const around = members.length + 250;
  const limits = {
    maxEvents: MAX_LOGS,
    maxBytes: MAX_BODY_BYTES - MAX_LOGS * around,
    maxEventBytes: MAX_LOG_BYTES - around,
  };
  return {
    kind: 'DATADOG',
    limits,
    async send(outbound, batch, signal) {
      return (
        overLimits(batch, limits) ??
        deliver(
          outbound,
          batch,
          {
            url: `https://http-intake.logs.${settings.site}/api/v2/logs`,
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              'content-encoding': 'gzip',
              'dd-api-key': apiKey,
            },
            body: await compress(bodyOf(batch, members)),
            signal,
          },
          byStatus(STATUSES, (status) => status === 202),
        )
      );
    },
  };
}

function bodyOf({ events, attemptAt }: Batch, members: string): string {
  return `[${events.map((event) => logOf(event, attemptAt, members)).join(',')}]`;
}

/** The event keeps its own `occurredAt` inside, whatever Datadog makes of `timestamp`. */
function logOf({ json, type, severity, occurredAt }: StreamedEvent, now: Date, members: string) {
  const at = occurredAt.getTime();
  const timestamp = now.getTime() - at <= MAX_AGE_MS ? `,"timestamp":${at}` : '';
  const message = JSON.stringify(type);
  return `{${members},"status":"${STATUS[severity]}","message":${message}${timestamp},"event":${json}}`;
}

const STATUS: Readonly<Record<Severity, string>> = {
  INFO: 'info',
  NOTICE: 'notice',
  WARNING: 'warning',
  CRITICAL: 'critical',
};
