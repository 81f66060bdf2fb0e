/** API keys: shapes, limits and the form of the secret. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { CreatorKind } from '#kernel/actor.ts';
import { encodeId, id } from '#kernel/ids.ts';
import { declareScope, isScope } from '#kernel/scopes.ts';
import { line } from '#kernel/text.ts';

declareScope('api-keys:read', 'Read API keys, never their secrets');
declareScope('api-keys:write', 'Create, rotate and revoke API keys');

export interface ApiKeyRow {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  /** Its rights follow its maker's: a key never outranks nor outlives the user or key that made it. */
  readonly createdByKind: CreatorKind;
  readonly createdById: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export const apiKeyId = id('key').describe('The API key.');

export const apiKeyName = line(120).describe('What the key is for.');

export const apiKeyScopes = z
  .array(z.string().refine(isScope, 'is not a scope; see schema/scopes.json'))
  .min(1, 'must hold at least one scope')
  .max(200)
  .transform((scopes) => [...new Set(scopes)].sort())
  .describe('What the key may do. Never more than its creator.');

export const apiKeyExpiry = z
  .date()
  .describe('When the key stops working; without it, when it is revoked.');

/** Seconds that the old secret keeps working after a rotation: at most a week. */
export const rotationOverlap = z
  .int()
  .min(0)
  .max(604_800)
  .optional()
  .describe('Seconds that earlier secrets keep working, at most 604800; 86400 when left out.');

const RANDOM_BYTES = 32;

/** `sgnt_<id part>_<random>`; 256 bits of randomness, so a plain digest is enough at rest. */
export function newSecret(keyId: string): { secret: string; hash: Buffer } {
  const secret = `${prefixOf(keyId)}_${randomBytes(RANDOM_BYTES).toString('hex')}`;
  return { secret, hash: hashSecret(secret) };
}

/** What may be shown and logged of a key. */
export function prefixOf(keyId: string): string {
  return `sgnt_${encodeId('key', keyId).slice('key_'.length)}`;
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function looksLikeSecret(text: string): boolean {
  return /^sgnt_[0-9a-z]{26}_[0-9a-f]{64}$/.test(text);
}
