/** Signet as operators run it: `src/app/main.ts` in a process of its own, which can be stopped and killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
// Makers give a tenant's key every scope there is, which the features declare.
import '../../src/app/schema.ts';
import type { Home } from '../kit/homes.ts';
import type { House } from '../kit/house.ts';
import { PROGRAM_ENV } from '../kit/programs.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';

export const INTERNAL_KEY = 'internal_0123456789abcdef0123456789abcdef';
export const MASTER_KEY = Buffer.alloc(32, 'a test master key').toString('base64');

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** Everything it wrote, both streams. */
  readonly output: () => string;
  /** Resolves when /readyz says so; rejects if the process ends instead. */
  ready(): Promise<void>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface ServerOptions {
  readonly home: Pick<Home, 'env'>;
  readonly env?: Readonly<Record<string, string>>;
  /** A free port unless told. */
  readonly port?: number;
}

/** Starts a server; does not wait for it. It is killed when the test's process ends. */
export async function spawnServer(options: ServerOptions): Promise<ServerProcess> {
  const port = options.port ?? (await freePort());
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...PROGRAM_ENV,
      NODE_ENV: 'test',
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      INTERNAL_KEY,
      MASTER_KEY,
      RATE_LIMIT_PER_MINUTE: '0',
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: '0',
      ...options.home.env,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output += part;
    });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit').then(([code, signal]) => {
    process.off('exit', kill);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    child,
    pid: child.pid ?? 0,
    port,
    url,
    output: () => output,
    async ready() {
      const gone = ended.then(({ code }) => {
        throw new Error(`the server ended with exit code ${code}:\n${output}`);
      });
      gone.catch(() => undefined);
      const answers = async () => (await send(url, { path: '/readyz' })).status === 200;
      await Promise.race([gone, until(answers, { timeout: 30_000, what: 'readiness' })]);
    },
    async end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** A server that is ready. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const server = await spawnServer(options);
  await server.ready();
  return server;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** What makers and callers of the kit need of a house. */
export function houseOf(server: Pick<ServerProcess, 'url'>): House {
  return {
    url: server.url,
    internalUrl: server.url,
    internalKey: INTERNAL_KEY,
  } as unknown as House;
}
