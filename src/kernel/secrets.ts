/**
 * Owns the process's two root secrets. They come from the environment or, with the embedded
 * database only, from two files in DATA_DIR that the first start writes: nothing is shipped with
 * a default. A file appears whole or not at all, and the first of two starts wins.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '#kernel/config.ts';
import { ConfigError } from '#kernel/config.ts';
import { key32, secretText } from '#kernel/config-values.ts';

export interface Secrets {
  internalKey: string;
  /** 32 bytes. */
  masterKey: Buffer;
  /** Where each one is kept; null when the environment gave it. */
  internalKeyFile: string | null;
  masterKeyFile: string | null;
}

/** The configuration once its two root secrets are known. */
export type ReadyConfig = Config & Pick<Secrets, 'internalKey' | 'masterKey'>;

type SecretSource = Pick<Config, 'dataDir' | 'databaseUrl' | 'internalKey' | 'masterKey'>;

/** One of the two as a start would find it. */
export interface FoundSecret<T> {
  /** Null when the environment gives it, or must. */
  readonly file: string | null;
  /** Whether that file is not there. */
  readonly missing: boolean;
  /** Undefined when it is missing or unusable. */
  readonly value: T | undefined;
  /** What is wrong with a file that is there. */
  readonly problem: string | null;
}

interface FoundSecrets {
  readonly internalKey: FoundSecret<string>;
  readonly masterKey: FoundSecret<Buffer>;
}

/** Looks at both secrets; makes and changes nothing. */
export function findSecrets(config: SecretSource): FoundSecrets {
  const { internalKey, masterKey } = config;
  return {
    internalKey: find(config, 'internal-key', internalKey, (text) =>
      secretText(32).safeParse(text),
    ),
    masterKey: find(config, 'master-key', masterKey, (text) => key32.safeParse(text)),
  };
}

function find<T>(
  { dataDir, databaseUrl }: SecretSource,
  name: string,
  given: T | undefined,
  parse: (text: string) => { data?: T | undefined },
): FoundSecret<T> {
  if (given !== undefined || databaseUrl !== undefined)
    return { file: null, missing: false, value: given, problem: null };
  const file = join(dataDir, name);
  try {
    const value = parse(readFileSync(file, 'utf8').trim()).data;
    const problem = value === undefined ? 'holds no usable key' : null;
    return { file, missing: false, value, problem };
  } catch (error) {
    // ENOTDIR: what DATA_DIR names is no folder, which making the file will tell.
    const missing = isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR');
    const problem = missing ? null : `cannot be read (${(error as Error).message})`;
    return { file, missing, value: undefined, problem };
  }
}

/** Reads both secrets and makes the absent ones. Throws `ConfigError` on an unusable file, and on
 * data whose master key is gone: a new one would open nothing of it. */
export function ensureSecrets(config: SecretSource): Secrets {
  // Asked before the key is looked for: a start beside us makes the key first, then the database.
  const hasData = existsSync(join(config.dataDir, 'db'));
  const { internalKey, masterKey } = findSecrets(config);
  if (masterKey.missing && hasData)
    throw new ConfigError([
      `MASTER_KEY: ${masterKey.file} is missing, and the data needs it; restore it from a backup`,
    ]);
  keep(internalKey, 'base64url');
  keep(masterKey, 'base64');
  return usable(findSecrets(config));
}

function usable({ internalKey, masterKey }: FoundSecrets): Secrets {
  if (!internalKey.value || !masterKey.value)
    throw new ConfigError([
      ...(internalKey.value ? [] : [unusable('INTERNAL_KEY', internalKey)]),
      ...(masterKey.value ? [] : [unusable('MASTER_KEY', masterKey)]),
    ]);
  return {
    internalKey: internalKey.value,
    masterKey: masterKey.value,
    internalKeyFile: internalKey.file,
    masterKeyFile: masterKey.file,
  };
}

function unusable(name: string, { file, problem }: FoundSecret<unknown>): string {
  return file === null
    ? `${name}: must be set together with DATABASE_URL`
    : `${name}: ${file} ${problem}; restore it from a backup, or set ${name}`;
}

/** Makes the file if it is missing, and closes it to others. */
function keep({ file, missing, problem }: FoundSecret<unknown>, encoding: BufferEncoding): void {
  if (file === null || problem !== null) return;
  if (missing) make(file, randomBytes(32).toString(encoding));
  chmodSync(file, 0o600);
}

function make(file: string, secret: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // A name of its own, then a link: no reader ever sees half a key, and the first link stays.
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
