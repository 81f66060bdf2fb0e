/** Owns the cookies of a site: no script reads them, and no other site makes a browser send them by POST. */

export interface SiteCookie {
  /** Its value in a Cookie header; null when it is not there. */
  in(header: string | null | undefined): string | null;
  /** Set-Cookie lines. */
  set(value: string): string;
  clear(): string;
}

export function siteCookie(of: {
  readonly name: string;
  readonly secure: boolean;
  /** Default: until the browser is closed. */
  readonly seconds?: number;
}): SiteCookie {
  const name = of.secure ? `__Host-${of.name}` : of.name;
  const rest = `Path=/; HttpOnly; SameSite=Lax${of.secure ? '; Secure' : ''}`;
  const age = of.seconds === undefined ? '' : `; Max-Age=${of.seconds}`;
  return {
    in(header) {
      for (const pair of header?.split(';') ?? []) {
        const [found, value = ''] = pair.trim().split('=');
        if (found === name && /^[\w.-]{1,1000}$/.test(value)) return value;
      }
      return null;
    },
    set: (value) => `${name}=${value}; ${rest}${age}`,
    clear: () => `${name}=; ${rest}; Max-Age=0`,
  };
}
