/** A stream's secrets: sealed in its row, opened where a batch is sent, never shown. */
import type { Vault } from '#kernel/crypto/vault.ts';

interface SealedIn {
  readonly tenantId: string;
  /** uuid of the stream. */
  readonly id: string;
}

export function sealSecrets(
  { vault }: { readonly vault: Vault },
  { tenantId, id }: SealedIn,
  secrets: unknown,
): Promise<Buffer> {
  return vault.seal(tenantId, placeOf(id), JSON.stringify(secrets));
}

export async function openSecrets(
  { vault }: { readonly vault: Vault },
  { tenantId, id }: SealedIn,
  sealed: Buffer,
): Promise<unknown> {
  return JSON.parse((await vault.open(tenantId, placeOf(id), sealed)).toString());
}

function placeOf(id: string) {
  return { table: 'log_streams', column: 'secrets', row: id };
}
