/** What messages say: in every language, as text and as HTML, whatever the tenant is called. */
import { expect, test } from 'vitest';
import {
  LANGUAGE_TAGS,
  languageOf,
  type MessageParameters,
  TEMPLATES,
  type Template,
} from '#features/messages/messages.model.ts';
import { writeMessage } from '#features/messages/write-message.ts';

const link = 'https://id.signet.test/t/acme/reset?token=a&b=<c>"\'';
const parameters: MessageParameters = {
  'reset-password': { link },
  'verify-email': { link },
  'change-email': { link },
  invitation: { link },
  'sign-in-code': { code: '012345' },
  'account-exists': { link },
  'email-change-asked': {},
  'email-changed': {},
  'password-changed': {},
  'factor-added': { factor: 'PASSKEY' },
  'factor-removed': { factor: 'BACKUP_CODES' },
};
const TENANT = `Söhne & <img src=x onerror="alert(1)">`;
const all = LANGUAGE_TAGS.flatMap((language) =>
  (Object.keys(TEMPLATES) as Template[]).map((template) => [template, language] as const),
);

test.each(all)(
  'H12 %s in %s: plain text says it all, the HTML loads nothing and trusts nobody',
  (template, language) => {
    const leftMs = TEMPLATES[template].seconds * 1000;
    const written = writeMessage({
      template,
      parameters: parameters[template],
      language,
      tenant: TENANT,
      leftMs,
    });
    expect(written.subject).toContain(TENANT);
    expect(written.text).toContain(TENANT);
    expect(written.html).toContain(`<html lang="${language}">`);
    expect(written.html).not.toMatch(/<img|<script|<link|src=["']|url\(|@import|onerror="/i);
    const shown = written.html.replace(/&#(\d+);/g, (_, digits) => String.fromCharCode(digits));
    const told = parameters[template];
    if ('link' in told) {
      expect(written.text).toContain(`\n${link}\n`);
      expect(written.html.match(/href="[^"]*"/g)).toHaveLength(2);
      expect(shown.split(link)).toHaveLength(4);
    } else expect(written.html).not.toContain('href');
    if ('code' in told) {
      expect(written.text).toContain('    012345\n');
      expect(written.html).toContain('>012345<');
      // Screens that are locked show the subject.
      expect(written.subject).not.toContain('012345');
    }
    expect(`${written.text}${written.html}`).not.toMatch(/undefined|\[object|NaN/);
  },
);

test('what is left is said as it was promised', () => {
  const left = (leftMs: number, language: 'en' | 'de' = 'en') =>
    / (?:once, for|noch) (.*?)\. /.exec(
      writeMessage({ template: 'invitation', parameters: { link }, language, tenant: 'A', leftMs })
        .text,
    )?.[1];
  expect(left(1_799_000)).toBe('30 minutes');
  expect(left(40_000)).toBe('1 minute');
  expect(left(86_400_000)).toBe('24 hours');
  expect(left(7 * 86_400_000 - 1000)).toBe('7 days');
  expect(left(7 * 86_400_000 - 1000, 'de')).toBe('7 Tage');
});

test.each([
  ['de', 'de'],
  ['de-AT', 'de'],
  ['DE-ch', 'de'],
  ['en-GB', 'en'],
  ['fr', 'en'],
  ['den', 'en'],
  ['', 'en'],
  [null, 'en'],
])('the language of %s is %s', (locale, language) => {
  expect(languageOf(locale)).toBe(language);
});
