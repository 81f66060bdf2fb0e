/**
 * The embedded database in a thread of its own, where a slow statement does not keep the server
 * from answering. Speaks PostgreSQL's wire protocol: batches in, answers out, one session for all
 * streams, strictly one after the other.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/** `bytes` holds whole batches; `ends` tells where each of them ends. */
interface Batches {
  readonly stream: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: readonly number[];
}

export type WorkerRequest = Batches | 'close';
export type WorkerAnswer =
  | { readonly stream: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | 'ready'
  | 'closed';

export interface WorkerData {
  readonly folder: string;
  readonly engine: WebAssembly.Module;
}

if (parentPort) serve(parentPort, workerData as WorkerData);

type Port = NonNullable<typeof parentPort>;

function serve(port: Port, { folder, engine }: WorkerData): void {
  const database = new PGlite(folder, { pgliteWasmModule: engine });
  // A failure ends the thread, which the main thread hears.
  let work: Promise<unknown> = database.waitReady.then(() => answer(port, 'ready'));
  port.on('message', (request: WorkerRequest) => {
    work = work.then(() => (request === 'close' ? close() : run(request)));
  });

  async function run({ stream, bytes, ends }: Batches): Promise<void> {
    const answers: Uint8Array[] = [];
    let from = 0;
    // One by one, as a server reads them: after an error the rest of a batch is skipped, and
    // nothing of the next.
    for (const end of ends) {
      answers.push(await database.execProtocolRaw(bytes.subarray(from, end)));
      from = end;
    }
    answer(port, { stream, bytes: joined(answers) });
  }

  async function close(): Promise<void> {
    await database.close();
    answer(port, 'closed');
    port.close();
  }
}

function answer(port: Port, message: WorkerAnswer): void {
  port.postMessage(message, typeof message === 'string' ? [] : [message.bytes.buffer]);
}

/** A copy that owns its buffer, so that it can be handed over. */
function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
