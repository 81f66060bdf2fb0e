/**
 * One process at a time in a data folder: two would ruin the embedded database without an error.
 * The holder writes its pid into a file. A holder that was killed leaves the file behind, so the pid
 * is not enough: it may have been given to another process since, which the time of its start tells
 * where the system knows it (Linux). From another host (a container beside us) a pid says nothing;
 * there the holder counts as alive while it keeps touching the file.
 */
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';

/** Another process works in the folder. */
export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse';
  readonly code = 'DATA_DIR_IN_USE';
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the system's own terms; null where the system does not tell. */
  readonly started: string | null;
}

const TOUCHED_EVERY_MS = 10_000;
const held = new Set<string>();

/** Takes the lock of a folder, which is made if absent; returns how to give it back. Throws
 * `DataDirInUse`. */
export function lockDataDir(dataDir: string): () => void {
  const folder = resolve(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'lock');
  const own: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  while (!create(path, own)) clearStale(path, folder);
  held.add(folder);
  const touching = setInterval(() => touch(path), TOUCHED_EVERY_MS).unref();
  const release = () => {
    if (!held.delete(folder)) return;
    clearInterval(touching);
    process.off('exit', release);
    rmSync(path, { force: true });
  };
  process.on('exit', release);
  return release;
}

/** Whole or not at all: a link appears with its content. */
function create(path: string, own: Holder): boolean {
  const draft = `${path}.${own.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes a lock whose holder is gone; throws if the holder lives. */
function clearStale(path: string, folder: string): void {
  const found = read(path);
  if (found === null) return;
  if (isAlive(found, path, folder)) throw inUse(found, path, folder);
  // Somebody else may be replacing the same stale lock: only the file that was judged may go.
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (read(aside) !== found) {
    linkSync(aside, path);
    rmSync(aside, { force: true });
    throw inUse(read(path) ?? found, path, folder);
  }
  rmSync(aside, { force: true });
}

function isAlive(content: string, path: string, folder: string): boolean {
  const holder = parse(content);
  if (!holder) return false;
  if (holder.host !== hostname()) return ageOf(path) < 3 * TOUCHED_EVERY_MS;
  // Our own pid, but not our lock: a process before us had the same one, as in containers.
  if (holder.pid === process.pid) return held.has(folder);
  if (!exists(holder.pid)) return false;
  return holder.started === null || holder.started === startOf(holder.pid);
}

function inUse(content: string, path: string, folder: string): DataDirInUse {
  const holder = parse(content);
  const who =
    holder?.host === hostname() ? `process ${holder.pid}` : `${holder?.host} (pid ${holder?.pid})`;
  return new DataDirInUse(
    `DATA_DIR: ${folder} is in use by ${who}; stop it, or set another DATA_DIR, or use PostgreSQL (DATABASE_URL) to run several instances. If nothing else runs, remove ${path}`,
  );
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parse(content: string): Holder | null {
  try {
    const { pid, host, started } = JSON.parse(content) as Holder;
    return Number.isInteger(pid) && pid > 0 ? { pid, host, started } : null;
  } catch {
    return null;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The boot and the tick of it at which a process started (field 22 of proc(5) stat). */
function startOf(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  const boot = read('/proc/sys/kernel/random/boot_id');
  // The second field, the program's name, may hold anything but ends with the last parenthesis.
  const tick = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return boot && tick ? `${boot.trim()} ${tick}` : null;
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Removed by somebody's hand: nothing to keep alive any more.
  }
}
