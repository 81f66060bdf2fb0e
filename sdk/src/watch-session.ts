/**
 * Owns the watch over the session of whoever is signed in, for pages: it tells before the session ends
 * and when it has. Only the server says what is left, in its own time, so the browser's clock decides
 * nothing; and it is asked in the background, so watching keeps no session alive.
 */
import type { GetSessionTimesQuery } from '../generated/graphql.ts';
import { getSessionTimes } from '../generated/operations.ts';
import type { Client } from './client.ts';
import { isSignetError } from './errors.ts';
import { openTabs, type Tabs } from './tabs.ts';

/** IDLE: nobody used it for too long. ABSOLUTE: it is as old as a session may get. */
export type SessionLimit = 'IDLE' | 'ABSOLUTE';

/** What the server has said of the session. */
export interface SessionState {
  readonly id: string;
  /** When the server answered, until the nearer of the two ends. */
  readonly secondsLeft: number;
  readonly endsBy: SessionLimit;
  /** Whether `refresh()` puts the end off; the ABSOLUTE one never moves. */
  readonly canRefresh: boolean;
  readonly acr: string;
  readonly amr: readonly string[];
  /** RFC 3339. */
  readonly authTime: string;
}

export interface SessionOver {
  /** ENDED: before its time, by signing out in another tab, by an administrator, by a new password. */
  readonly reason: SessionLimit | 'ENDED';
}

export interface WatchOptions {
  /** Once before each end: ask whether to stay, or tell to save what is open. */
  onWarning(state: SessionState): void;
  /** It is over, and so is the watch. Nothing is called after it. */
  onExpired(over: SessionOver): void;
  /** After a warning, somebody used the session: take the warning away. */
  onExtended?(state: SessionState): void;
  /** A look failed: the server is away, or refuses (a tenant that is suspended). It is asked again. */
  onError?(error: unknown): void;
  /** How long before the end to warn. Default 120. */
  readonly warningSeconds?: number;
  /** How often to look while the page is visible; four times as often after a warning. Default 60. */
  readonly checkSeconds?: number;
  /** For tests. */
  readonly timers?: WatchTimers;
}

export interface WatchTimers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Milliseconds since any moment. */
  now(): number;
}

export interface SessionWatch {
  /**
   * Uses the session, which puts off its idle end, and tells the other tabs. Null when it is over,
   * which `onExpired` has heard. Throws RequestError when the server cannot say.
   */
  refresh(): Promise<SessionState | null>;
  stop(): void;
}

/**
 * Watches the session of a client with `session: true` until it is over or `stop()` is called. A
 * server that is away is asked again; it ends no session. Never keeps a process alive.
 */
export function watchSession(client: Client, options: WatchOptions): SessionWatch {
  const watch = new Watch(client, options);
  watch.check();
  return { refresh: () => watch.refresh(), stop: () => watch.stop() };
}

/** A warning or an end is looked for no later than that, also by a page that nobody sees. */
const HIDDEN_SECONDS = 3600;

class Watch {
  readonly #client: Client;
  readonly #options: WatchOptions;
  readonly #timers: WatchTimers;
  readonly #tabs: Tabs;
  readonly #over = new AbortController();
  #timer: unknown = null;
  #looking = false;
  #again = false;
  #last: Seen | null = null;
  /** The end that was warned of. */
  #warnedOf: number | null = null;

  constructor(client: Client, options: WatchOptions) {
    this.#client = client;
    this.#options = options;
    this.#timers = options.timers ?? REAL_TIMERS;
    this.#tabs = openTabs({
      told: (id) => id === this.#last?.state.id && this.check(),
      seen: () => this.check(),
    });
  }

  /** Looks without using; one look at a time, and one more for what happened meanwhile. */
  check(): void {
    if (this.#looking) this.#again = true;
    else void this.#check();
  }

  async refresh(): Promise<SessionState | null> {
    const seen = this.#heard(await this.#ask(false));
    if (seen) this.#tabs.tell(seen.state.id);
    return seen?.state ?? null;
  }

  stop(): void {
    this.#over.abort();
    this.#timers.clearTimeout(this.#timer);
    this.#tabs.close();
  }

  /** What a callback throws is nobody's here: it is reported as an unhandled rejection. */
  async #check(): Promise<void> {
    this.#looking = true;
    let seen: Seen | null | undefined;
    let failure: unknown;
    try {
      seen = await this.#ask(true);
    } catch (error) {
      failure = error;
    }
    this.#looking = false;
    const again = this.#again;
    this.#again = false;
    if (seen !== undefined) this.#heard(seen);
    else this.#arm();
    if (again && !this.#over.signal.aborted) this.check();
    if (failure !== undefined) this.#options.onError?.(failure);
  }

  /** Null when nobody is signed in, or the watch is over. Throws RequestError. */
  async #ask(background: boolean): Promise<Seen | null> {
    const { signal } = this.#over;
    if (signal.aborted) return null;
    try {
      return seenIn(await getSessionTimes(this.#client, {}, { background, signal }));
    } catch (error) {
      if (signal.aborted || isSignetError(error, 'UNAUTHENTICATED')) return null;
      throw error;
    }
  }

  /** Null when the session is over, or was another person's. */
  #heard(seen: Seen | null): Seen | null {
    if (this.#over.signal.aborted) return null;
    const same = seen !== null && (this.#last === null || this.#last.person === seen.person);
    if (same) this.#take(seen);
    else this.#expire();
    return same ? seen : null;
  }

  #take(seen: Seen): void {
    // Two answers may have overtaken each other.
    if (this.#last && seen.now < this.#last.now) {
      this.#arm();
      return;
    }
    this.#last = { ...seen, at: this.#timers.now() };
    const { onWarning, onExtended } = this.#options;
    const { state, end } = seen;
    const near = state.secondsLeft <= this.#warningSeconds;
    const warn = near && this.#warnedOf !== end;
    const extended = !near && this.#warnedOf !== null;
    this.#warnedOf = near ? end : null;
    this.#arm();
    if (warn) onWarning(state);
    if (extended) onExtended?.(state);
  }

  #expire(): void {
    const { onExpired } = this.#options;
    const last = this.#last;
    if (last) this.#tabs.tell(last.state.id);
    this.stop();
    const passed = last ? (this.#timers.now() - last.at) / 1000 : 0;
    const inTime = last !== null && passed >= last.state.secondsLeft - 1;
    onExpired({ reason: inTime ? last.state.endsBy : 'ENDED' });
  }

  /** The next look: when it is time to warn, when it should be over, or at the next interval. */
  #arm(): void {
    if (this.#over.signal.aborted) return;
    this.#timers.clearTimeout(this.#timer);
    const { checkSeconds = 60 } = this.#options;
    const warned = this.#warnedOf !== null;
    const waits = [this.#tabs.hidden() ? HIDDEN_SECONDS : checkSeconds / (warned ? 4 : 1)];
    if (this.#last) {
      const { state, at } = this.#last;
      const left = state.secondsLeft - (this.#timers.now() - at) / 1000;
      // Once it should have ended, only the server's word is waited for.
      const times = [left, warned ? 0 : left - this.#warningSeconds];
      waits.push(...times.filter((seconds) => seconds > 0));
    }
    const seconds = Math.max(1, Math.min(...waits));
    this.#timer = this.#timers.setTimeout(() => this.check(), seconds * 1000);
  }

  get #warningSeconds(): number {
    return this.#options.warningSeconds ?? 120;
  }
}

interface Seen {
  readonly state: SessionState;
  readonly person: string | null;
  /** In the server's time, as all but `at`: by our timers, when it was heard. */
  readonly now: number;
  readonly end: number;
  readonly at: number;
}

function seenIn({ now: answered, actor, session }: GetSessionTimesQuery['viewer']): Seen | null {
  if (!session) return null;
  const { id, acr, amr, authTime } = session;
  const now = Date.parse(answered);
  const idle = Date.parse(session.idleExpiresAt);
  const absolute = Date.parse(session.expiresAt);
  const canRefresh = idle < absolute;
  const end = Math.min(idle, absolute);
  const endsBy = canRefresh ? 'IDLE' : 'ABSOLUTE';
  const secondsLeft = Math.max(0, (end - now) / 1000);
  const state: SessionState = { id, secondsLeft, endsBy, canRefresh, acr, amr, authTime };
  return { state, person: actor.id, now, end, at: 0 };
}

/** Of Node too, where a timer must not keep the process alive. */
const REAL_TIMERS: WatchTimers = {
  setTimeout(run, ms) {
    const timer: unknown = setTimeout(run, ms);
    (timer as { unref?: () => void }).unref?.();
    return timer;
  },
  clearTimeout: (timer) => clearTimeout(timer as number),
  now: () => Date.now(),
};
