/**
 * A line of an export, and the hash of its leaf: SHA-256 of 0x00 and the RFC 8785 form of the event.
 * What stands outside of the hash is named here and nowhere else. A line is taken only as the server
 * writes it, byte for byte: one that can be read in two ways could be proved in one and shown in the other.
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { canonicalObject, type JsonObject, MalformedLine } from './canonical.ts';

export interface EventLine {
  readonly leafIndex: number;
  /** What the line hashes to. */
  readonly computed: Buffer;
  /** What the tree is said to hold; null where the line does not say. */
  readonly stated: Buffer | null;
}

/** How the record ends, `v` being the last of its names, and what comes behind it: first `leafIndex`. */
const MARK = ',"v":1,"leafIndex":';
const KEPT = ',"v":1'.length;
/** The members of a record of version 1. */
const RECORD =
  'actor,details,id,occurredAt,personal,reason,requestId,result,severity,targets,tenant,type,v';
/** Where `where` is shown it is the last of those that no leaf covers. */
const WHERE = ',"where":';
const TAIL =
  /^,"leafIndex":(0|[1-9]\d{0,15})(?:,"leafHash":"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)")?\}$/;

/** Throws `MalformedLine` for a line that is no event as an export writes it. */
export function readLine(line: Buffer): EventLine {
  if (!isUtf8(line)) throw new MalformedLine('The line is not UTF-8');
  const text = line.toString('utf8');
  const mark = text.lastIndexOf(MARK);
  if (mark < 0) throw new MalformedLine(whyNoEvent(text));
  const end = mark + KEPT;
  const { leafIndex, leafHash } = readTail(text.slice(end));
  const record = `${text.slice(0, end)}}`;
  if (Object.keys(canonicalObject(record, 'The event')).join() !== RECORD)
    throw new MalformedLine(`The event must have the members ${RECORD} and no other`);
  return {
    leafIndex,
    // Its text is its bytes: it is UTF-8, which was looked at first.
    computed: hash('sha256', `\0${record}`, 'buffer'),
    stated: leafHash === undefined ? null : Buffer.from(leafHash, 'base64'),
  };
}

/** The event's id, for people; null where there is none, or something else in its place. */
export function eventIdOf(line: Buffer): string | null {
  try {
    const { id } = JSON.parse(line.toString('utf8')) as JsonObject;
    return typeof id === 'string' && /^event_[0-9a-z]{26}$/.test(id) ? id : null;
  } catch {
    return null;
  }
}

/** What stands behind the record: these members once each, in this order, without spaces. */
function readTail(text: string): { readonly leafIndex: number; readonly leafHash?: string } {
  const at = text.indexOf(WHERE);
  const [, leafIndex = '', leafHash] = TAIL.exec(at < 0 ? text : `${text.slice(0, at)}}`) ?? [];
  const index = Number(leafIndex);
  if (leafIndex === '' || !Number.isSafeInteger(index) || (at >= 0 && !text.endsWith('}')))
    throw new MalformedLine(
      'Behind "v":1 must stand leafIndex, leafHash and where, once each, in this order, without spaces',
    );
  if (at >= 0) checkWhere(text.slice(at + WHERE.length, -1));
  return leafHash === undefined ? { leafIndex: index } : { leafIndex: index, leafHash };
}

/** Null: it did not open. */
function checkWhere(text: string): void {
  if (text === 'null') return;
  for (const [name, value] of Object.entries(canonicalObject(text, 'where')))
    if (!['ipAddress', 'userAgent'].includes(name) || typeof value !== 'string')
      throw new MalformedLine('where must hold ipAddress and userAgent and nothing else, as texts');
}

function whyNoEvent(text: string): string {
  try {
    const { v, leafIndex } = Object(JSON.parse(text)) as JsonObject;
    if (Number.isSafeInteger(v) && v !== 1)
      return `The event is of version ${v}, which this release does not know: take a later one`;
    if (v === 1 && leafIndex === undefined)
      return 'The event has no leafIndex: it is not as an export writes it';
  } catch {
    return 'The line is no event of an export: it is no JSON';
  }
  return 'The line is no event as an export writes it: its members are others, in another order, or with spaces between them';
}
