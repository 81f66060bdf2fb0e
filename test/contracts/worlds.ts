/** Tenants alike, and the means to tell whether the same happened to them. */
import { ID_TYPES } from '#kernel/ids.ts';
import { type Caller, operator } from '../kit/as.ts';
import type { House } from '../kit/house.ts';
import type { Make } from '../kit/make.ts';
import { PLACEHOLDERS } from './corpus.ts';
import { type Furnished, furnish } from './fixtures.ts';
import type { OperationCase } from './routes.ts';

const IDS = new RegExp(`\\b(${ID_TYPES.join('|')})_[0-9a-z]{26}\\b`, 'g');

export interface World extends Furnished {
  /** Who asks: the tenant's own key, or the platform's operator for what is the platform's. */
  callerFor(one: OperationCase): Caller;
  /** The placeholders of a case, replaced by what stands in this world. */
  fill<T>(value: T): T;
  /** An answer with this world's names replaced by placeholders, in the order of their appearance. */
  blot(value: unknown): string;
}

/** `mark` stands in every text of the world; give marks of one length. */
export async function world(house: House, make: Make, mark: string): Promise<World> {
  const furnished = await furnish(make, mark);
  const { tenant, ids } = furnished;
  const platform = operator(house);
  const seen = new Map<string, string>();
  const name = (id: string) => {
    const known = seen.get(id) ?? `${id.split('_')[0]}#${seen.size + 1}`;
    seen.set(id, known);
    return known;
  };
  return {
    ...furnished,
    callerFor: (one) => (one.platformOnly ? platform : tenant),
    fill<T>(value: T): T {
      let text = JSON.stringify(value).replaceAll('sample', mark);
      for (const [type, id] of Object.entries(PLACEHOLDERS))
        text = text.replaceAll(id, ids[type as keyof typeof ids]);
      return JSON.parse(text) as T;
    },
    blot: (value) =>
      (JSON.stringify(value) ?? 'nothing')
        .replaceAll(mark, 'mark')
        .replace(/\b(sgnt|sgcs|sgia)_[0-9a-z_]+/g, '$1_')
        .replace(/"publicJwk":\{[^}]*\}/g, '"publicJwk":{}')
        .replace(/"[\w-]{43}"/g, '"thumbprint"')
        .replace(/"(requestId|endCursor|nextCursor)":"[^"]+"/g, '"$1":""')
        // The log grows by itself, and with it how far a stream is behind.
        .replace(
          /"(pending|deliveredUpTo|lagSeconds|attempts|nextAttemptAt|lastSuccessAt|lastError|lastErrorAt)":(?:"(?:[^"\\]|\\.)*"|[^,}\]]*)/g,
          '"$1":0',
        )
        .replace(/at most \d+: so many leaves/g, 'at most 0: so many leaves')
        .replace(IDS, name),
  };
}
