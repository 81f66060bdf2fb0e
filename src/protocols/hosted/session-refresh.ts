/**
 * `POST /t/{tenant}/session/refresh`: a script of ours keeps the session alive without a page. It
 * answers until when, so that the page can warn.
 */
import { getSession } from '#features/sessions/sessions.queries.ts';
import { Forbidden, Unauthenticated } from '#kernel/errors.ts';
import type { Responder } from '#kernel/http/respond.ts';
import type { Visit } from './page.ts';

/** That the session was presented has moved its idle end. */
export async function refreshSession(here: Visit, respond: Responder): Promise<void> {
  const { ctx, request, response } = here;
  // No form token: the header is what no other origin can add.
  if (request.headers['x-signet-csrf'] === undefined)
    throw new Forbidden('Send the header X-Signet-CSRF: 1');
  const { authentication } = ctx.actor;
  const session = authentication ? await getSession(ctx, authentication.sessionId) : null;
  if (!authentication || !session)
    throw new Unauthenticated('The session has ended; sign in again');
  const { amr, acr, authTime } = authentication;
  const { idleExpiresAt, expiresAt } = session;
  const now = ctx.clock.now();
  respond.json(response, 200, { now, idleExpiresAt, expiresAt, amr, acr, authTime });
}
