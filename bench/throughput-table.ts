/** The rounds of one case as a table: each contestant beside the floor of the same round. */
import type { Case, Contestant } from './cases.ts';
import { median, printTable, spread } from './report.ts';

/** What one contestant did in one round. */
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

type Rounds = ReadonlyMap<Contestant, readonly Round[]>;

export function printCase(one: Case, all: Rounds): void {
  printTable(
    HEAD,
    [...all].map(([who, rounds]) => {
      const of = (pick: (round: Round) => number | null, digits: number) =>
        shown(median(rounds.map((round) => pick(round) ?? Number.NaN)), digits);
      return [
        NAMES[who],
        of((round) => round.perSecond, 0),
        spread(rounds.map((round) => round.perSecond)),
        shown(ratio(all, who, 'floor', perSecond), 2),
        ...verdict(all, one, who),
        shown(ratio(all, 'floor', who, totalCpu), 2),
        of((round) => round.cpu, 0),
        of((round) => round.databaseCpu, 0),
        of((round) => round.p50, 1),
        of((round) => round.p99, 1),
        String(rounds.reduce((sum, round) => sum + round.errors, 0)),
      ];
    }),
  );
  const share = ratio(all, 'document', 'persisted', perSecond);
  if (!Number.isNaN(share))
    console.log(`An arbitrary document reaches ${shown(share, 2)} of its persisted operation.`);
}

/** `by CPU`: the floor's CPU time a request, with PostgreSQL's, as a share of the contestant's. Other
 * work on the machine disturbs it less than it does the throughput. */
const HEAD = [
  '',
  'req/s',
  'spread',
  'of floor',
  'target',
  '',
  'by CPU',
  'CPU µs',
  'DB CPU µs',
  'p50 ms',
  'p99 ms',
  'errors',
];

const NAMES: Readonly<Record<Contestant, string>> = {
  persisted: 'Signet, persisted operation',
  rest: 'Signet, REST',
  document: 'Signet, arbitrary document',
  floor: 'floor: node:http + one statement',
  peer: 'peer: PostGraphile 5',
};

/** The median of the ratios within a round: what slows a whole round down is not in it. */
function ratio(
  all: Rounds,
  a: Contestant,
  b: Contestant,
  pick: (round: Round) => number | null,
): number {
  const others = all.get(b) ?? [];
  const ratios = (all.get(a) ?? []).map((round, i) => {
    const other = others[i];
    return (pick(round) ?? Number.NaN) / ((other && pick(other)) ?? Number.NaN);
  });
  return median(ratios);
}

/** REST is to be as fast as a persisted operation, an arbitrary document within 30 % of that. */
function verdict(all: Rounds, one: Case, who: Contestant): [string, string] {
  if (who === 'floor' || who === 'peer') return ['', ''];
  const target = who === 'document' ? 0.7 * one.target : one.target;
  const measured = ratio(all, who, 'floor', perSecond);
  if (Number.isNaN(measured)) return [shown(target, 2), ''];
  return [shown(target, 2), measured >= target ? 'met' : 'MISSED'];
}

const perSecond = (round: Round) => round.perSecond;
const totalCpu = ({ cpu, databaseCpu }: Round) =>
  cpu === null || databaseCpu === null ? null : cpu + databaseCpu;

function shown(value: number, digits: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(digits);
}
