/** Text of files that somebody else wrote, for a terminal: a line of it must not look like one of ours. */

const MOST = 1000;

/** Control characters (C0, DEL, C1), those that turn the direction of text, and other unseen ones as `\u{...}`; cut where it is long. */
export function printable(text: string): string {
  const cut = text.length > MOST ? `${text.slice(0, MOST)}...` : text;
  return cut.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (unseen) => `\\u{${(unseen.codePointAt(0) as number).toString(16)}}`,
  );
}
