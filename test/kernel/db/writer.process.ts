/** Writes row after row, each with its echo in one transaction, and tells its parent of each. */
import { openDatabase } from '#kernel/db/database.ts';
import { silent } from './homes.ts';

const [dataDir = '', migrations = ''] = process.argv.slice(2);
const db = await openDatabase(
  { dataDir, databasePoolSize: 1, databasePooling: 'session' },
  silent,
  { migrations },
);
const [last] = await db.query<{ id: number }>('SELECT coalesce(max(id), 0) AS id FROM writes');
for (let id = (last?.id ?? 0) + 1; ; id += 1) {
  await db.transaction(
    async () => {
      await db.execute('INSERT INTO writes VALUES ($1)', [id]);
    },
    { beforeCommit: () => [db.execute('INSERT INTO echoes VALUES ($1)', [id])] },
  );
  process.send?.(id);
}
