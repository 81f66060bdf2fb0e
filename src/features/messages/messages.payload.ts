/** What a message says, sealed while it waits: for the person whom it is about, else for the tenant. */
import type { Vault } from '#kernel/crypto/vault.ts';
import type { Payload } from './messages.model.ts';

interface Whose {
  readonly tenantId: string;
  /** Of the message. */
  readonly id: string;
  /** uuid of the person; null for a stranger. */
  readonly user: string | null;
}

export async function sealPayload(vault: Vault, whose: Whose, payload: Payload): Promise<Buffer> {
  const { tenantId, user: subject } = whose;
  const text = JSON.stringify(payload);
  if (subject === null) return vault.seal(tenantId, placeOf(whose), text);
  const item = { subject, place: placeOf(whose), text };
  const [sealed] = await vault.sealForSubjects(tenantId, [item]);
  return sealed as Buffer;
}

/** Null when the person was erased. */
export async function openPayload(
  vault: Vault,
  whose: Whose,
  sealed: Buffer,
): Promise<Payload | null> {
  const { tenantId, user: subject } = whose;
  const place = placeOf(whose);
  const [text] =
    subject === null
      ? [await vault.open(tenantId, place, sealed)]
      : await vault.openForSubjects(tenantId, [{ subject, place, sealed }]);
  return text ? (JSON.parse(text.toString()) as Payload) : null;
}

function placeOf({ id }: Whose) {
  return { table: 'messages', column: 'payload', row: id };
}
