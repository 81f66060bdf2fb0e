/**
 * T11, T12: what becomes of refresh tokens when the answer is lost, the database goes away in
 * between, or the servers start anew. Nobody is signed out by it, and there is one lineage.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { serverUrl } from '../kit/homes.ts';
import { makeClient } from '../kit/relying-party.ts';
import { until } from '../kit/until.ts';
import { report, scaled } from '../operations/faults.ts';
import { houseOf, startServer } from '../operations/server-process.ts';
import { ISSUERS_ENV, openOAuthPair, redemption, refresh, type TokenAnswer } from './oauth-pair.ts';

const pair = await openOAuthPair();
afterAll(() => pair.db.close());
const { here, there, make, db, token } = pair;
const acme = await make.tenant();
const app = await makeClient(acme);
const ada = await pair.person(acme);
const visitor = await pair.visitor(acme, app, ada);
const database = new URL(pair.home.env.DATABASE_URL as string).pathname.slice(1);
const owner = new pg.Client({ connectionString: serverUrl as string });
await owner.connect();
afterAll(() => owner.end());
const LIMIT = scaled(120_000, 1_800_000);

const END_ALL = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = $1 AND application_name = 'signet' AND state IS NOT NULL`;

/** Sends the request, waits for no more than `ms`, and is gone. */
async function lost(value: string | undefined, ms: number): Promise<void> {
  const { hostname, port } = new URL(there.url);
  const body = new URLSearchParams(refresh(value)).toString();
  const basic = Buffer.from(`${app.id}:${app.secret}`).toString('base64');
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `POST /t/${acme.slug}/oauth2/token HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Basic ${basic}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const gone = once(socket, 'close');
  setTimeout(() => socket.destroy(), ms);
  await gone;
}

/** As an honest client does: again while the server says that it could not. */
function patiently(value: string | undefined, at = here): Promise<TokenAnswer> {
  return until(
    async () => {
      const answer = await token(at, acme, app, refresh(value));
      return answer.status < 500 && answer;
    },
    { what: 'an answer that is none of the database’s' },
  );
}

const lineages = async (value: string | undefined) => {
  expect(value).toBeTruthy();
  const [row] = await db.inTenant(acme.uuid, () =>
    db.query<{ living: number }>(
      `SELECT count(*)::int AS living FROM oauth_tokens t JOIN oauth_grants g ON g.tenant_id = t.tenant_id AND g.id = t.grant_id
       WHERE t.kind = 'RefreshToken' AND t.consumed_at IS NULL AND g.revoked_at IS NULL
         AND t.grant_id = (SELECT grant_id FROM oauth_tokens WHERE hash = sha256($1::text::bytea))`,
      [value],
    ),
  );
  return row?.living;
};

test(
  'F07 T12 X11 who never saw the answer asks again, and is told the same lineage',
  async ({ task }) => {
    let value = (await token(here, acme, app, redemption(await visitor.code()))).refresh_token;
    const rounds = scaled(60, 1_000);
    for (let n = 0; n < rounds; n += 1) {
      await lost(value, n % 12);
      const answer = await patiently(value, n % 2 ? here : there);
      expect(answer.status, answer.error).toBe(200);
      value = answer.refresh_token;
      expect(await lineages(value)).toBe(1);
    }
    report(task, 'T12 lost answers', { rounds, 'families lost': 0, lineages: 1 });
  },
  LIMIT,
);

test(
  'F07 T12 X02 the database ends every connection in between: no family is lost, none is doubled',
  async ({ task }) => {
    let value = (await token(here, acme, app, redemption(await visitor.code()))).refresh_token;
    const rounds = scaled(20, 300);
    let failed = 0;
    for (let n = 0; n < rounds; n += 1) {
      const asking = token(n % 2 ? here : there, acme, app, refresh(value));
      await delay(n % 5);
      await owner.query(END_ALL, [database]);
      const { status, error } = await asking;
      expect([undefined, 'temporarily_unavailable']).toContain(error);
      if (status >= 500) failed += 1;
      const answer = await patiently(value, n % 2 ? there : here);
      expect(answer.status, answer.error).toBe(200);
      value = answer.refresh_token;
      expect(await lineages(value)).toBe(1);
    }
    report(task, 'T12 database lost', { rounds, 'answers lost': failed, 'families lost': 0 });
  },
  LIMIT,
);

test('F07 T11 a refresh token that was used is known as such after a restart', async () => {
  const first = await token(here, acme, app, redemption(await visitor.code()));
  const second = await token(there, acme, app, refresh(first.refresh_token));
  const third = await token(here, acme, app, refresh(second.refresh_token));
  await Promise.all([pair.first.end('SIGTERM'), pair.second.end('SIGTERM')]);
  const server = await startServer({ home: pair.home, env: ISSUERS_ENV });
  const again = houseOf(server);
  try {
    const late = await token(again, acme, app, refresh(first.refresh_token));
    expect(late.error).toBe('invalid_grant');
    const living = await token(again, acme, app, refresh(third.refresh_token));
    expect(living.error).toBe('invalid_grant');
  } finally {
    await server.end('SIGKILL');
  }
});
