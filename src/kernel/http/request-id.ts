/** Owns the name of a request, which is in its answer, its log lines and its audit rows. */
import type { IncomingMessage } from 'node:http';
import { newId } from '#kernel/ids.ts';

/** A trusted proxy's X-Request-Id when it is well-formed, else a new one: `req_` and 32 hex digits. */
export function requestId(request: IncomingMessage, viaProxy: boolean): string {
  const given = viaProxy ? request.headers['x-request-id'] : undefined;
  if (typeof given === 'string' && WELL_FORMED.test(given)) return given;
  return `req_${newId().replaceAll('-', '')}`;
}

const WELL_FORMED = /^[\w.~-]{8,128}$/;
