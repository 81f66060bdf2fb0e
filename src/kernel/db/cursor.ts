/**
 * Opaque cursors: the key of a row and a tag over it, its list and its tenant. A cursor that was
 * edited, belongs to another list or to another tenant is refused instead of followed.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from '#kernel/context.ts';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { InvalidCursor } from '#kernel/errors.ts';

interface CursorList {
  readonly name: string;
  readonly order: readonly { readonly property: string }[];
}

const TAG_BYTES = 12;

export function encodeCursor(ctx: Context, list: CursorList, row: object): string {
  const values = list.order.map((key) => (row as Record<string, unknown>)[key.property]);
  const payload = Buffer.from(JSON.stringify(values));
  return Buffer.concat([tag(ctx, list, payload), payload]).toString('base64url');
}

/** The key values of the row. Throws InvalidCursor, naming the argument. */
export function decodeCursor(
  ctx: Context,
  list: CursorList,
  argument: string,
  cursor: string,
): readonly string[] {
  const bytes = Buffer.from(cursor, 'base64url');
  const payload = bytes.subarray(TAG_BYTES);
  const same =
    bytes.length > TAG_BYTES &&
    bytes.toString('base64url') === cursor &&
    timingSafeEqual(bytes.subarray(0, TAG_BYTES), tag(ctx, list, payload));
  if (!same) throw new InvalidCursor(argument);
  return JSON.parse(payload.toString()) as readonly string[];
}

function tag(ctx: Context, list: CursorList, payload: Buffer): Buffer {
  return createHmac('sha256', keyOf(ctx.config))
    .update(`${ctx.tenantId}\n${list.name}\n`)
    .update(payload)
    .digest()
    .subarray(0, TAG_BYTES);
}

const keys = new WeakMap<object, Buffer>();

function keyOf(config: Context['config']): Buffer {
  const known = keys.get(config);
  if (known) return known;
  const key = deriveKey(config.masterKey, 'signet/cursor');
  keys.set(config, key);
  return key;
}
