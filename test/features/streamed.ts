/** Streams for tests: made through REST, looked at through GraphQL. */
import { expectStatus, type MadeTenant, run } from '../kit/make.ts';

export interface Stream {
  readonly id: string;
  readonly name: string;
  readonly state: 'ACTIVE' | 'PAUSED' | 'DISABLED';
  readonly stateReason: string | null;
  readonly pending: number;
  readonly deliveredUpTo: number | null;
  readonly lagSeconds: number;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly deadLetterCount: number;
  readonly lastError: string | null;
  readonly version: number;
}

export interface MadeStream extends Stream {
  readonly secret: string | null;
}

export interface DeadLetter {
  readonly eventId: string;
  readonly deliveryId: string;
  readonly leafIndex: number;
  readonly status: number | null;
  readonly reason: string | null;
}

/** To a plain HTTP receiver unless `more` says otherwise. */
export async function makeStream(
  tenant: MadeTenant,
  url: string,
  more: object = {},
): Promise<MadeStream> {
  const body = { name: `To ${url}`, kind: 'HTTP', settings: { url }, ...more };
  return expectStatus(await tenant.rest<MadeStream>('POST', '/v1/log-streams', { body }), 201);
}

export async function lookAt(tenant: MadeTenant, { id }: { readonly id: string }): Promise<Stream> {
  return expectStatus(await tenant.rest<Stream>('GET', `/v1/log-streams/${id}`), 200);
}

export async function deadLetters(
  tenant: MadeTenant,
  { id }: { readonly id: string },
): Promise<readonly DeadLetter[]> {
  const path = `/v1/log-streams/${id}/dead-letters?first=100`;
  const { items } = expectStatus(await tenant.rest<{ items: DeadLetter[] }>('GET', path), 200);
  return items;
}

/** `pause`, `resume` and such; answers the stream. */
export async function turn(
  tenant: MadeTenant,
  { id }: { readonly id: string },
  to: 'pause' | 'resume' | 'rewind',
  input: object = {},
): Promise<Stream> {
  const mutation = `${to}LogStream`;
  const fields = 'logStream { id state pending deliveredUpTo version }';
  const { logStream } = await run<{ logStream: Stream }>(tenant, mutation, fields, {
    id,
    ...input,
  });
  return logStream;
}
