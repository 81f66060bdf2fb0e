/** The end of an HTTP server: nobody new, everybody who is here is answered, then the door is shut. */
import type { Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_AGAIN_MS = 50;
/** A turn of the event loop that took less had nothing to do. */
const IDLE_TURN_MS = 0.5;
const IDLE_WITHIN_MS = 500;

/** How long a server that stops still takes requests, and when it ends the last of them by force. */
export interface DrainTimes {
  readonly delayMs: number;
  /** Counted from the end of the delay. */
  readonly deadlineMs: number;
}

/** Call it before the server listens. The answer stops the server. */
export function drainer(server: Server): (times: DrainTimes) => Promise<void> {
  const open = new Set<ServerResponse>();
  let draining = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (draining) lastOfItsConnection(response);
    open.add(response);
    response.once('close', () => open.delete(response));
  });

  return async ({ delayMs, deadlineMs }) => {
    draining = true;
    for (const response of open) lastOfItsConnection(response);
    if (delayMs > 0) await delay(delayMs);
    await idleTurn();
    await new Promise<void>((resolve) => {
      // Who was answered while draining keeps an idle connection, which nothing else would end.
      const look = setInterval(() => server.closeIdleConnections(), LOOK_AGAIN_MS);
      const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
      server.close(() => {
        clearInterval(look);
        clearTimeout(deadline);
        resolve();
      });
    });
  };
}

/**
 * Connections that the system has accepted and we have not are cut when the server stops listening,
 * requests and all. Right after a turn of the event loop without work there are none.
 */
function idleTurn(): Promise<void> {
  const end = performance.now() + IDLE_WITHIN_MS;
  return new Promise((resolve) => {
    const turn = (last: number) => {
      const now = performance.now();
      if (now - last < IDLE_TURN_MS || now > end) resolve();
      else setImmediate(turn, now);
    };
    setImmediate(turn, 0);
  });
}

/** Tells the client not to send its next request here (RFC 9112 section 9.6). */
function lastOfItsConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
