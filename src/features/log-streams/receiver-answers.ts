/**
 * What the engine is told of an answer, or of none. Nothing that a receiver wrote goes into words:
 * a stream that points at somebody else's server must not become a way to read from it.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Outbound, OutboundRequest, OutboundResponse } from '#kernel/outbound.ts';
import { OutboundError } from '#kernel/outbound-addresses.ts';
import type { Batch, DestinationLimits, Outcome } from './destination.ts';

/** Receivers answer with a few words; more is not read. */
const MAX_ANSWER_BYTES = 65_536;
/** Standard Webhooks asks for 15 to 30 s. */
const TIMEOUT_MS = 15_000;
const LONGEST_WAIT_MS = 86_400_000;

export type ToOutcome = (answer: OutboundResponse, batch: Batch) => Outcome;

/** Sends, and lets `toOutcome` judge the answer. A network that fails is tried again. */
export async function deliver(
  outbound: Outbound,
  batch: Batch,
  { url, ...request }: OutboundRequest & { readonly url: string },
  toOutcome: ToOutcome,
): Promise<Outcome> {
  let answer: OutboundResponse;
  try {
    answer = await outbound(url, {
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
      ...request,
    });
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    return NOT_SENT[error.reason];
  }
  return toOutcome(answer, batch);
}

/** Its message may hold an address of the inner network; its reason holds nothing. */
const NOT_SENT: Readonly<Record<OutboundError['reason'], Outcome>> = {
  url: { kind: 'disabled', reason: 'the URL of the receiver cannot be used' },
  scheme: { kind: 'disabled', reason: 'the URL of the receiver must be https' },
  port: {
    kind: 'disabled',
    reason: 'the port of the receiver is not one that may be reached from here',
  },
  header: { kind: 'disabled', reason: 'a header of the stream may not be set' },
  // Names change their mind: what is private now may have been a resolver's bad minute.
  address: {
    kind: 'retry',
    reason: 'the address of the receiver is not one that may be reached from here',
  },
  name: { kind: 'retry', reason: 'the name of the receiver has no address' },
  timeout: { kind: 'retry', reason: 'the receiver did not answer in time' },
  'too-large': { kind: 'retry', reason: 'the receiver answered with too many bytes' },
  network: { kind: 'retry', reason: 'the connection to the receiver failed' },
};

/** Statuses that have a meaning of their own; any other is tried again, so that nothing is lost. */
export type Judgement = 'delivered' | 'retry' | 'rejected' | 'disabled';
export type StatusTable = Readonly<Record<number, readonly [Judgement, string?]>>;

/** Any receiver that speaks plain HTTP: 2xx took it, a bad body is bad for ever. */
export const HTTP_STATUSES: StatusTable = {
  400: ['rejected', 'it does not take this body'],
  401: ['disabled', 'it does not know the credentials'],
  403: ['disabled', 'it forbids it'],
  410: ['disabled', 'it wants no more'],
  413: ['rejected', 'the body is too large for it'],
  422: ['rejected', 'it does not take this body'],
};

/** `succeeded`: which statuses mean that the receiver has it. Redirects are not followed, so they are not. */
export function byStatus(table: StatusTable, succeeded: (status: number) => boolean): ToOutcome {
  return ({ status, headers }, batch) => {
    if (succeeded(status)) return { kind: 'delivered' };
    const [kind, why] = table[status] ?? (['retry'] as const);
    return outcome(kind, status, headers, batch.attemptAt, why);
  };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

export function outcome(
  kind: Judgement,
  status: number,
  headers: IncomingHttpHeaders,
  now: Date,
  why?: string,
): Outcome {
  if (kind === 'delivered') return { kind };
  const reason = `the receiver answered ${status}${why === undefined ? '' : `: ${why}`}`;
  if (kind !== 'retry') return { kind, reason, status };
  const retryAfterMs = retryAfter(headers['retry-after'], now);
  return { kind, reason, status, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
}

/** RFC 9110, 10.2.3: seconds or a date. Null for anything else; at most a day. */
function retryAfter(text: string | undefined, now: Date): number | null {
  if (text === undefined) return null;
  // Date.parse reads "-5" as a month, so more than a parse is asked for.
  const date = /^[A-Z][a-z]{2},? .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : date - now.getTime();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_WAIT_MS);
}

/** What is over the receiver's limits is not sent: some would cut it and say that all is well. */
export function overLimits({ events }: Batch, limits: DestinationLimits): Outcome | null {
  const { maxEvents, maxBytes, maxEventBytes = maxBytes } = limits;
  if (events.length > maxEvents) return tooMuch(`more than ${maxEvents} events`);
  let bytes = 0;
  for (const { json } of events) {
    const size = Buffer.byteLength(json);
    if (size > maxEventBytes) return tooMuch(`an event of more than ${maxEventBytes} bytes`);
    bytes += size;
  }
  return bytes > maxBytes ? tooMuch(`more than ${maxBytes} bytes`) : null;
}

function tooMuch(what: string): Outcome {
  return { kind: 'rejected', reason: `the receiver does not take ${what}` };
}
