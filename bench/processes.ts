/** Child processes: started, awaited until they answer, measured from /proc, stopped by their id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { cpuSeconds, residentMb } from './proc.ts';

export interface Server {
  /** Origin, without a slash at its end. */
  readonly url: string;
  /** Milliseconds from the start of the process to its first answer. */
  readonly readyMs: number;
  /** CPU seconds of all its threads; null where /proc does not tell. */
  cpuSeconds(): number | null;
  /** Resident megabytes; null where /proc does not tell. */
  residentMb(): number | null;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** A path that is not answered, or with a status of 500 or more, until the server is ready. */
  readonly ready: string;
  readonly nodeArgs?: readonly string[];
  /** The script's arguments; the port comes in PORT. */
  readonly args?: readonly string[];
}

const READY_TIMEOUT_MS = 60_000;

/** Throws with what the process wrote, when it ends or does not answer within a minute. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [...(options.nodeArgs ?? []), options.script, ...(options.args ?? [])],
    {
      env: { ...inherited(), ...options.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  const keep = (text: Buffer) => {
    output = (output + text).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const stop = () => stopProcess(child);
  try {
    await ready(url + options.ready, child);
  } catch (error) {
    await stop();
    throw new Error(`${options.script} did not start:\n${output}`, { cause: error });
  }
  const readyMs = performance.now() - started;
  const pid = child.pid ?? 0;
  return {
    url,
    readyMs,
    cpuSeconds: () => cpuSeconds(pid),
    residentMb: () => residentMb(pid),
    stop,
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}

/** Settings of a developer's own server must not reach the measured one. */
function inherited(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (child.exitCode === null && performance.now() < deadline) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => null);
    await answer?.arrayBuffer();
    if (answer && answer.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(child.exitCode === null ? `no answer at ${url}` : `exit code ${child.exitCode}`);
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(late);
}
