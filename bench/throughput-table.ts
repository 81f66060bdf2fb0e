/** The rounds of one case as a table: each contestant beside the floor of the same round. */
import type { Case, Contestant } from './cases.ts';
import { median, printTable, shown, spread } from './report.ts';
import { type Figure, perSecond, type Round, ratio, totalCpu } from './rounds.ts';

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
        shown(ratioOf(all, who, 'floor', perSecond), 2),
        ...verdict(all, one, who),
        shown(ratioOf(all, 'floor', who, totalCpu), 2),
        of((round) => round.cpu, 0),
        of((round) => round.databaseCpu, 0),
        of((round) => round.p50, 1),
        of((round) => round.p99, 1),
        String(rounds.reduce((sum, round) => sum + round.errors, 0)),
      ];
    }),
  );
  const share = ratioOf(all, 'document', 'persisted', perSecond);
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

function ratioOf(all: Rounds, a: Contestant, b: Contestant, pick: Figure): number {
  return ratio(all.get(a) ?? [], all.get(b) ?? [], pick);
}

/** REST is to be as fast as a persisted operation, an arbitrary document within 30 % of that. */
function verdict(all: Rounds, one: Case, who: Contestant): [string, string] {
  if (who === 'floor' || who === 'peer') return ['', ''];
  const target = who === 'document' ? 0.7 * one.target : one.target;
  const measured = ratioOf(all, who, 'floor', perSecond);
  if (Number.isNaN(measured)) return [shown(target, 2), ''];
  return [shown(target, 2), measured >= target ? 'met' : 'MISSED'];
}
