/**
 * A message in a language, as text and as HTML, from one draft. What comes from others is escaped,
 * and nothing is loaded from anywhere.
 */
import { german } from './messages.de.ts';
import { english } from './messages.en.ts';
import type {
  Block,
  Language,
  LanguageTag,
  MessageParameters,
  Template,
} from './messages.model.ts';

export interface Written {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

interface WriteOptions<T extends Template> {
  readonly template: T;
  readonly parameters: MessageParameters[T];
  readonly language: LanguageTag;
  /** The tenant's name. */
  readonly tenant: string;
  /** Until what it says is over. */
  readonly leftMs: number;
}

const LANGUAGES: { readonly [L in LanguageTag]: Language } = { en: english, de: german };

export function writeMessage<T extends Template>(options: WriteOptions<T>): Written {
  const { template, parameters, language: tag, tenant, leftMs } = options;
  const language = LANGUAGES[tag];
  const about = { tenant, left: timeLeft(leftMs, tag) };
  const { subject, body } = language.templates[template](parameters, about);
  const footer = language.footer(about);
  return {
    subject,
    text: `${[...body.map(asText), `-- \n${footer}`].join('\n\n')}\n`,
    html: page(tag, subject, [
      ...body.map((block) => asHtml(block, language)),
      `<p style="${SMALL}">${escaped(footer)}</p>`,
    ]),
  };
}

/** Minutes, hours or days, rounded so that it says what was promised when it leaves at once. */
function timeLeft(ms: number, language: LanguageTag): string {
  const minutes = Math.ceil(ms / 60_000);
  const [value, unit] =
    minutes <= 90
      ? [minutes, 'minute']
      : minutes <= 48 * 60
        ? [Math.round(minutes / 60), 'hour']
        : [Math.round(minutes / 1440), 'day'];
  return value.toLocaleString(language, { style: 'unit', unit, unitDisplay: 'long' });
}

function asText(block: Block): string {
  if (typeof block === 'string') return block;
  return 'code' in block ? `    ${block.code}` : `${block.label}:\n${block.link}`;
}

function asHtml(block: Block, { orOpen }: Language): string {
  if (typeof block === 'string') return `<p>${escaped(block)}</p>`;
  if ('code' in block) return `<p style="${CODE}">${escaped(block.code)}</p>`;
  const link = escaped(block.link);
  return (
    `<p><a href="${link}" style="${BUTTON}">${escaped(block.label)}</a></p>\n` +
    `<p style="${SMALL}">${escaped(orOpen)}<br><a href="${link}">${link}</a></p>`
  );
}

function page(language: LanguageTag, title: string, blocks: readonly string[]): string {
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${escaped(title)}</title></head>
<body style="font:16px/1.5 system-ui,sans-serif;margin:0;padding:24px">
<div style="max-width:560px;margin:0 auto">
${blocks.join('\n')}
</div>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const SMALL = 'font-size:13px;overflow-wrap:anywhere';
const CODE = 'font:600 28px/1.2 ui-monospace,monospace;letter-spacing:.2em';
const BUTTON =
  'display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#fff;text-decoration:none';
