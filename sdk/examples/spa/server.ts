/**
 * A single-page application, and the API that it calls.
 *
 *   SIGNET_ISSUER=http://localhost:4000/t/acme CLIENT_ID=client_... npm run spa -w @signet/sdk
 *
 * in the root of the repository, then open http://localhost:4100. The client is of type SPA, with the
 * redirect URI http://localhost:4100/callback and the post-logout redirect URI http://localhost:4100/;
 * the API is a resource https://hello.example.com with the scope hello:read, which is among the
 * client's audiences. docs/guides/connect-an-app.md makes both.
 *
 * The page needs no bundler: an import map leads to the SDK as it was built.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createVerifier, nodeGuard } from '@signet/sdk/server';

const {
  SIGNET_ISSUER: issuer,
  CLIENT_ID: clientId,
  API_AUDIENCE: resource = 'https://hello.example.com',
  PORT: port = '4100',
} = process.env;
if (!issuer || !clientId) {
  console.error('Usage: SIGNET_ISSUER=... CLIENT_ID=... npm run spa -w @signet/sdk');
  process.exit(2);
}

const own = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const importMap = JSON.stringify({
  imports: {
    '@signet/sdk/oidc': '/modules/sdk/generated/oidc.js',
    oauth4webapi: '/modules/oauth4webapi.js',
  },
});
const page = own('index.html').replace(
  '<!-- import map -->',
  `<script type="importmap">${importMap}</script>`,
);
const app = own('app.js');
const sdk = new URL('..', import.meta.resolve('@signet/sdk/oidc'));
const oauth = new URL(import.meta.resolve('oauth4webapi'));

const mapHash = createHash('sha256').update(importMap).digest('base64');
const policy = `default-src 'none'; script-src 'self' 'sha256-${mapHash}'; connect-src 'self' ${new URL(issuer).origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
const guard = nodeGuard(createVerifier({ issuer, audience: resource }), { scopes: ['hello:read'] });

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/api/hello') {
    const claims = await guard(request, response);
    // Null: the guard has answered.
    if (claims)
      send(response, 'application/json', JSON.stringify({ hello: claims.name ?? claims.sub }));
    return;
  }
  const file = fileAt(pathname);
  if (file) send(response, file.type, file.text);
  else response.writeHead(404).end();
});

function fileAt(path: string): { readonly type: string; readonly text: string } | null {
  if (path === '/' || path === '/callback') return { type: 'text/html; charset=utf-8', text: page };
  if (path === '/app.js') return { type: 'text/javascript', text: app };
  if (path === '/config.json')
    return { type: 'application/json', text: JSON.stringify({ issuer, clientId, resource }) };
  const module = /^\/modules\/sdk\/((?:generated\/oidc|src\/oidc\/[\w-]+)\.js)$/.exec(path)?.[1];
  const url = path === '/modules/oauth4webapi.js' ? oauth : module && new URL(module, sdk);
  return url ? { type: 'text/javascript', text: readFileSync(url, 'utf8') } : null;
}

function send(response: ServerResponse, type: string, text: string): void {
  response
    .writeHead(200, {
      'content-type': type,
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .end(text);
}

server.listen(Number(port), 'localhost', () => {
  console.log(`Open http://localhost:${port}`);
});
