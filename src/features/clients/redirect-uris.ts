/**
 * Redirect URIs: where a browser is sent with a code. They are stored as they were written and
 * compared as whole texts (RFC 9700, 2.1; OAuth 2.1, 2.3.1), so what is taken here has one meaning.
 */
import { z } from 'zod';
import { isLoopback, parseUri } from '#kernel/uris.ts';

const MAX_URIS = 50;
const MAX_LENGTH = 2000;

/** Null for what no client of any type may have. */
function kindOf(text: string): 'https' | 'loopback' | 'private-use' | null {
  const uri = parseUri(text);
  if (!uri || text.includes('*')) return null;
  if (uri.protocol === 'https:') return 'https';
  if (uri.protocol === 'http:') return isLoopback(uri) ? 'loopback' : null;
  // RFC 8252, 7.1: a domain name in reverse; none of the schemes that browsers run or show has a dot.
  return uri.protocol.includes('.') && text[uri.protocol.length] === '/' ? 'private-use' : null;
}

/** What is wrong with it for a client that is not installed on a device; null when nothing is. */
export function webRedirectProblem(text: string): string | null {
  return kindOf(text) === 'private-use' ? 'must be https; schemes of an app are for NATIVE' : null;
}

/** For a sign-in or a sign-out. Which of them a client may have depends on its type too. */
export const redirectUris = z
  .array(
    z
      .string()
      .max(MAX_LENGTH, `must have at most ${MAX_LENGTH} characters`)
      .refine(
        (text) => kindOf(text) !== null,
        'must be https, http on localhost, 127.0.0.1 or [::1], or the scheme of an app such as com.example.app:/callback, without user, fragment and wildcard, its host in lower case',
      ),
  )
  .max(MAX_URIS, `must hold at most ${MAX_URIS} URIs`)
  .transform((uris) => [...new Set(uris)]);
