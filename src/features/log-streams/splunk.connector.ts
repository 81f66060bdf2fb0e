/**
 * Splunk's HTTP Event Collector: JSON objects one after the other (never an array) to
 * /services/collector/event. 200 with code 0 means accepted, which is not indexed; acknowledgement
 * of indexing is not asked for, since Splunk Cloud has none.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import type { OutboundResponse } from '#kernel/outbound.ts';
import type { Batch, Destination, StreamedEvent } from './destination.ts';
import { label, receiverOrigin, token } from './destination-settings.ts';
import {
  deliver,
  type Judgement,
  outcome,
  overLimits,
  type ToOutcome,
} from './receiver-answers.ts';

const compress = promisify(gzip);

export const splunkSettings = z.strictObject({
  url: receiverOrigin.describe(
    'The collector: scheme, host and port, such as https://hec.example.com.',
  ),
  index: z
    .string()
    .max(80, 'must have at most 80 characters')
    .regex(/^[a-z0-9][a-z0-9_-]*$/, 'must be the name of an index')
    .optional()
    .describe("The index; the token's own unless told."),
  host: label.default('signet').describe('The `host` of every event; signet unless told.'),
  source: label.default('signet').describe('The `source` of every event; signet unless told.'),
  sourcetype: label
    .default('signet:audit')
    .describe('The `sourcetype` of every event; signet:audit unless told.'),
  gzip: z.boolean().default(true).describe('Whether bodies are compressed; true unless told.'),
});

export const splunkSecrets = z.strictObject({
  token: token(200).describe('The token of the collector, without the word Splunk.'),
});

/** Splunk Cloud asks for bodies of 1 MB; the name members around an event are left room for. */
const MAX_BODY_BYTES = 1_000_000;
const MAX_EVENTS = 500;

export function openSplunk(
  settings: z.infer<typeof splunkSettings>,
  secrets: z.infer<typeof splunkSecrets>,
): Destination {
  const { host, source, sourcetype, index } = settings;
  const members = JSON.stringify({
    host,
    source,
    sourcetype,
    ...(index === undefined ? {} : { index }),
  }).slice(1, -1);
  const maxBytes = MAX_BODY_BYTES - MAX_EVENTS * (members.length + 60);
  const limits = { maxEvents: MAX_EVENTS, maxBytes };
  return {
    kind: 'SPLUNK',
    limits,
    async send(outbound, batch, signal) {
      const body = batch.events.map((event) => hecEvent(event, members)).join('\n');
      return (
        overLimits(batch, limits) ??
        deliver(
          outbound,
          batch,
          {
            url: `${settings.url}/services/collector/event`,
            method: 'POST',
            headers: {
              authorization: `Splunk ${secrets.token}`,
              'content-type': 'application/json',
              ...(settings.gzip ? { 'content-encoding': 'gzip' } : {}),
              'x-splunk-request-channel': channelOf(batch),
            },
            body: settings.gzip ? await compress(body) : body,
            signal,
          },
          toOutcome,
        )
      );
    },
  };
}

/** Seconds with milliseconds, never in scientific notation, which code 15 refuses. */
function hecEvent({ json, occurredAt }: StreamedEvent, members: string): string {
  return `{"time":${(occurredAt.getTime() / 1000).toFixed(3)},${members},"event":${json}}`;
}

/** A token with acknowledgement demands a channel, a GUID of the sender's; others pass it over. */
function channelOf({ streamId }: Batch): string {
  const hex = createHash('sha256').update(streamId).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Of the answer's body only its number is looked at. */
const CODES: Readonly<Record<number, readonly [Judgement, string]>> = {
  1: ['disabled', 'the token is turned off'],
  2: ['disabled', 'the token is missing'],
  3: ['disabled', 'the authorization is not understood'],
  4: ['disabled', 'the token is not known'],
  5: ['rejected', 'there is no data'],
  6: ['rejected', 'the data are not understood'],
  // Every event of a stream goes to one index: the next batch would fare no better.
  7: ['disabled', 'the index is not one that the token may write to'],
  8: ['retry', 'an error of its own'],
  9: ['retry', 'it is busy'],
  10: ['disabled', 'the channel is missing'],
  11: ['disabled', 'the channel is not taken'],
  12: ['rejected', 'an event is missing'],
  13: ['rejected', 'an event is empty'],
  15: ['rejected', 'the fields of an event are not taken'],
};

const STATUSES: Readonly<Record<number, readonly [Judgement, string]>> = {
  400: ['rejected', 'it does not take this body'],
  401: ['disabled', 'it does not know the token'],
  403: ['disabled', 'it does not know the token'],
  413: ['rejected', 'the body is too large for it'],
};

const toOutcome: ToOutcome = (answer, batch) => {
  const { status, headers } = answer;
  const code = codeOf(answer);
  if (status === 200 && (code === 0 || code === null)) return { kind: 'delivered' };
  // Busy and broken are told by the status, whatever the number beside it.
  if (status === 429 || status >= 500 || (status >= 300 && status < 400))
    return outcome('retry', status, headers, batch.attemptAt, told(code, CODES));
  const [kind, why] = (code === null ? undefined : CODES[code]) ?? STATUSES[status] ?? ['retry'];
  return outcome(kind, status, headers, batch.attemptAt, why && withCode(code, why));
};

function told(code: number | null, table: typeof CODES): string | undefined {
  const why = code === null ? undefined : table[code]?.[1];
  return why === undefined ? undefined : withCode(code, why);
}

function withCode(code: number | null, why: string): string {
  return code === null || !(code in CODES) ? why : `code ${code}, ${why}`;
}

function codeOf({ body }: OutboundResponse): number | null {
  try {
    const { code } = JSON.parse(body.toString('utf8')) as { code?: unknown };
    return Number.isSafeInteger(code) ? (code as number) : null;
  } catch {
    return null;
  }
}
