/** What issuers are asked, and beside whom. */
import { createHash } from 'node:crypto';
import { encodeId } from '#kernel/ids.ts';
import type { OurServer } from './contestants.ts';
import type { LoadRequest } from './load-worker.ts';
import { AT_HOME, FORM, OPAQUE_API, refreshToken } from './oauth-seed.ts';
import type { Server } from './processes.ts';
import { seededId } from './seed.ts';

interface Side {
  readonly server: Server;
  readonly request: LoadRequest & { readonly expect: string };
}

export interface Case {
  readonly name: string;
  readonly beside: string;
  readonly target: number;
  readonly ours: Side;
  readonly other: Side;
  /** Each request spends one of the refresh tokens. */
  readonly spends?: boolean;
}

export async function cases(ours: OurServer, peer: Server, floor: Server): Promise<Case[]> {
  const tenant = seededId(1);
  const token = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString();
    const answer = await fetch(`${ours.url}${TOKEN}`, { method: 'POST', headers: FORM, body });
    const { access_token: value } = (await answer.json()) as { access_token?: string };
    if (!value) throw new Error(`no token: ${answer.status}`);
    return value;
  };
  const jwt = await token({ scope: 'users:read' });
  const opaque = await token({ resource: OPAQUE_API });
  const key = await ours.apiKey(tenant, ['users:read']);
  const hash = createHash('sha256').update(opaque).digest('hex');
  const form = (path: string, body: string, expect: string) =>
    ({ method: 'POST', path, headers: FORM, body, expect }) as const;
  const credentials = form(
    TOKEN,
    'grant_type=client_credentials&scope=users%3Aread',
    '"access_token":"ey',
  );
  const refresh = form(
    TOKEN,
    `grant_type=refresh_token&refresh_token=${refreshToken('[n]')}`,
    '"refresh_token"',
  );
  const user = (secret: string) =>
    ({
      method: 'GET',
      path: `/v1/users/${encodeId('user', seededId(77))}`,
      headers: { ...AT_HOME, authorization: `Bearer ${secret}` },
      expect: 'User77@example.com',
    }) as const;
  const select = {
    method: 'POST',
    path: '/introspect',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tenant, hash }),
    expect: '"active" : true',
  } as const;
  const introspect = form('/t/t1/oauth2/introspect', `token=${opaque}`, '"active":true');
  return [
    {
      name: 'client credentials, ES256',
      beside: 'engine in memory',
      target: 0.75,
      ours: { server: ours, request: credentials },
      other: { server: peer, request: credentials },
    },
    {
      name: 'refresh, rotating',
      beside: 'engine in memory',
      target: 0.4,
      ours: { server: ours, request: refresh },
      other: { server: peer, request: refresh },
      spends: true,
    },
    {
      name: 'introspection, opaque',
      beside: 'bare select',
      target: 0.5,
      ours: { server: ours, request: introspect },
      other: { server: floor, request: select },
    },
    {
      name: 'API call by access token',
      beside: 'by API key',
      target: 0.95,
      ours: { server: ours, request: user(jwt) },
      other: { server: ours, request: user(key) },
    },
  ];
}

const TOKEN = '/t/t1/oauth2/token';
