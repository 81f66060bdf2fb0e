/**
 * The embedded database's life: its folder, its lock, its thread, and the streams that lead to it.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type pg from 'pg';
import { lockDataDir } from './data-dir-lock.ts';
import { PGliteStream } from './pglite-stream.ts';
import type { WorkerAnswer, WorkerData, WorkerRequest } from './pglite-worker.ts';

export interface EmbeddedServer {
  /** How a client of pg reaches the database. All clients share one session: one at a time. */
  clientConfig(): pg.ClientConfig;
  /** Clears what an earlier client left in the session. */
  resetSession(client: pg.ClientBase): Promise<void>;
  close(): Promise<void>;
}

interface Log {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Opens `dataDir`/db, making it if absent (2 to 3 seconds). Throws `DataDirInUse`. */
export async function startEmbeddedServer(dataDir: string, log: Log): Promise<EmbeddedServer> {
  const unlock = lockDataDir(dataDir);
  try {
    const server = await start(resolve(dataDir), log);
    return {
      ...server,
      close: () => server.close().finally(unlock),
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function start(dataDir: string, log: Log): Promise<EmbeddedServer> {
  const folder = join(dataDir, 'db');
  const finishSetUp = prepareFolder(folder, log);
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), {
    workerData: { folder, engine: await engine() } satisfies WorkerData,
  });
  const streams = new Map<number, PGliteStream>();
  const ready = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let closing = false;

  worker.on('message', (answer: WorkerAnswer) => {
    if (answer === 'ready') ready.resolve();
    else if (answer !== 'closed') streams.get(answer.stream)?.receive(answer.bytes);
  });
  worker.on('error', (cause) => fail('failed', cause));
  worker.on('exit', (code) => {
    if (!closing) fail(`ended with exit code ${code}`, undefined);
    closed.resolve();
  });

  function fail(how: string, cause: unknown): void {
    const error = new Error(`The embedded database ${how}; restart the process`, { cause });
    log.error({ err: error }, 'the embedded database is gone');
    ready.reject(error);
    for (const stream of streams.values()) stream.destroy(error);
  }

  function open(): PGliteStream {
    const id = nextStream++;
    const stream = new PGliteStream({
      ready: ready.promise,
      send: (bytes, ends) => post(worker, { stream: id, bytes, ends }),
      onGone: () => streams.delete(id),
    });
    streams.set(id, stream);
    return stream;
  }

  await ready.promise;
  finishSetUp();
  return {
    clientConfig: () => ({
      user: 'postgres',
      database: 'postgres',
      host: 'embedded',
      ssl: false,
      stream: open,
    }),
    resetSession,
    async close() {
      closing = true;
      post(worker, 'close');
      await closed.promise;
    },
  };
}

let compiled: Promise<WebAssembly.Module> | null = null;

/** Compiled once a process, however many databases it opens one after the other. */
function engine(): Promise<WebAssembly.Module> {
  compiled ??= readFile(new URL('./pglite.wasm', import.meta.resolve('@electric-sql/pglite'))).then(
    (bytes) => WebAssembly.compile(bytes),
  );
  return compiled;
}

let nextStream = 1;

function post(worker: Worker, request: WorkerRequest): void {
  worker.postMessage(request, request === 'close' ? [] : [request.bytes.buffer]);
}

async function resetSession(client: pg.ClientBase): Promise<void> {
  // An earlier client may have gone in the middle of a transaction; its statements are still
  // prepared, under names that the next one would give again.
  await client.query('ROLLBACK');
  await client.query('DISCARD ALL');
}

/** Making the folder takes seconds and is not atomic: one whose making was interrupted holds nothing
 * yet, and is made again. Returns what to call when it is made. */
function prepareFolder(folder: string, log: Log): () => void {
  const mark = `${folder}.incomplete`;
  if (existsSync(mark)) {
    log.warn({ folder }, 'the making of the embedded database was interrupted; making it again');
    rmSync(folder, { recursive: true, force: true });
  } else if (existsSync(folder)) {
    return () => undefined;
  }
  writeFileSync(mark, '', { mode: 0o600 });
  mkdirSync(folder, { mode: 0o700 });
  return () => rmSync(mark, { force: true });
}
