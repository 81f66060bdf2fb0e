/** Owns the way in of an HTML form: urlencoded UTF-8, each field at most once. */
import type { IncomingMessage } from 'node:http';
import { BadRequest, UnsupportedMediaType } from '#kernel/errors.ts';
import { parseMediaType } from '#kernel/http/media-type.ts';
import { readBody } from '#kernel/http/read-body.ts';

const MAX_BYTES = 64 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The fields by name. Throws `UnsupportedMediaType`, `PayloadTooLarge`, `RequestTimeout`, or
 * `BadRequest` for what is not UTF-8 and for a field that stands twice, which one of two readers
 * would take for the other.
 */
export async function readForm(request: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  const media = parseMediaType(request.headers['content-type'] ?? '');
  if (media?.type !== 'application/x-www-form-urlencoded')
    throw new UnsupportedMediaType('Send the form as application/x-www-form-urlencoded');
  const bytes = await readBody(request, { maxBytes: MAX_BYTES });
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(decoded(bytes))) {
    if (fields.has(name)) throw new BadRequest(`The field ${name.slice(0, 40)} stands there twice`);
    fields.set(name, value);
  }
  return fields;
}

/** Percent escapes become bytes only later: what they spell must be UTF-8 too, which is asked here. */
function decoded(bytes: Buffer): string {
  try {
    const text = utf8.decode(bytes);
    decodeURIComponent(text.replaceAll('+', '%20'));
    return text;
  } catch (error) {
    throw new BadRequest('The form is not valid UTF-8', { cause: error });
  }
}
