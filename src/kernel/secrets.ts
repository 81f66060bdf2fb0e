/**
 * Owns the process's two root secrets. They come from the environment or, with the embedded
 * database only, from two files in DATA_DIR that the first start writes: nothing is shipped with
 * a default. A file appears whole or not at all, and the first of two starts wins.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Reads both secrets and makes the absent ones. Throws `ConfigError` on an unusable file. */
export function ensureSecrets(config: SecretSource): Secrets {
  const embedded = config.databaseUrl === undefined;
  const file = (name: string) => (embedded ? join(config.dataDir, name) : null);
  const internalKeyFile = config.internalKey === undefined ? file('internal-key') : null;
  const masterKeyFile = config.masterKey === undefined ? file('master-key') : null;
  if (internalKeyFile || masterKeyFile) mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });

  const internalText =
    config.internalKey ?? kept(internalKeyFile, () => randomBytes(32).toString('base64url'));
  const internalKey = secretText(32).safeParse(internalText).data;
  const masterKey =
    config.masterKey ??
    key32.safeParse(kept(masterKeyFile, () => randomBytes(32).toString('base64'))).data;

  const problems: string[] = [];
  if (!internalKey) problems.push(unusable('INTERNAL_KEY', internalKeyFile));
  if (!masterKey) problems.push(unusable('MASTER_KEY', masterKeyFile));
  if (!internalKey || !masterKey) throw new ConfigError(problems);
  return { internalKey, masterKey, internalKeyFile, masterKeyFile };
}

function unusable(name: string, file: string | null): string {
  return file === null
    ? `${name}: must be set together with DATABASE_URL`
    : `${name}: ${file} holds no usable key; restore it from a backup, or set ${name}`;
}

function kept(file: string | null, make: () => string): string {
  if (file === null) return '';
  const found = contents(file);
  if (found !== null) return found;
  // A name of its own, then a link: no reader ever sees half a key, and the first link stays.
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, `${make()}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return contents(file) ?? '';
}

function contents(file: string): string | null {
  try {
    const found = readFileSync(file, 'utf8').trim();
    chmodSync(file, 0o600);
    return found;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
