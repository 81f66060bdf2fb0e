/**
 * How many streams a process is at, by what is known of their receivers. Those that hang, fail or take
 * their time have places of their own, however well it ends; a place that turns out to be slow makes
 * room for another one.
 */
/** `quick`: the last answers came soon. `untried`: there was none yet. `slow`: they took long, or failed. */
export type Pace = 'quick' | 'untried' | 'slow';

interface Places {
  /** That have not taken long yet. */
  readonly fresh: number;
  readonly all: number;
}

const PLACES: Readonly<Record<Pace, Places>> = {
  quick: { fresh: 20, all: 36 },
  untried: { fresh: 8, all: 16 },
  slow: { fresh: 12, all: 12 },
};
/** Streams of one tenant. */
export const PER_TENANT = 6;

/** An attempt that takes longer is slow. */
export const QUICK_MS = 2_000;
/** A turn of a quick stream is over by then. */
const LONG_MS = QUICK_MS + 1_000;

export type Room = Readonly<Record<Pace, number>>;

/** `began` and `now`: by `performance.now()`. */
export function roomBeside(
  serving: Iterable<readonly [lease: { readonly pace: Pace }, began: number]>,
  now: number,
): Room {
  const all = { quick: 0, untried: 0, slow: 0 };
  const fresh = { ...all };
  for (const [{ pace }, began] of serving) {
    all[pace] += 1;
    if (pace === 'slow' || now - began < LONG_MS) fresh[pace] += 1;
  }
  const left = (pace: Pace) =>
    Math.max(0, Math.min(PLACES[pace].fresh - fresh[pace], PLACES[pace].all - all[pace]));
  return { quick: left('quick'), untried: left('untried'), slow: left('slow') };
}
