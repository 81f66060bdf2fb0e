/**
 * Text that has one reading only: the RFC 8785 form of what it says. Whoever reads it otherwise (the
 * first of two members of one name, a number that no double holds) reads a text that is refused here.
 */

/** A line that proves nothing, and why, for people; nothing of the line stands in the message. */
export class MalformedLine extends Error {}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The object that `text` is the canonical form of. `what`: its name in a message. Throws `MalformedLine`. */
export function canonicalObject(text: string, what: string): JsonObject {
  const { value, written } = attempt(what, () => {
    const parsed: unknown = JSON.parse(text);
    const plain = JSON.stringify(parsed);
    return { value: parsed, written: plain === text && inOrder(parsed) ? text : canonical(parsed) };
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedLine(`${what} is no JSON object`);
  if (written !== text)
    throw new MalformedLine(
      `${what} is not written as it was hashed (RFC 8785): from character ${1 + differing(text, written)} on it has a space, a name that stands twice or out of order, or a number or a character in another form`,
    );
  // RFC 8785 section 3.2.2.2: half a character is none, and others read it as something else.
  if (hasHalf(text)) throw new MalformedLine(`${what} has half of a surrogate pair (RFC 8785)`);
  return value as JsonObject;
}

/** Of text that is no JSON, or is nested deeper than the stack reaches. */
function attempt<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new MalformedLine(`${what} is no JSON, or is nested too deep`);
  }
}

/** Whether the engine's own form is the canonical one: members sorted by UTF-16 code units, all through. */
function inOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(inOrder);
  let before: string | null = null;
  for (const name of Object.keys(value)) {
    if (before !== null && name < before) return false;
    if (!inOrder((value as JsonObject)[name])) return false;
    before = name;
  }
  return true;
}

/** RFC 8785 section 3.2: members sorted, all else as ECMAScript writes it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, of]) => `${JSON.stringify(name)}:${canonical(of)}`).join(',')}}`;
}

/** Whether it has `\ud...`, which the canonical form has for nothing but half of a pair. */
function hasHalf(text: string): boolean {
  for (let at = text.indexOf('\\ud'); at >= 0; at = text.indexOf('\\ud', at + 1)) {
    let before = at;
    while (text[before - 1] === '\\') before -= 1;
    if ((at - before) % 2 === 0) return true;
  }
  return false;
}

function differing(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
