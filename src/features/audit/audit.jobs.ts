/** The audit log's months, made before they begin. */
import { job } from '#kernel/jobs/job.ts';

/** Three months ahead: what was not made is not lost, its events lie in the default partition. */
export const ensureAuditPartitions = job({
  name: 'audit-partitions.ensure',
  cron: '43 */6 * * *',
  async run({ db, log }) {
    const months = await db.query<{ partition_name: string; outcome: string }>(
      'SELECT partition_name, outcome FROM audit_ensure_partitions(3)',
    );
    for (const { partition_name: partition, outcome } of months) {
      if (outcome === 'created') log.info({ partition }, 'a month of the audit log was prepared');
      if (outcome === 'left-in-default')
        log.warn({ partition }, 'a month of the audit log stays in the default partition');
    }
  },
});
