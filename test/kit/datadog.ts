/** Datadog's log intake, API v2, on loopback: it holds to the documented limits, also where they are silent. */
import type { Outbound } from '#kernel/outbound.ts';
import { type Got, openReceiver, outboundTo, type Receiver } from './receiver.ts';

export interface DatadogLog {
  readonly message: string;
  readonly ddsource?: string;
  readonly ddtags?: string;
  readonly service?: string;
  readonly hostname?: string;
  readonly status?: string;
  readonly timestamp?: number;
  readonly event: unknown;
}

export interface Datadog extends Receiver {
  readonly logs: DatadogLog[];
  /** Accepted with 202, then cut for their size or thrown away for their age. */
  readonly spoilt: DatadogLog[];
  /** Sends what is meant for `site` here, and nothing else. */
  outbound(site: string): Outbound;
}

const HOURS_18 = 18 * 3_600_000;

export async function openDatadogIntake(apiKey: string, now: () => Date): Promise<Datadog> {
  const logs: DatadogLog[] = [];
  const spoilt: DatadogLog[] = [];
  const receiver = await openReceiver((got) => {
    const status = statusFor(got, apiKey);
    if (status !== 202) return { status, body: JSON.stringify({ errors: [{ title: 'no' }] }) };
    for (const log of JSON.parse(got.text) as DatadogLog[]) {
      const old = log.timestamp !== undefined && now().getTime() - log.timestamp > HOURS_18;
      (old || Buffer.byteLength(JSON.stringify(log)) > 1_000_000 ? spoilt : logs).push(log);
    }
    return { status, body: '{}' };
  });
  const there = outboundTo(receiver.port);
  const outbound =
    (site: string): Outbound =>
    (url, request) => {
      const intake = `https://http-intake.logs.${site}/`;
      if (!url.startsWith(intake)) throw new Error(`${url} is not at ${intake}`);
      return there(`${receiver.origin}/${url.slice(intake.length)}`, request);
    };
  return { ...receiver, logs, spoilt, outbound };
}

function statusFor({ method, path, headers, text }: Got, apiKey: string): number {
  if (method !== 'POST' || path !== '/api/v2/logs') return 404;
  if (headers['dd-api-key'] === undefined) return 401;
  if (headers['dd-api-key'] !== apiKey) return 403;
  if (headers['content-type'] !== 'application/json') return 415;
  if (Buffer.byteLength(text) > 5_000_000) return 413;
  let logs: unknown;
  try {
    logs = JSON.parse(text);
  } catch {
    return 400;
  }
  return Array.isArray(logs) && logs.length <= 1000 && logs.every(isLog) ? 202 : 400;
}

function isLog(log: unknown): boolean {
  return typeof log === 'object' && log !== null && 'message' in log;
}
