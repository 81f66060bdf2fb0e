/** Owns how a Content-Type is read (RFC 9110 section 8.3.1), strictly. */

export interface MediaType {
  /** In lower case, such as `application/json`. */
  readonly type: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Null when it is malformed or names a parameter twice. */
export function parseMediaType(text: string): MediaType | null {
  const known = seen.get(text);
  if (known !== undefined) return known;
  const parsed = parse(text);
  // Clients send one of a few; whoever sends many fills it once and gains nothing.
  if (seen.size < 100) seen.set(text, parsed);
  return parsed;
}

const seen = new Map<string, MediaType | null>();
const TYPE = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+/;
const PARAMETER =
  /[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=(?:([!#$%&'*+.^_`|~\w-]+)|"((?:[\t !#-[\]-~]|\\[\t -~])*)"))?/y;

function parse(text: string): MediaType | null {
  const trimmed = text.trim();
  const type = TYPE.exec(trimmed)?.[0];
  if (type === undefined) return null;
  const parameters = new Map<string, string>();
  for (let at = type.length; at < trimmed.length; at = PARAMETER.lastIndex) {
    PARAMETER.lastIndex = at;
    const found = PARAMETER.exec(trimmed);
    if (!found) return null;
    const [, rawName, token, quoted] = found;
    if (rawName === undefined) continue;
    const name = rawName.toLowerCase();
    if (parameters.has(name)) return null;
    parameters.set(name, token ?? (quoted ?? '').replace(/\\(.)/g, '$1'));
  }
  return { type: type.toLowerCase(), parameters };
}
