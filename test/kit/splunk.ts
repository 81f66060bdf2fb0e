/** Splunk's HTTP Event Collector on loopback: the documented codes, in the order in which Splunk looks. */
import { type Answer, type Got, openReceiver, type Receiver } from './receiver.ts';

export interface HecEvent {
  readonly time: number;
  readonly host?: string;
  readonly source?: string;
  readonly sourcetype?: string;
  readonly index?: string;
  readonly event: unknown;
}

export interface HecToken {
  readonly token: string;
  readonly indexes: readonly string[];
  readonly disabled?: boolean;
  /** Demands a channel, as with acknowledgement of indexing. */
  readonly useAck?: boolean;
}

export interface Splunk extends Receiver {
  readonly events: HecEvent[];
  /** Answers busy while true. */
  busy: boolean;
}

const MAX_CONTENT_LENGTH = 1_000_000;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function openSplunkCollector(known: readonly HecToken[]): Promise<Splunk> {
  const events: HecEvent[] = [];
  const splunk = { events, busy: false };
  const receiver = await openReceiver((got) => {
    if (splunk.busy) return answer(503, 9, 'Server is busy');
    const refused = refuse(got, known);
    if ('status' in refused) return refused;
    events.push(...refused.events);
    return answer(200, 0, 'Success');
  });
  return Object.assign(splunk, receiver);
}

function refuse(got: Got, known: readonly HecToken[]): Answer | { events: HecEvent[] } {
  const { method, path, headers, text } = got;
  if (method !== 'POST' || path !== '/services/collector/event') return { status: 404 };
  const given = headers.authorization;
  if (given === undefined) return answer(401, 2, 'Token is required');
  if (!given.startsWith('Splunk ')) return answer(401, 3, 'Invalid authorization');
  const token = known.find((one) => given === `Splunk ${one.token}`);
  if (!token) return answer(403, 4, 'Invalid token');
  if (token.disabled) return answer(403, 1, 'Token disabled');
  const channel = headers['x-splunk-request-channel'];
  if (token.useAck && channel === undefined) return answer(400, 10, 'Data channel is missing');
  if (channel !== undefined && !GUID.test(String(channel)))
    return answer(400, 11, 'Invalid data channel');
  if (Buffer.byteLength(text) > MAX_CONTENT_LENGTH) return { status: 413 };
  if (text === '') return answer(400, 5, 'No data');
  const events = concatenated(text);
  if (!events) return answer(400, 6, 'Invalid data format');
  return problem(events, token) ?? { events };
}

function problem(events: readonly HecEvent[], { indexes }: HecToken): Answer | null {
  for (const { event, index, time } of events) {
    if (event === undefined || event === null) return answer(400, 12, 'Event field is required');
    if (event === '') return answer(400, 13, 'Event field cannot be blank');
    if (typeof time !== 'number') return answer(400, 15, 'Error in handling indexed fields');
    if (index !== undefined && !indexes.includes(index)) return answer(400, 7, 'Incorrect index');
  }
  return null;
}

/** JSON objects one after the other, between them white space or nothing; an array is not one. Null for others. */
function concatenated(text: string): HecEvent[] | null {
  const events: HecEvent[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const end = endOfObject(rest);
    if (end === 0) return null;
    try {
      events.push(JSON.parse(rest.slice(0, end)) as HecEvent);
    } catch {
      return null;
    }
    rest = rest.slice(end).trimStart();
  }
  return events;
}

/** Where the object that begins the text ends; 0 when none does. */
function endOfObject(text: string): number {
  if (!text.startsWith('{')) return 0;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (quoted) {
      if (c === '\\') i += 1;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '{') depth += 1;
    else if (c === '}') {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return 0;
}

function answer(status: number, code: number, text: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text, code }),
  };
}
