/** Contestants of any kind in turns, and how they stand to one another. */
import { median, printTable, shown, spread } from './report.ts';
import { type Figure, perSecond, type Round, ratio, totalCpu } from './rounds.ts';

export interface Contender {
  readonly name: string;
  turn(seconds: number): Promise<Round>;
}

/** `who` is to reach `least` times the throughput of `beside`; both are names. */
export interface Goal {
  readonly who: string;
  readonly beside: string;
  readonly least: number;
}

export async function compare(
  contenders: readonly Contender[],
  goals: readonly Goal[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<void> {
  const all = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  for (const { turn } of contenders) await turn(seconds);
  for (let n = 0; n < rounds; n += 1)
    for (const { name, turn } of contenders) all.get(name)?.push(await turn(seconds));
  printTable(
    HEAD,
    [...all].map(([name, its]) => row(name, its)),
  );
  for (const goal of goals) printGoal(all, goal);
}

const HEAD = ['', 'a second', 'spread', 'CPU µs', 'DB CPU µs', 'p50 ms', 'p99 ms', 'errors'];

function row(name: string, its: readonly Round[]): string[] {
  const of = (pick: Figure, digits: number) =>
    shown(median(its.map((one) => pick(one) ?? Number.NaN)), digits);
  return [
    name,
    of(perSecond, 0),
    spread(its.map(({ perSecond: rate }) => rate)),
    of(({ cpu }) => cpu, 0),
    of(({ databaseCpu }) => databaseCpu, 0),
    of(({ p50 }) => p50, 1),
    of(({ p99 }) => p99, 1),
    String(its.reduce((sum, { errors }) => sum + errors, 0)),
  ];
}

/** By CPU: what the two use of it, servers and PostgreSQL, which other work disturbs less. */
function printGoal(all: ReadonlyMap<string, readonly Round[]>, { who, beside, least }: Goal): void {
  const [one, other] = [all.get(who), all.get(beside)];
  if (!one || !other) return;
  const reached = ratio(one, other, perSecond);
  const byCpu = ratio(other, one, totalCpu);
  console.log(
    `${who}: ${shown(reached, 2)} x ${beside} (by CPU ${shown(byCpu, 2)}), to be >= ${least}: ${reached >= least ? 'met' : 'MISSED'}`,
  );
}
