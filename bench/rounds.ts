/** One turn of one contestant: a load for a while, and what it cost. */
import type { Cluster } from './cluster.ts';
import type { LoadMaker } from './load.ts';
import type { LoadJob } from './load-worker.ts';
import type { Server } from './processes.ts';
import { median } from './report.ts';

export interface Round {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
  /** Microseconds a request, of the server and of PostgreSQL; null where they cannot be seen. */
  readonly cpu: number | null;
  readonly databaseCpu: number | null;
}

export async function round(
  { load, cluster }: { readonly load: LoadMaker; readonly cluster: Cluster },
  server: Server,
  job: LoadJob,
): Promise<Round> {
  const cpu = server.cpuSeconds();
  const databaseCpu = cluster.cpuSeconds();
  const result = await load.run(job);
  const each = (before: number | null, after: number | null) =>
    before === null || after === null ? null : ((after - before) * 1e6) / result.requests;
  return {
    perSecond: result.requests / result.seconds,
    p50: result.p50,
    p99: result.p99,
    errors: result.errors,
    cpu: each(cpu, server.cpuSeconds()),
    databaseCpu: each(databaseCpu, cluster.cpuSeconds()),
  };
}

export type Figure = (round: Round) => number | null;

export const perSecond: Figure = (round) => round.perSecond;
export const totalCpu: Figure = ({ cpu, databaseCpu }) =>
  cpu === null || databaseCpu === null ? null : cpu + databaseCpu;

/** The median of the ratios within a round: what slows a whole round down is not in it. */
export function ratio(a: readonly Round[], b: readonly Round[], pick: Figure): number {
  const ratios = a.map((one, i) => {
    const other = b[i];
    return (pick(one) ?? Number.NaN) / ((other && pick(other)) ?? Number.NaN);
  });
  return median(ratios);
}
