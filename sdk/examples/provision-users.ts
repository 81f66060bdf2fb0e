/**
 * Creates users from a JSONL file, one `CreateUserInput` a line:
 *
 *   {"email":"ada@example.com","displayName":"Ada Lovelace"}
 *
 *   npm run build -w @signet/sdk
 *   SIGNET_URL=https://id.example.com SIGNET_API_KEY=sgnt_... \
 *     npx node sdk/examples/provision-users.ts users.jsonl
 *
 * in the root of the repository. It needs Node 24, which runs TypeScript.
 *
 * It may be stopped and run again, and the server may restart meanwhile: an address that exists
 * counts as done, and each line has an idempotency key of its own, so that a request whose answer
 * was lost is not carried out twice. Ends with 1 when lines were refused; it names each of them.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import {
  type Client,
  type CreateUserInput,
  createClient,
  createUser,
  EmailTakenError,
  InvalidInputError,
  RequestError,
} from '@signet/sdk';

const CONCURRENCY = 8;

interface Line {
  readonly number: number;
  readonly text: string;
}

type Outcome = 'created' | 'existing' | 'refused';

const [path] = process.argv.slice(2);
const { SIGNET_URL: url, SIGNET_API_KEY: apiKey } = process.env;
if (!path || !url || !apiKey) {
  console.error(
    'Usage: SIGNET_URL=... SIGNET_API_KEY=... npx node sdk/examples/provision-users.ts users.jsonl\n' +
      'It needs Node 24, which runs TypeScript.',
  );
  process.exit(2);
}

// Twelve attempts with at most five seconds between them bridge about half a minute.
const client = createClient({ url, apiKey, retry: { attempts: 12, maxDelay: 5_000 } });
const counts = await provision(client, path);
process.exitCode = counts.refused > 0 ? 1 : 0;

async function provision(client: Client, path: string): Promise<Record<Outcome, number>> {
  const counts = { created: 0, existing: 0, refused: 0 };
  const lines = readLines(path);
  const worker = async () => {
    // All workers loop over one iterator: each takes the next line when it is done with its last.
    for await (const line of lines) {
      counts[await createOne(client, line)] += 1;
      const done = counts.created + counts.existing + counts.refused;
      if (done % 100 === 0) report(counts);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  report(counts);
  return counts;
}

async function createOne(client: Client, { number, text }: Line): Promise<Outcome> {
  try {
    const input = JSON.parse(text) as CreateUserInput;
    await createUser(client, { input }, { idempotencyKey: keyOf(text) });
    return 'created';
  } catch (error) {
    if (error instanceof EmailTakenError) return 'existing';
    // Another run may do better only with another line; everything else ends this run.
    if (!isAboutLine(error)) throw error;
    console.error(`line ${number}: ${error.message}`);
    return 'refused';
  }
}

/** No JSON, not the shape of the input, or not acceptable. */
function isAboutLine(error: unknown): error is Error {
  if (error instanceof RequestError) return error.code === 'BAD_USER_INPUT';
  return error instanceof InvalidInputError || error instanceof SyntaxError;
}

/** The same line has the same key in every run. */
function keyOf(text: string): string {
  return `provision-users-${createHash('sha256').update(text).digest('hex')}`;
}

async function* readLines(path: string): AsyncGenerator<Line, void, undefined> {
  const file = await open(path);
  let number = 0;
  for await (const text of file.readLines()) {
    number += 1;
    if (text.trim()) yield { number, text };
  }
}

function report({ created, existing, refused }: Record<Outcome, number>): void {
  console.log(`${created} created, ${existing} there already, ${refused} refused`);
}
