/** Events that left the log before a receiver took them: the stream goes on, and nobody is left in the dark. */

import type { Services } from '#kernel/context.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { systemContext } from '#kernel/system-context.ts';
import { noteError } from './deliveries.store.ts';
import type { Lease } from './leases.store.ts';

export interface Gap {
  readonly fromLeaf: bigint;
  /** The last one, included. */
  readonly toLeaf: bigint;
  readonly events: number;
}

/** Part of the transaction that is open, under the lease; nothing for no events. */
export async function tellGap(services: Services, lease: Lease, gap: Gap): Promise<void> {
  if (gap.events <= 0) return;
  const reason = `${gap.events} events have left the log before the receiver took them`;
  await noteError(services.db, lease, reason, services.clock.now());
  await recordEvents(systemContext(services, lease.tenantId), [
    {
      type: 'log-stream.pass-over',
      severity: 'WARNING',
      targets: [{ type: 'logstream', id: lease.streamId }],
      details: {
        fromLeaf: Number(gap.fromLeaf),
        toLeaf: Number(gap.toLeaf),
        events: gap.events,
      },
    },
  ]);
}
