/** Numbers for people: medians, how far the rounds lie apart, aligned tables. */
import { cpus } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The value that `share` of all do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

/** Half the distance between the least and the greatest, as a share of the median. */
export function spread(values: readonly number[]): string {
  const half = (Math.max(...values) - Math.min(...values)) / 2;
  return `±${Math.round((100 * half) / median(values))}%`;
}

/** A dash for what was not measured. */
export function shown(value: number, digits: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(digits);
}

/** Starts to watch the machine; call the answer for the share of CPU time that was used since. */
export function cpuBusy(): () => string {
  const before = cpuTimes();
  return () => {
    const after = cpuTimes();
    return `${Math.round((100 * (after.used - before.used)) / (after.all - before.all))}%`;
  };
}

/** Numbers to the right; the first column, and the last if it is `text`, to the left. */
export function printTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  last: 'number' | 'text' = 'number',
): void {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, i) => {
      const left = i === 0 || (last === 'text' && i === head.length - 1);
      return left ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
    });
    console.log(cells.join('  ').trimEnd());
  }
}

function cpuTimes(): { used: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.reduce((sum, t) => sum + t.user + t.nice + t.sys + t.irq + t.idle, 0);
  return { used: all - times.reduce((sum, t) => sum + t.idle, 0), all };
}
