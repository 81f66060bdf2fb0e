/** Owns the reading of Cookie headers (RFC 6265 section 5.4). */

/** Names beginning with `prefix`, with their values. A name that was sent twice counts as not sent. */
export function cookiesOf(header: string | undefined, prefix: string): Map<string, string> {
  const found = new Map<string, string>();
  const twice = new Set<string>();
  for (const pair of (header ?? '').split(';')) {
    const end = pair.indexOf('=');
    const name = pair.slice(0, Math.max(end, 0)).trim();
    if (!name.startsWith(prefix)) continue;
    if (found.has(name)) twice.add(name);
    found.set(name, pair.slice(end + 1).trim());
  }
  for (const name of twice) found.delete(name);
  return found;
}
