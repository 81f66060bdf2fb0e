/** A log without a server, of whatever texts a test wants to have signed: what a hostile log might hold. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { grow, rootOf, type Tree } from '#features/audit/audit-tree.ts';
import { checkpointNote, verifierKey } from '#features/audit/signed-note.ts';
import { canonicalBytes } from '#kernel/events/event.ts';

const ORIGIN = 'log.example/t/acme/audit';

export interface SignedLog {
  /** As an export has them. */
  readonly lines: readonly string[];
  readonly note: string;
  /** `name+id+key`. */
  readonly key: string;
  /** A note of its first leaves, by the same key. */
  readonly noteOf: (
    size: number,
    changes?: { readonly root?: Buffer; readonly origin?: string },
  ) => string;
}

/** The records are hashed as they are, canonical or not. */
export function signedLog(records: readonly (string | Buffer)[], origin = ORIGIN): SignedLog {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const hashes = records.map(leafHashOf);
  const empty: Tree = { size: 0, frontier: [] };
  const noteOf: SignedLog['noteOf'] = (size, changes) => {
    const root = rootOf(grow(empty, hashes.slice(0, size)));
    const key = { origin: changes?.origin ?? origin, publicKey: raw };
    return checkpointNote(key, privateKey, { size, root: changes?.root ?? root });
  };
  return {
    lines: records.map((record, n) => lineOf(record.toString(), n)),
    note: noteOf(records.length),
    key: verifierKey({ origin, publicKey: raw }),
    noteOf,
  };
}

/** RFC 9162 section 2.1.1. */
export function leafHashOf(record: string | Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(record).digest();
}

/** The record with what no hash covers behind it. */
export function lineOf(record: string, leafIndex: number): string {
  const hash = leafHashOf(record).toString('base64');
  return `${record.slice(0, -1)},"leafIndex":${leafIndex},"leafHash":"${hash}"}`;
}

/** The canonical record of an event that never was. */
export function recordText(
  n: number,
  details: Readonly<Record<string, string | number>> = {},
): string {
  return canonicalBytes({
    tenant: 'tenant_01h2xcejqtf2nbrexx3vqjhp41',
    id: `event_01h2xcejqtf2nbrexx3vq${String(n).padStart(5, '0')}`,
    type: 'user.update',
    severity: 'INFO',
    result: 'SUCCESS',
    reason: null,
    occurredAt: '2026-01-01T00:00:00.000Z',
    actor: { kind: 'user', id: 'user_01h2xcejqtf2nbrexx3vqjhp42', act: null },
    targets: [],
    requestId: `request-${n}`,
    details,
    personal: {},
  }).toString();
}
