/** The checks before routes, as node:http, Express, Fastify, Hono and handlers of Request call them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import {
  authenticate,
  claimsOf,
  createVerifier,
  expressGuard,
  fastifyGuard,
  honoGuard,
  nodeGuard,
  refusalOf,
  routeGuard,
} from '../../sdk/generated/server.ts';
import { AUDIENCE, issuerStandIn } from './issuer-stand-in.ts';

const acme = await issuerStandIn();
const verifier = createVerifier({ issuer: acme.issuer, audience: AUDIENCE });
const away = createVerifier({
  issuer: acme.issuer,
  audience: AUDIENCE,
  fetch: async () => new Response(null, { status: 500 }),
});
const DEMANDS = { scopes: ['orders:read'] };

/** How a framework would ask; answers what its client would see. */
type Ask = (authorization: string | undefined, of?: typeof verifier) => Promise<Response>;

const byNode: Ask = (authorization, of = verifier) =>
  served(authorization, async (request, response) => {
    const claims = await nodeGuard(of, DEMANDS)(request, response);
    if (claims) response.end(claims.sub);
  });

const byExpress: Ask = (authorization, of = verifier) =>
  served(authorization, (request, response) => {
    expressGuard(of, DEMANDS)(request, response, (error) =>
      response.end(error ? 'failed' : claimsOf(request).sub),
    );
  });

const byFastify: Ask = async (authorization, of = verifier) => {
  const app = fastify();
  app.get('/', { onRequest: fastifyGuard(of, DEMANDS) }, async (request) => claimsOf(request).sub);
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  return asked(origin, authorization).finally(() => app.close());
};

const byHono: Ask = async (authorization, of = verifier) => {
  const app = new Hono();
  app.use('/', honoGuard(of, DEMANDS));
  app.get('/', (context) => context.text(claimsOf(context).sub));
  return served(authorization, getRequestListener(app.fetch));
};

const byRoute: Ask = (authorization, of = verifier) => {
  const handler = routeGuard(of, DEMANDS, (request: Request, { id }: { id: string }) =>
    Promise.resolve(new Response(id === '1' ? claimsOf(request).sub : 'lost')),
  );
  const headers = authorization ? { authorization } : {};
  return handler(new Request('https://app.example.com/orders/1', { headers }), { id: '1' });
};

describe.each(Object.entries({ byNode, byExpress, byFastify, byHono, byRoute }))('%s', (_, ask) => {
  test('a good token goes on, and the route knows whose it is', async () => {
    const token = await acme.token({ scope: 'orders:read orders:write' });
    const answer = await ask(`Bearer ${token}`);
    expect([answer.status, await answer.text()]).toEqual([200, 'user_1']);
    expect((await ask(`bearer ${token}`)).status).toBe(200);
  });

  test('nothing, another scheme, a bad token, one of too little', async () => {
    for (const nothing of [undefined, 'Basic YTpi', 'Bearer', 'Bearer a b']) {
      const answer = await ask(nothing);
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    const bad = await ask('Bearer x.y.z');
    expect(bad.status).toBe(401);
    expect(bad.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", /);
    expect(await bad.json()).toMatchObject({ error: 'invalid_token' });
    const little = await ask(`Bearer ${await acme.token({ scope: 'orders:write' })}`);
    expect(little.status).toBe(403);
    expect(little.headers.get('www-authenticate')).toContain('scope="orders:read"');
  });

  test('X25 an issuer that is away: 503, and nobody is let in', async () => {
    const token = await acme.token({ scope: 'orders:read' });
    const answer = await ask(`Bearer ${token}`, away);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answer.text()).not.toContain(acme.issuer);
  });
});

test('whatever else goes wrong is the framework’s to hear', async () => {
  const broken = { verify: () => Promise.reject(new RangeError('broken')) };
  await expect(authenticate(broken, 'Bearer x')).rejects.toThrow('broken');
  expect(refusalOf(new RangeError('broken'))).toBeNull();
  expect(await (await byExpress('Bearer x', broken)).text()).toBe('failed');
  expect(() => claimsOf({})).toThrow('no guard');
});

async function served(
  authorization: string | undefined,
  handle: Parameters<typeof createServer>[1] & object,
): Promise<Response> {
  const server = createServer(handle as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await asked(`http://127.0.0.1:${port}`, authorization);
  await new Promise((resolve) => server.close(resolve));
  return answer;
}

async function asked(origin: string, authorization: string | undefined): Promise<Response> {
  const headers = authorization ? { authorization } : {};
  const answer = await fetch(`${origin}/`, { headers });
  return new Response(await answer.text(), answer);
}
