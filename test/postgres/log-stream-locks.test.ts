/** A stream's row is held for a moment only: what takes long is done before. */
import { afterAll, expect, test } from 'vitest';
import { makeStream } from '../features/streamed.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';

const receiver = await openReceiver();
const house = await openHouse({ env: { OUTBOUND_ALLOW: receiver.host } });
afterAll(() => receiver.close());
const make = makers(house);
const { db, vault } = house.services;

const secrets = { bearerToken: 'another' };

test.each([
  ['rotateLogStreamSecret', { secrets }, 'data_keys'],
  ['updateLogStream', { secrets }, 'data_keys'],
  ['rewindLogStream', { since: '2020-01-01T00:00:00Z' }, 'audit_leaves'],
])('%s of %j waits for %s without holding the stream', async (mutation, input, table) => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, receiver.url('/held'), { secrets });
  const ends: Promise<unknown>[] = [];
  await db.transaction(
    async () => {
      await db.query('SET LOCAL ROLE NONE');
      await db.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      vault.forget(acme.uuid);
      const waits = async () => {
        // What a transaction once saw of others it goes on to see.
        await db.query('SELECT pg_stat_clear_snapshot()');
        return db.query(
          `SELECT query FROM pg_stat_activity WHERE $1 = ANY (SELECT l.relation::regclass::text FROM pg_locks l
             WHERE l.pid = pg_stat_activity.pid AND NOT l.granted) AND datname = current_database()
             AND query LIKE '%' || $2 || '%'`,
          [table, WAITING[table]],
        );
      };
      ends.push(mutate(acme, mutation, { id: stream.id, ...input }));
      await until(async () => (await waits()).length > 0);
      const held = await db.query(
        'SELECT 1 FROM log_stream_work WHERE tenant_id = $1 FOR UPDATE NOWAIT',
        [acme.uuid],
      );
      expect(held).toHaveLength(1);
    },
    { tenantId: acme.uuid },
  );
  expect(await Promise.all(ends)).toEqual([{ __typename: expect.stringMatching(/Success$/) }]);
});

/** What the command's own statement holds, and no job's. */
const WAITING: Readonly<Record<string, string>> = {
  data_keys: 'SELECT id, provider_kid, wrapped',
  audit_leaves: 'event_id >=',
};
