/** Clients as they are presented: remembered for less than a second, since every token asks for one. */
import { LRUCache } from 'lru-cache';
import type { Context, Services } from '#kernel/context.ts';
import type { Database } from '#kernel/db/database.ts';
import { clientOf, type RegisteredClient } from './clients.queries.ts';

interface Asked {
  readonly at: number;
  readonly client: Promise<RegisteredClient | null>;
}

interface Remembered {
  readonly clients: LRUCache<string, Asked>;
  /** Those that this process has just changed: whoever changed one sees what they did. */
  readonly changing: LRUCache<string, true>;
}

/** The rest of the second is for an answer that is in use. */
const REMEMBERED_MS = 700;
/** Longer than a change takes to be committed. */
const CHANGING_MS = 5_000;

const ofDatabase = new WeakMap<Database, Remembered>();

function remembered(db: Database): Remembered {
  const known = ofDatabase.get(db);
  if (known) return known;
  const made: Remembered = {
    clients: new LRUCache({ max: 5_000, ttl: REMEMBERED_MS }),
    changing: new LRUCache({ max: 5_000, ttl: CHANGING_MS }),
  };
  ofDatabase.set(db, made);
  return made;
}

/** As it was less than a second ago, with the secrets that work now. Who is not there is asked for anew. */
export async function presentedClient(
  services: Pick<Services, 'db' | 'clock'>,
  tenantId: string,
  id: string,
): Promise<RegisteredClient | null> {
  const { db, clock } = services;
  const { clients, changing } = remembered(db);
  const name = `${tenantId} ${id}`;
  const now = clock.ms();
  const known = clients.get(name);
  if (known && Math.abs(now - known.at) < REMEMBERED_MS) return live(await known.client, now);
  // Others wait for this answer too: it does not end with the request that asked first.
  const client = db.until(null, () => clientOf(services, tenantId, id));
  if (changing.has(name)) return client;
  const asked = { at: now, client };
  clients.set(name, asked);
  const forget = () => clients.get(name) === asked && clients.delete(name);
  client.then((found) => found ?? forget(), forget);
  return client;
}

/** Before a change is committed; for a while it is looked at anew. */
export function forgetClient({ db, tenantId }: Pick<Context, 'db' | 'tenantId'>, id: string): void {
  const { clients, changing } = remembered(db);
  const name = `${tenantId} ${id}`;
  changing.set(name, true);
  clients.delete(name);
}

function live(client: RegisteredClient | null, now: number): RegisteredClient | null {
  if (!client?.secrets.some(({ expiresAt }) => expiresAt && expiresAt.getTime() <= now))
    return client;
  const good = ({ expiresAt }: RegisteredClient['secrets'][number]) =>
    expiresAt === null || expiresAt.getTime() > now;
  return { ...client, secrets: client.secrets.filter(good) };
}
