/** The end of an HTTP server: nobody new, everybody who is here is answered, then the door is shut. */
import type { Server, ServerResponse } from 'node:http';

const LOOK_AGAIN_MS = 50;

/** Call it before the server listens. The answer stops the server, at the deadline by force. */
export function drainer(server: Server): (deadlineMs: number) => Promise<void> {
  const open = new Set<ServerResponse>();
  let draining = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (draining) lastOfItsConnection(response);
    open.add(response);
    response.once('close', () => open.delete(response));
  });

  return (deadlineMs) =>
    new Promise((resolve) => {
      draining = true;
      for (const response of open) lastOfItsConnection(response);
      // Who was answered while draining keeps an idle connection, which nothing else would end.
      const look = setInterval(() => server.closeIdleConnections(), LOOK_AGAIN_MS);
      const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
      server.close(() => {
        clearInterval(look);
        clearTimeout(deadline);
        resolve();
      });
    });
}

/** Tells the client not to send its next request here (RFC 9112 section 9.6). */
function lastOfItsConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
