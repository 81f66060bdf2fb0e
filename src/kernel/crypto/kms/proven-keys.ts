/** Owns a key service as the vault uses it: proven before it is relied on, asked once for all who wait. */
import { randomBytes } from 'node:crypto';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import type { KeyProvider, KeyWrapper } from '#kernel/crypto/key-provider.ts';
import { unusable } from './key-service.ts';

/** `variable` is the one to look at when the service does not keep its promises. */
export function provenKeys(service: KeyWrapper, variable: string): KeyProvider {
  const opening = new Map<string, Promise<Buffer>>();
  let proven = false;
  let kid = '';

  async function wrap(key: Buffer, aad: Buffer) {
    const wrapped = await service.wrap(key, aad);
    kid = wrapped.kid;
    return wrapped;
  }

  return {
    wrap,
    async kid() {
      if (!proven) await prove({ ...service, wrap }, variable);
      proven = true;
      return kid;
    },
    unwrap(wrapped, aad) {
      // The owner is part of it, and with it the tenant.
      const what = [aad, wrapped.blob].map((part) => part.toString('base64')).join('|');
      const known = opening.get(what);
      if (known !== undefined) return known;
      const answer = service.unwrap(wrapped, aad).finally(() => opening.delete(what));
      opening.set(what, answer);
      return answer;
    },
  };
}

/**
 * Wraps a key that nobody needs. Who may wrap may not yet unwrap, and an older Vault takes the owner
 * without binding the key to it.
 */
async function prove(service: KeyWrapper, variable: string): Promise<void> {
  const key = randomBytes(32);
  // Like owners of data keys, which a policy of the key may be made for.
  const [owner, another] = [Buffer.from('data key|proof|1'), Buffer.from('data key|proof|2')];
  const wrapped = await service.wrap(key, owner);
  if (!key.equals(await service.unwrap(wrapped, owner)))
    throw unusable(variable, 'does not give back what it wrapped');
  const bound = await service.unwrap(wrapped, another).then(() => false, isBroken);
  if (!bound) throw unusable(variable, 'does not bind what it wraps to its owner');
}

function isBroken(error: unknown): true {
  if (error instanceof SealBroken) return true;
  throw error;
}
