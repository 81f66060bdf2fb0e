/** Owns what a page hears beside its own doing: the other tabs, and that it is looked at again. */

export interface Tabs {
  /** Says to the other tabs that something happened to this session. */
  tell(sessionId: string): void;
  hidden(): boolean;
  close(): void;
}

/** `told`: another tab said something of a session. `seen`: the page is back, or the network is. */
export function openTabs(heard: { told(sessionId: string): void; seen(): void }): Tabs {
  const page = globalThis as unknown as Page;
  const over = new AbortController();
  const { signal } = over;
  const channel = page.BroadcastChannel ? new page.BroadcastChannel('signet-session') : null;
  if (channel) channel.onmessage = ({ data }) => heard.told(String(data));
  // Node would wait for messages for good.
  channel?.unref?.();
  // Also after the computer slept, and when a page comes out of the browser's memory.
  for (const event of ['online', 'pageshow'])
    page.addEventListener?.(event, () => heard.seen(), { signal });
  page.document?.addEventListener('visibilitychange', () => heard.seen(), { signal });
  return {
    tell: (sessionId) => channel?.postMessage(sessionId),
    hidden: () => page.document?.hidden ?? false,
    close() {
      over.abort();
      channel?.close();
    },
  };
}

/** What of a browser is used; Node has some of it. */
interface Page extends Partial<Target> {
  readonly document?: Target & { readonly hidden: boolean };
  readonly BroadcastChannel?: new (name: string) => Channel;
}

interface Target {
  addEventListener(type: string, run: () => void, options: { signal: AbortSignal }): void;
}

interface Channel {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(data: string): void;
  close(): void;
  unref?(): void;
}
