/** Base64 in its one form (RFC 4648 section 3.5): what Node reads leniently would have many spellings. */

/** Null for a text that is not exactly how its bytes are written. */
export function base64Bytes(text: unknown): Buffer | null {
  if (typeof text !== 'string') return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** The same for a SHA-256 hash: 32 bytes. */
export function base64Hash(text: unknown): Buffer | null {
  const bytes = base64Bytes(text);
  return bytes?.length === 32 ? bytes : null;
}
