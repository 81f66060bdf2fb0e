/** Where our own API says whose tokens it takes (RFC 9728). */

/** RFC 9728, 3.1: before the path of the resource. */
export function metadataOfApi(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-protected-resource${pathname.replace(/\/$/, '')}/api`;
}
