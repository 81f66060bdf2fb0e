/** A wire between a server and its database that the test can slow down, cut, or let fall silent. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpGate {
  readonly port: number;
  /** Nothing passes any more, and nobody is told; false lets everything pass again. */
  silence(silent: boolean): void;
  /** Everything takes so much longer, each way. */
  delay(ms: number): void;
  /** Cuts so many (0 to 1) of the connections that are open, in the middle of whatever they do. */
  cut(part: number): void;
  /** Connections that are open now. */
  count(): number;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export async function tcpGate(target: { host: string; port: number }): Promise<TcpGate> {
  const pairs = new Set<Pair>();
  /** What came while nothing passed. */
  const held: (() => void)[] = [];
  let silent = false;
  let delayMs = 0;

  function pass(deliver: () => void): void {
    if (silent) held.push(deliver);
    else if (delayMs > 0) setTimeout(deliver, delayMs);
    else deliver();
  }

  const server = createServer((near) => {
    const pair: Pair = { near, far: connect(target.port, target.host) };
    pairs.add(pair);
    for (const [from, to] of [
      [near, pair.far],
      [pair.far, near],
    ] as const) {
      from.setNoDelay(true);
      from.on('error', () => undefined);
      from.on('data', (bytes) => pass(() => to.write(bytes)));
      from.on('close', () => {
        pairs.delete(pair);
        pass(() => to.destroy());
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    silence(now) {
      silent = now;
      if (!now) for (const deliver of held.splice(0)) deliver();
    },
    delay(ms) {
      delayMs = ms;
    },
    cut(part) {
      const open = [...pairs];
      for (const { near, far } of open.slice(0, Math.ceil(open.length * part))) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    count: () => pairs.size,
    async close() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}
