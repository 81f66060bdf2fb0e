/** What documents show: blocks of code, and what comes of them. In what is shown, `...` stands for anything. */

export interface Block {
  readonly language: string;
  readonly text: string;
  /** What stands between it and the block before. */
  readonly before: string;
}

export interface Shown {
  readonly block: Block;
  /** The block that directly follows: what comes of it. Null when nothing is shown. */
  readonly outcome: string | null;
}

export function blocksOf(text: string): Block[] {
  let end = 0;
  return [...text.matchAll(/^```(\w*)\n(.*?)\n```$/gms)].map((found) => {
    const [whole, language = '', inside = ''] = found;
    const before = text.slice(end, found.index);
    end = found.index + whole.length;
    return { language, text: inside, before };
  });
}

export function shownIn(text: string, language: string): Shown[] {
  const blocks = blocksOf(text);
  return blocks.flatMap((block, i) => {
    if (block.language !== language) return [];
    const next = blocks[i + 1];
    const outcome = next && OUTCOMES.has(next.language) ? next.text : null;
    return [{ block, outcome }];
  });
}

const OUTCOMES = new Set(['text', 'json']);

/** From the heading to the next one of its kind, or a greater one. */
export function sectionOf(text: string, heading: string): string {
  const [, after] = text.split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`there is no section ${heading}`);
  return after.split(/\n#{2,3} /)[0] ?? '';
}

/** The first line of what is shown that the answer does not hold, in this order; null when all are there. */
export function missingLine(
  shown: string,
  answer: string,
): { missing: string; answer: string } | null {
  const lines = answer.replaceAll('\r', '').split('\n');
  let at = 0;
  for (const line of shown.split('\n')) {
    const pattern = new RegExp(`^${line.split('...').map(escaped).join('.*')}$`);
    const found = lines.findIndex((one, i) => i >= at && pattern.test(one));
    if (found < 0) return { missing: line, answer };
    at = found + 1;
  }
  return null;
}

export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
