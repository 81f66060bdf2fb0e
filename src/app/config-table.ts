/** The README's table of configuration, printed from the one shape that reads the environment. */
import { configTable } from '#kernel/config.ts';

const BEGIN = '<!-- configuration: printed by `npm run print`, not edited -->';
const END = '<!-- end of configuration -->';

/** `readme` with the table between its two markers as it must be today. Throws without the markers. */
export function withConfigTable(readme: string): string {
  const start = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (start < 0 || end < start)
    throw new Error(`The README must hold the lines\n${BEGIN}\n${END}\nin this order`);
  return `${readme.slice(0, start + BEGIN.length)}\n${renderConfigTable()}\n${readme.slice(end)}`;
}

/** One row a variable, as Markdown. */
function renderConfigTable(): string {
  const rows = configTable().map(
    ({ name, fallback, meaning }) =>
      `| \`${name}\` | ${fallback === null ? '' : `\`${fallback}\``} | ${meaning} |`,
  );
  return ['| Variable | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
