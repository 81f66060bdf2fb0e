/** Races and faults come in two sizes: small ones in every run, whole ones by `npm run test:full`. */

export const FULL = process.env['TEST_FULL'] === '1';

export function scaled(small: number, whole: number): number {
  return FULL ? whole : small;
}

/** What a fault did, for the report at the end of `npm run test:full`. */
export type Figures = Readonly<Record<string, number | string>>;

export interface FaultReport {
  readonly fault: string;
  readonly figures: Figures;
}

declare module 'vitest' {
  interface TaskMeta {
    faults?: FaultReport[];
  }
}

/** `test('X01 ...', async ({ task }) => { ...; report(task, 'X01', { kills: 3, lost: 0 }) })` */
export function report(
  task: { meta: { faults?: FaultReport[] } },
  fault: string,
  figures: Figures,
): void {
  task.meta.faults = [...(task.meta.faults ?? []), { fault, figures }];
}

/** `p50` and the worst of some durations, in whole milliseconds. */
export function durations(ms: readonly number[]): { median: number; worst: number } {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.floor(part * (sorted.length - 1))] ?? 0);
  return { median: at(0.5), worst: at(1) };
}
