/** Two servers, each a process of its own, over one database. */
import { afterAll } from 'vitest';
import { createHome, type Home } from '../kit/homes.ts';
import {
  type ServerOptions,
  type ServerProcess,
  startServer,
} from '../operations/server-process.ts';

export interface Pair {
  readonly home: Home;
  readonly first: ServerProcess;
  readonly second: ServerProcess;
}

/** Until the end of the test file. Call it at the top level of the file. */
export async function openPair(env: ServerOptions['env'] = {}): Promise<Pair> {
  const home = await createHome();
  const [first, second] = await Promise.all([
    startServer({ home, env }),
    startServer({ home, env }),
  ]);
  afterAll(async () => {
    await Promise.all([first.end('SIGKILL'), second.end('SIGKILL')]);
    await home.remove();
  });
  return { home, first, second };
}

let addresses = 0;

/**
 * What a proxy that is trusted would say: another client each time, as those of a botnet are. So
 * that no address has asked too often, however many rounds a race has.
 */
export function newAddress(): { readonly 'x-forwarded-for': string } {
  addresses += 1;
  const [high, middle, low] = [addresses >> 16, (addresses >> 8) & 255, addresses & 255];
  return { 'x-forwarded-for': `198.${18 + high}.${middle}.${low}` };
}
