/** What the browser lets our pages do: all of it comes from here, but pictures, and where a form ends. */

/** What an application waits for, as far as a page must know it. */
export interface Awaited {
  /** The address to which it is answered in the end. */
  readonly returnsTo: string | null;
  /** It has said that the pages are in a window that it has opened (`display=popup`). */
  readonly inPopup: boolean;
}

/** Of a page on which somebody may be awaited. */
export function pageHeaders(
  images: readonly string[],
  awaited: Awaited | null,
): Record<string, string> {
  const { returnsTo = null, inPopup = false } = awaited ?? {};
  return {
    'content-security-policy': pagePolicy({ images, returnsTo }),
    // A browser would cut the popup from its opener for good, and the application would hear nothing.
    ...(inPopup ? { 'cross-origin-opener-policy': 'unsafe-none' } : {}),
  };
}

/**
 * The Content-Security-Policy of a page. `images`: sources beyond our own. `returnsTo`: the address to
 * which an application is answered in the end. Browsers hold every redirect after a form against
 * `form-action`, those of the application too, and nobody knows where it goes on to: so its scheme is
 * named, and https.
 */
export function pagePolicy({
  images = [],
  returnsTo = null,
}: {
  readonly images?: readonly string[];
  readonly returnsTo?: string | null;
}): string {
  const scheme = returnsTo === null ? null : URL.parse(returnsTo)?.protocol;
  const ends = scheme ? [...new Set(['https:', scheme])] : [];
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["img-src 'self' data:", ...images].join(' '),
    "connect-src 'self'",
    ["form-action 'self'", ...ends].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
