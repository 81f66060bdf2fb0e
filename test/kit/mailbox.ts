/** Mail as a house without a mail server leaves it: files in DATA_DIR/mail. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import type { House } from './house.ts';
import { hurry } from './hurry.ts';
import { until } from './until.ts';

export interface Letter {
  /** The header as it stands there. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The first link, and its token if it has one. */
  readonly link: string | null;
  readonly token: string;
}

/** Every message so far, the oldest first. */
export async function letters(house: House): Promise<Letter[]> {
  const folder = join(house.home.env.DATA_DIR, 'mail');
  const files = await readdir(folder).catch(() => []);
  const whole = files.filter((file) => file.endsWith('.eml')).sort();
  return Promise.all(whole.map(async (file) => letter(await readFile(join(folder, file)))));
}

async function letter(raw: Buffer): Promise<Letter> {
  const mail = await simpleParser(raw);
  const text = mail.text ?? '';
  const link = /https?:\/\/\S+/.exec(text)?.[0] ?? null;
  const to = /^To: (.*?)\r$/m.exec(raw.toString())?.[1] ?? '';
  const token = new URL(link ?? 'https://none.example').searchParams.get('token') ?? '';
  return { to, subject: mail.subject ?? '', text, link, token };
}

/** What this address has got, once nothing is under way any more. */
export async function lettersTo(house: House, address: string): Promise<Letter[]> {
  await nothingUnderWay(house);
  return (await letters(house)).filter(({ to }) => to === address);
}

/** The newest message to this address whose subject holds this. */
export async function letterTo(house: House, address: string, subject: string): Promise<Letter> {
  const got = await lettersTo(house, address);
  const found = got.filter((one) => one.subject.includes(subject)).at(-1);
  if (!found)
    throw new Error(`nothing about ${subject}, but ${got.map((one) => one.subject).join(', ')}`);
  return found;
}

/** What sends messages, and what leads to one. */
const QUEUES = [
  'invitation-again.prepare',
  'message.send',
  'password-reset.prepare',
  'registration.prepare',
];

/** Until every order of a message, and of what leads to one, is done. */
export async function nothingUnderWay(house: House): Promise<void> {
  await until(
    async () => {
      const [left] = await house.services.db.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pgboss.job WHERE state < 'completed'
         AND name = ANY($1)`,
        [QUEUES],
      );
      if (left?.n !== 0) hurry(...QUEUES);
      return left?.n === 0;
    },
    { timeout: 30_000, what: 'the end of every order' },
  );
}
