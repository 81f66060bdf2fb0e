/** Sessions: their shape, and the token that the browser keeps. */
import { createHash, randomBytes } from 'node:crypto';
import type { Acr } from '#kernel/access.ts';
import { id } from '#kernel/ids.ts';
import { declareScope } from '#kernel/scopes.ts';

declareScope('sessions:read', 'Read who is signed in where');
declareScope('sessions:write', 'End sessions');

/** Why a session ended by itself or by somebody; the idle and absolute limits write nothing. */
export type EndReason =
  | 'SIGNED_OUT'
  | 'ENDED'
  | 'LIMIT'
  | 'PASSWORD_CHANGED'
  | 'FACTORS_CHANGED'
  | 'USER_CLOSED';

export interface SessionRow {
  readonly tenantId: string;
  readonly id: string;
  readonly userId: string;
  readonly amr: readonly string[];
  readonly acr: Acr;
  readonly authTime: Date;
  /** Sealed for the user: address and browser at sign-in. */
  readonly personal: Buffer | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly idleExpiresAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
}

export const sessionId = id('session').describe('The session.');

const TOKEN = /^[\w-]{43}$/;

/** 256 bits of randomness (ASVS 7.2.3), so a plain digest is enough at rest. */
export function newToken(): { token: string; hash: Buffer } {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashToken(token) };
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export function looksLikeToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Tenants share an origin, so the cookie's name tells them apart; `__Host-` binds it to ours. */
export function cookieName(slug: string): string {
  return `__Host-s-${slug}`;
}

/** RFC 6265bis: to our own pages only, never to scripts, never over plain http. */
export function sessionCookie(slug: string, token: string, seconds: number): string {
  return `${cookieName(slug)}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${seconds}`;
}

export function expiredCookie(slug: string): string {
  return `${cookieName(slug)}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;
}
