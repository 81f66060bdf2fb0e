/** What Linux says of a process. Null where there is no /proc. */
import { readFileSync } from 'node:fs';

/** Of all its threads, in user and system mode. */
export function cpuSeconds(pid: number): number | null {
  const stat = readStat(pid);
  return stat && stat.own / USER_HZ;
}

/** Of a server and the processes that it started, those that have ended included. */
export function familyCpuSeconds(pid: number): number | null {
  const children = readProc(pid, `task/${pid}/children`);
  const parent = readStat(pid);
  if (children === null || parent === null) return null;
  const alive = children.trim().split(/\s+/).filter(Boolean);
  const ticks = alive.reduce((sum, child) => sum + (readStat(Number(child))?.own ?? 0), 0);
  return (ticks + parent.own + parent.ended) / USER_HZ;
}

export function residentMb(pid: number): number | null {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

/** Ticks a second in /proc; 100 on every Linux that Node runs on. */
const USER_HZ = 100;

/** proc(5), after the name in parentheses: user and system time, then those of ended children. */
function readStat(pid: number): { own: number; ended: number } | null {
  const stat = readProc(pid, 'stat');
  if (stat === null) return null;
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (place: number) => fields[place] ?? 0;
  return { own: at(11) + at(12), ended: at(13) + at(14) };
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}
