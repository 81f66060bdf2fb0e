/**
 * By what a tenant's checkpoints are signed: one Ed25519 key, made when it is first needed, sealed in
 * the envelope. It is apart from the keys of tokens: those are replaced every few months, this one is
 * pinned by auditors. Its origin stays as it was, whatever the issuer becomes.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Config } from '#kernel/config.ts';
import type { Services } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import type { NoteKey } from './signed-note.ts';

interface Home extends Pick<Services, 'db' | 'vault' | 'clock'> {
  readonly config: Pick<Config, 'publicUrl'>;
}

export interface AuditKey extends NoteKey {
  readonly sealed: Buffer;
}

/** The tenant's key. Of two instances that make one, the loser takes the other's. */
export function auditKey(home: Home, tenantId: string): Promise<AuditKey> {
  const { db } = home;
  return db.inTenant(tenantId, async () => {
    const [known] = await db.query<AuditKey>(KEY, [tenantId]);
    if (known) return known;
    await makeKey(home, tenantId);
    const [made] = await db.query<AuditKey>(KEY, [tenantId]);
    return made as AuditKey;
  });
}

export async function openAuditKey(
  { vault }: Pick<Home, 'vault'>,
  tenantId: string,
  { sealed }: AuditKey,
): Promise<KeyObject> {
  const der = await vault.open(tenantId, placeOf(tenantId), sealed);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

async function makeKey({ db, vault, clock, config }: Home, tenantId: string): Promise<void> {
  const [tenant] = await db.query<{ issuer: string | null }>(ISSUER, [tenantId]);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  await db.execute(MAKE, [
    tenantId,
    originOf(tenant?.issuer ?? `${config.publicUrl}/${encodeId('tenant', tenantId)}`),
    Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
    await vault.seal(tenantId, placeOf(tenantId), der),
    clock.now(),
  ]);
}

/** C2SP tlog-checkpoint: a URL without its scheme. */
function originOf(issuer: string): string {
  const name = issuer.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  return `${name.replaceAll('+', '%2B')}/audit`;
}

function placeOf(tenantId: string) {
  return { table: 'audit_keys', column: 'private_key', row: tenantId };
}

const KEY = `
SELECT origin, public_key AS "publicKey", private_key AS sealed FROM audit_keys WHERE tenant_id = $1`;
const ISSUER = 'SELECT issuer FROM tenants WHERE id = $1';
const MAKE = `
INSERT INTO audit_keys (tenant_id, origin, public_key, private_key, created_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`;
