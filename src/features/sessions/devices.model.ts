/**
 * A browser and its system by the names that people know, from what the browser says of itself (RFC
 * 9110 section 10.1.5). It is a help to tell one's sessions apart, and proof of nothing.
 */

export interface Device {
  /** Such as Firefox; null when it is none that we know. */
  readonly browser: string | null;
  /** Such as Windows. */
  readonly system: string | null;
}

/** Each says that it is most of those after it, so the first that fits is meant. */
const BROWSERS: readonly (readonly [name: string, mark: RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\/|\bOPT\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Vivaldi', /\bVivaldi\//],
  ['DuckDuckGo', /\bDuckDuckGo\//],
  ['Firefox', /\bFirefox\/|\bFxiOS\//],
  ['Chrome', /\bChrome\/|\bCriOS\/|\bHeadlessChrome\//],
  ['Safari', /\bSafari\//],
  ['curl', /^curl\//],
];

const SYSTEMS: readonly (readonly [name: string, mark: RegExp])[] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Windows', /\bWindows\b/],
  ['Mac', /\bMacintosh\b/],
  ['Linux', /\bLinux\b|\bX11\b/],
];

export function deviceOf(userAgent: string | null | undefined): Device {
  const name = (table: typeof BROWSERS) =>
    table.find(([, mark]) => mark.test(userAgent ?? ''))?.[0] ?? null;
  return { browser: name(BROWSERS), system: name(SYSTEMS) };
}

/** `Firefox on Windows`; null when nothing of it is known. */
export function deviceText({ browser, system }: Device): string | null {
  return browser && system ? `${browser} on ${system}` : (browser ?? system);
}
