/** Conditional requests (RFC 9110 section 13). An entity tag is a version in quotes. */
import { VersionMismatch } from '#kernel/errors.ts';
import { MalformedRequest } from './problem.ts';

const TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;
const VERSION = /^[1-9]\d{0,9}$/;
const MAX_VERSION = 2_147_483_647;

export function entityTag(version: unknown): string {
  return `"${String(version)}"`;
}

/**
 * The version that the row must still have; null for any. Throws VersionMismatch when no version
 * can match: If-Match compares strongly, so a weak tag never does.
 */
export function readIfMatch(header: string): number | null {
  if (header.trim() === '*') return null;
  const tags = header.split(',').map((tag) => TAG.exec(tag.trim()));
  if (tags.some((tag) => tag === null))
    throw new MalformedRequest([
      { header: 'If-Match', detail: 'must be an entity tag as ETag gave it, such as "3", or *' },
    ]);
  const versions = tags
    .filter((tag) => tag?.[1] === undefined && VERSION.test(tag?.[2] ?? ''))
    .map((tag) => Number(tag?.[2]))
    .filter((version) => version <= MAX_VERSION);
  const [version, ...others] = new Set(versions);
  if (others.length > 0)
    throw new MalformedRequest([{ header: 'If-Match', detail: 'must name one version' }]);
  if (version === undefined) throw new VersionMismatch('The resource');
  return version;
}

/** Whether the client holds this representation; If-None-Match compares weakly. */
export function ifNoneMatchHolds(header: string, tag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === tag);
}
