/** Which language a page speaks: what the application asked for, or the browser's first that we have, else English. */
import { de } from './texts.de.ts';
import { en, type Texts } from './texts.en.ts';

const LANGUAGES: Readonly<Record<string, Texts>> = { en, de };

export interface Language {
  readonly tag: string;
  readonly texts: Texts;
  /** A text with its {names} filled in. */
  say(key: keyof Texts, values?: Readonly<Record<string, string>>): string;
}

export const TAGS = Object.keys(LANGUAGES);

/** What a BCP 47 tag is called in the language of the page, its extensions left out; null for none. */
export function languageName(tag: string, locale: string | null): string | null {
  if (locale === null) return null;
  try {
    const { baseName } = new Intl.Locale(locale);
    return new Intl.DisplayNames(tag, { type: 'language' }).of(baseName) ?? locale;
  } catch (error) {
    // Anybody may have chosen it, and there are tags that have no name.
    if (error instanceof RangeError) return locale;
    throw error;
  }
}

/** The first of these that we have (OpenID Connect Core 3.1.2.1, `ui_locales`); null when there is none. */
export function languageAmong(locales: unknown): Language | null {
  const tags = typeof locales === 'string' ? locales.split(' ') : [];
  const tag = tags.map(primary).find((one) => Object.hasOwn(LANGUAGES, one));
  return tag === undefined ? null : languageBy(tag);
}

/** RFC 5646, 2.2.1. */
function primary(tag: string): string {
  return tag.toLowerCase().split('-')[0] ?? '';
}

/** RFC 9110 section 12.5.4. */
export function languageOf(header: string | undefined): Language {
  const wanted = (header ?? '')
    .split(',')
    .map((range) => {
      const [tag = '', quality = '1'] = range.trim().split(/\s*;\s*q=/);
      return { tag: primary(tag), quality: Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return languageBy(wanted.find((one) => Object.hasOwn(LANGUAGES, one.tag))?.tag ?? 'en');
}

function languageBy(tag: string): Language {
  const texts = LANGUAGES[tag] ?? en;
  return {
    tag,
    texts,
    say: (key, values = {}) =>
      texts[key].replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ''),
  };
}
