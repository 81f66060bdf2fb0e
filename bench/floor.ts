/**
 * The floor: what a server costs that does nothing but answer. node:http, one connection pool, one
 * prepared statement a case whose text goes out as it came. No tenants, no rights, no validation.
 */
import { createServer, type IncomingMessage } from 'node:http';
import pg from 'pg';
import { newId } from '#kernel/ids.ts';

interface Route {
  readonly name: string;
  readonly text: string;
  values(body: Record<string, unknown>): unknown[];
}

const USER = `json_build_object('id', u.id, 'email', u.email, 'emailVerified', u.email_verified,
  'displayName', u.display_name, 'givenName', u.given_name, 'familyName', u.family_name, 'status', u.status,
  'locale', u.locale, 'attributes', u.attributes, 'version', u.version, 'createdAt', u.created_at, 'updatedAt', u.updated_at)`;

const ROUTES: Readonly<Record<string, Route>> = {
  '/list': {
    name: 'list',
    values: ({ tenant, first }) => [tenant, first],
    text: `SELECT json_agg(json_build_object('id', u.id, 'email', u.email, 'groups', (
        SELECT json_agg(json_build_object('id', g.id, 'name', g.name, 'roles', (
            SELECT json_agg(json_build_object('id', r.id, 'name', r.name) ORDER BY r.id)
            FROM group_roles gr JOIN roles r ON r.tenant_id = gr.tenant_id AND r.id = gr.role_id
            WHERE gr.tenant_id = $1 AND gr.group_id = g.id)) ORDER BY g.id)
        FROM group_members m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
        WHERE m.tenant_id = $1 AND m.user_id = u.id)) ORDER BY u.id)::text AS json
      FROM (SELECT * FROM users WHERE tenant_id = $1 ORDER BY id LIMIT $2) u`,
  },
  '/single': {
    name: 'single',
    values: ({ tenant, id }) => [tenant, id],
    text: `SELECT ${USER}::text AS json FROM users u WHERE u.tenant_id = $1 AND u.id = $2`,
  },
  '/create': {
    name: 'create',
    values: ({ tenant, email, displayName }) => [tenant, newId(), email, displayName, newId()],
    text: `WITH made AS (
        INSERT INTO users (tenant_id, id, email, email_key, display_name, name_key)
        VALUES ($1, $2, $3, lower($3), $4, lower($4)) RETURNING *
      ), audited AS (
        INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, targets, request_id, details, personal, leaf_hash)
        SELECT tenant_id, $5, 'user.create', 'INFO', 'SUCCESS', created_at, 'system',
          jsonb_build_array(jsonb_build_object('type', 'user', 'id', id)), '', '{}', '{}', sha256(id::text::bytea) FROM made
      )
      SELECT ${USER}::text AS json FROM made u`,
  },
  '/introspect': {
    name: 'introspect',
    values: ({ tenant, hash }) => [tenant, hash],
    text: `SELECT json_build_object('active', true, 'client_id', t.payload -> 'clientId', 'exp', t.payload -> 'exp',
        'iat', t.payload -> 'iat', 'aud', t.payload -> 'aud')::text AS json
      FROM oauth_tokens t WHERE t.tenant_id = $1 AND t.hash = decode($2, 'hex')`,
  },
};

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'] ?? '',
  options: process.env['PGOPTIONS'] ?? '',
  max: 10,
});

const server = createServer((request, response) => {
  const route = ROUTES[request.url ?? ''];
  if (!route) {
    response.end();
    return;
  }
  answer(route, request).then(
    (json) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(json);
    },
    (error: unknown) => {
      response.writeHead(500);
      response.end(String(error));
    },
  );
});

async function answer({ name, text, values }: Route, request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  const { rows } = await pool.query<{ json: string }>({ name, text, values: values(body) });
  return rows[0]?.json ?? 'null';
}

server.listen(Number(process.env['PORT']), '127.0.0.1');
