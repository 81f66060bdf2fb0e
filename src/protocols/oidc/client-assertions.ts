/** What we demand of client assertions, and of the keys that verify them, beyond the engine (RFC 7523, 3). */
import type { Client, Configuration } from 'oidc-provider';
import { engineTime } from './current.ts';
import { loadEngine, type Provider } from './engine.ts';

type Assert = NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']>;

/** Seconds from now to `exp`, with what a client's clock may be ahead. */
const LONGEST = 300 + 30;
const MAX_JTI = 255;
/** Absent, or what RFC 7523bis names; what was made for something else is no assertion (RFC 8725, 3.11). */
const TYPES: readonly unknown[] = [undefined, 'JWT', 'client-authentication+jwt'];

type Said = Readonly<Record<string, unknown>>;

/** One rule a line; the first that is broken is told. The engine has seen iss, sub, jti, exp and aud. */
const RULES: readonly (readonly [
  problem: string,
  isBroken: (claims: Said, header: Said) => boolean,
])[] = [
  [
    'exp must be at most five minutes ahead',
    ({ exp }) => Number(exp) - engineTime() / 1000 > LONGEST,
  ],
  ['aud must be one text', ({ aud }) => typeof aud !== 'string'],
  [
    'jti must be a text of at most 255 characters',
    ({ jti }) => typeof jti !== 'string' || jti.length > MAX_JTI,
  ],
  ['typ must be client-authentication+jwt or JWT', (_claims, { typ }) => !TYPES.includes(typ)],
];

export const assertClientAssertion: Assert = async (_koa, claims, header) => {
  const broken = RULES.find(([, isBroken]) => isBroken(claims as Said, header as Said));
  if (!broken) return;
  const { errors } = await loadEngine();
  throw new errors.InvalidClientAuth(`client assertion: ${broken[0]}`);
};

/** The engine's keys of a client, as far as we look at them; its types leave them out. */
interface KeyStore {
  fresh(): boolean;
  selectForVerify(which: object): readonly unknown[];
}

/**
 * The engine fetches keys anew only when none of those that it knows fits, so that a key that its owner
 * took away would be good for ever. When they are old, none fits.
 */
export function useFreshKeysOnly({ Client }: Provider): void {
  const find = Client.find.bind(Client);
  const seen = new WeakSet<Client>();
  Client.find = async (id) => {
    const client = await find(id);
    if (client?.jwksUri && !seen.has(client)) {
      seen.add(client);
      const store = (client as unknown as { asymmetricKeyStore: KeyStore }).asymmetricKeyStore;
      const select = store.selectForVerify.bind(store);
      store.selectForVerify = (which) => (store.fresh() ? select(which) : []);
    }
    return client;
  };
}
