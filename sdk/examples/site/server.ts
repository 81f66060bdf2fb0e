/**
 * A site with a server: the browser has a cookie that no script reads, and tokens stay on the server.
 *
 *   SIGNET_ISSUER=http://localhost:4000/t/acme CLIENT_ID=client_... CLIENT_SECRET=sgcs_... \
 *     npm run site -w @signet/sdk
 *
 * in the root of the repository, then open http://localhost:4200. The client is of type WEB, with the
 * redirect URI http://localhost:4200/callback and the post-logout redirect URI http://localhost:4200/.
 *
 * It stands on node:http, which Express stands on as well: there each route is an `app.get(...)`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createWebSignIn, type Redirect, SignInError } from '@signet/sdk/oidc';

const {
  SIGNET_ISSUER: issuer,
  CLIENT_ID: clientId,
  CLIENT_SECRET: clientSecret,
  PORT: port = '4200',
} = process.env;
if (!issuer || !clientId || !clientSecret) {
  console.error(
    'Usage: SIGNET_ISSUER=... CLIENT_ID=... CLIENT_SECRET=... npm run site -w @signet/sdk',
  );
  process.exit(2);
}

const origin = `http://localhost:${port}`;
const people = createWebSignIn({
  issuer,
  clientId,
  clientSecret,
  redirectUri: `${origin}/callback`,
  postLogoutRedirectUri: `${origin}/`,
});

type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const routes: Readonly<Record<string, Route>> = {
  async 'GET /'(request, response) {
    const session = await people.session(request.headers.cookie);
    const body = session
      ? `<p>Hello ${escaped(session.claims.name ?? session.claims.sub)}.</p>
<p><a href="/orders">Your orders</a></p>
<form method="post" action="/sign-out"><button>Sign out</button></form>`
      : '<p>You are not signed in.</p><p><a href="/sign-in">Sign in</a></p>';
    show(response, body);
  },

  async 'GET /sign-in'(request, response) {
    go(response, await people.signIn(request.headers.cookie));
  },

  async 'GET /callback'(request, response) {
    try {
      go(response, await people.callback(request.url ?? '', request.headers.cookie));
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      show(response, `<p>${escaped(error.message)}</p><p><a href="/sign-in">Sign in</a></p>`, 400);
    }
  },

  /** Whoever is not signed in comes back here once they are. */
  async 'GET /orders'(request, response) {
    const session = await people.session(request.headers.cookie);
    if (!session)
      return go(response, await people.signIn(request.headers.cookie, { returnTo: '/orders' }));
    show(response, `<p>${escaped(session.claims.email ?? '')} has no orders.</p>`);
  },

  /** No other site can do this: the cookie is SameSite=Lax, and goes along with no foreign POST. */
  async 'POST /sign-out'(request, response) {
    go(response, await people.signOut(request.headers.cookie));
  },
};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', origin);
  const route = routes[`${request.method} ${pathname}`];
  if (!route) return show(response, '<p>There is no such page.</p>', 404);
  route(request, response).catch((error: unknown) => {
    console.error(error);
    show(response, '<p>This did not work. Try again in a moment.</p>', 503);
  });
});

function go(response: ServerResponse, { location, cookies }: Redirect): void {
  response.writeHead(303, { location, 'set-cookie': [...cookies] }).end();
}

function show(response: ServerResponse, body: string, status = 200): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      // Signing out leads to the issuer, and browsers hold that against form-action.
      'content-security-policy': `default-src 'none'; form-action 'self' ${new URL(issuer ?? '').origin}; base-uri 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
    })
    .end(`<!doctype html><html lang="en"><title>A site</title><h1>A site</h1>${body}</html>`);
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

server.listen(Number(port), 'localhost', () => {
  console.log(`Open ${origin}`);
});
