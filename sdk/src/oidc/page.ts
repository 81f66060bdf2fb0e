/** Owns what of a browser is used. */

/** localStorage, sessionStorage, or anything like them. */
export interface KeyStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface OwnPage {
  readonly location: {
    readonly pathname: string;
    readonly search: string;
    readonly hash: string;
    assign(url: string): void;
  };
  readonly history: { replaceState(state: null, unused: string, url: string): void };
  readonly sessionStorage: KeyStorage;
  /** Runs alone among all tabs of the site where the browser can (Web Locks), else in this one. */
  locked<T>(name: string, run: () => Promise<T>): Promise<T>;
}

interface BrowserGlobals {
  readonly location?: OwnPage['location'];
  readonly history?: OwnPage['history'];
  readonly sessionStorage?: KeyStorage;
  readonly navigator?: {
    readonly locks?: { request<T>(name: string, run: () => Promise<T>): Promise<T> };
  };
}

/** Throws TypeError where there is no page. */
export function browserPage(): OwnPage {
  const { location, history, sessionStorage, navigator } = globalThis as unknown as BrowserGlobals;
  if (!location || !history || !sessionStorage)
    throw new TypeError('createOidcClient is for pages; on a server use createWebSignIn');
  const locks = navigator?.locks;
  return {
    location,
    history,
    sessionStorage,
    locked: (name, run) => (locks ? locks.request(name, run) : run()),
  };
}
