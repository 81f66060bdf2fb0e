/**
 * Owns how a key service is asked: JSON through the guarded client, for a few seconds at most, and
 * what its failures mean. Of what a failure says only a short code is repeated: the sentences of
 * such services quote what was sent to them.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { Unavailable } from '#kernel/errors.ts';
import type { Outbound, OutboundRequest } from '#kernel/outbound.ts';
import { OutboundError } from '#kernel/outbound-addresses.ts';

export interface KeyServiceOptions {
  readonly outbound: Outbound;
  /** Of one request, from its first step to its last byte; default 4 s. */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch; the host's clock, since the service compares it with its own. */
  readonly now?: () => number;
}

/** One line for the operator: the variable to look at and what is wrong with it. No secret. */
export class KeyProblem extends Error {
  override readonly name = 'KeyProblem';
  constructor(variable: string, says: string) {
    super(`${variable}: ${says}`);
  }
}

/** Why a key service did not do it, if that is what `error` is about. */
export function keyProblem(error: unknown): KeyProblem | null {
  return error instanceof Error && error.cause instanceof KeyProblem ? error.cause : null;
}

/** What will not pass unless somebody changes something. The caller of ours may try again all the same. */
export function unusable(variable: string, says: string): Unavailable {
  return unavailable(variable, says, 60);
}

/** What passes by itself: away, throttled, slow. */
export function busy(variable: string, says: string, headers: IncomingHttpHeaders = {}) {
  const told = headers['retry-after'] ?? '';
  return unavailable(variable, says, /^[1-9]\d{0,2}$/.test(told) ? Number(told) : 5);
}

function unavailable(variable: string, says: string, retryAfter: number): Unavailable {
  const cause = new KeyProblem(variable, says);
  return new Unavailable('Keys cannot be used at the moment; try again shortly', {
    cause,
    retryAfter,
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text read as JSON; undefined when it is none. */
  readonly body: unknown;
}

export interface Question extends Pick<OutboundRequest, 'method' | 'headers' | 'body'> {
  readonly url: string;
  /** The variable that says where the service is. */
  readonly variable: string;
}

/** Throws `Unavailable` when there is no answer, or none but that it is too busy. */
export async function ask(
  { outbound, timeoutMs = 4_000 }: KeyServiceOptions,
  { url, variable, ...request }: Question,
): Promise<Answer> {
  const limits = { timeoutMs, connectTimeoutMs: Math.min(timeoutMs, 2_000), maxBytes: 65_536 };
  const { status, headers, body } = await outbound(url, { ...request, ...limits }).catch(
    (error: unknown) => {
      throw unanswered(variable, error);
    },
  );
  if (status === 429 || status >= 500) throw busy(variable, `is busy (status ${status})`, headers);
  const text = body.toString();
  return { status, headers, text, body: json(text) };
}

function unanswered(variable: string, error: unknown): unknown {
  if (!(error instanceof OutboundError)) return error;
  if (error.reason === 'address' || error.reason === 'port')
    return unusable(variable, `${error.message}; name its host:port in KMS_ALLOW`);
  return busy(variable, `cannot be reached: ${error.message}`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The answer as it should be. Throws `Unavailable` when it is another. */
export function read<T>(variable: string, shape: z.ZodType<T>, { body }: Pick<Answer, 'body'>): T {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  throw busy(variable, 'answers with something else than a key service does');
}

/** Their code for what went wrong, as we repeat it; else the status. */
export function codeOf(value: unknown, { status }: Pick<Answer, 'status'>): string {
  return typeof value === 'string' && /^[\w.-]{1,80}$/.test(value) ? value : `status ${status}`;
}

export const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
/** A data key, in base64. */
export const keyBytes = bytes.refine((key) => key.length === 32);
