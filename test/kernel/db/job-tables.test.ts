/** pg-boss works as the run-time role on the tables that the migrations made, and makes none itself. */
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stored, storedHomes } from './stored.ts';

describe.each(storedHomes)('the job queue on $name', ({ open }) => {
  let db: Stored;
  let boss: PgBoss;

  beforeAll(async () => {
    db = await open();
    await db.actAs('signet_app');
    // One session: its statements wait for each other.
    let last: Promise<unknown> = Promise.resolve();
    boss = new PgBoss({
      db: {
        executeSql: async (text, values) => {
          const run = last.then(() => (values?.length ? db.rows(text, values) : db.script(text)));
          last = run.catch(() => undefined);
          return { rows: await run };
        },
      },
      migrate: false,
      createSchema: false,
      persistQueueStats: false,
      reindex: false,
    });
    boss.on('error', (error) => errors.push(error));
    await boss.start();
  });
  afterAll(async () => {
    await boss.stop({ graceful: false });
    await db.close();
  });

  const errors: unknown[] = [];

  test('queues are created, jobs sent, worked and scheduled, and maintained', async () => {
    await boss.createQueue('failed');
    await boss.createQueue('work', { deadLetter: 'failed', retryLimit: 1, retryDelay: 0 });
    await boss.createQueue('work');
    const done = Promise.withResolvers<unknown>();
    const id = await boss.send('work', { n: 1 }, { singletonKey: 'one' });
    await boss.work('work', { pollingIntervalSeconds: 0.5 }, async ([job]) =>
      done.resolve(job?.data),
    );
    expect(await done.promise).toEqual({ n: 1 });
    await expect
      .poll(async () => (await boss.findJobs('work', { id: String(id) }))[0]?.state, {
        timeout: 20_000,
      })
      .toBe('completed');
    await boss.schedule('work', '0 3 * * *', { nightly: true });
    expect((await boss.getSchedules()).map((schedule) => schedule.name)).toEqual(['work']);
    await boss.unschedule('work');
    await boss.offWork('work');
    await boss.supervise();
    await boss.deleteQueue('work');
    expect(errors).toEqual([]);
  });

  test('a queue that wants a table of its own is refused', async () => {
    await expect(boss.createQueue('apart', { partition: true })).rejects.toThrow(
      'permission denied',
    );
    // It opened a transaction in the same text; after an error that stays open.
    await db.script('ROLLBACK');
    expect(await boss.getQueue('apart')).toBeNull();
  });

  test('the tables are those of the installed pg-boss', async () => {
    await expect(boss.schemaVersion()).resolves.toBe(43);
    expect(await boss.isInstalled()).toBe(true);
  });
});
