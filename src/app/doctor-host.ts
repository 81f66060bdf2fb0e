/** The doctor's look at this machine: runtime, addresses, files, disk. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '#kernel/config.ts';
import { type FoundSecret, findSecrets } from '#kernel/secrets.ts';
import { folderProblem } from './doctor-advice.ts';
import type { Finding } from './doctor-finding.ts';

const OLDEST_NODE = 24;
const MIB = 2 ** 20;
const DISK_MIB = { warn: 1024, fail: 64 };

export function examineHost(config: Config): Finding[] {
  const findings = [node(), publicUrl(config)];
  if (config.databaseUrl) return findings;
  const folder = dataFolder(config);
  // What is in a folder that cannot be used is not asked.
  if (folder.state === 'fail') return [...findings, folder];
  return [...findings, folder, ...keyFiles(config), disk(config.dataDir)];
}

function node(): Finding {
  const check = 'node';
  const { node: version } = process.versions;
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return { check, state: 'ok', says: version };
  const says = `${version} is too old; install Node ${OLDEST_NODE} or later`;
  return { check, state: 'fail', says };
}

/** People's browsers send credentials to it, and tokens name it. */
function publicUrl({ publicUrl: url, nodeEnv }: Config): Finding {
  const check = 'public URL';
  if (nodeEnv !== 'production' || url.startsWith('https://'))
    return { check, state: 'ok', says: url };
  const says = `${url} is not https; set PUBLIC_URL to the https origin that clients see`;
  return { check, state: 'fail', says };
}

/** Asks the system, and writes nothing: the first start makes the folder. */
function dataFolder({ dataDir }: Config): Finding {
  const check = 'data folder';
  const folder = nearest(resolve(dataDir));
  try {
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is no folder`);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return { check, state: 'ok', says: existsSync(dataDir) ? dataDir : `made in ${folder}` };
  } catch (error) {
    const says = `${folderProblem(dataDir, error)}; set DATA_DIR to a folder of the server's own`;
    return { check, state: 'fail', says };
  }
}

function keyFiles(config: Config): Finding[] {
  const { internalKey, masterKey } = findSecrets(config);
  const hasData = existsSync(join(config.dataDir, 'db'));
  const lost =
    masterKey.missing && hasData
      ? `${masterKey.file} is missing, and the data in ${config.dataDir} needs it; restore it from a backup before the next start`
      : null;
  return [
    keyFile('internal key', 'INTERNAL_KEY', internalKey, null),
    keyFile('master key', 'MASTER_KEY', masterKey, lost),
  ];
}

function keyFile(
  check: string,
  variable: string,
  { file, missing, problem }: FoundSecret<unknown>,
  lost: string | null,
): Finding {
  if (file === null) return { check, state: 'ok', says: 'given by the environment' };
  if (lost !== null) return { check, state: 'fail', says: lost };
  if (missing) return { check, state: 'ok', says: `${file} is made by the next start` };
  if (problem !== null) {
    const says = `${file} ${problem}; restore it from a backup, or set ${variable}`;
    return { check, state: 'fail', says };
  }
  const others = statSync(file).mode & 0o077;
  if (others === 0) return { check, state: 'ok', says: `in ${file}` };
  return { check, state: 'warn', says: `${file} can be read by others; chmod 600 ${file}` };
}

function disk(dataDir: string): Finding {
  const check = 'disk';
  const { bavail, bsize } = statfsSync(nearest(resolve(dataDir)));
  const free = Math.floor((bavail * bsize) / MIB);
  const says = `${free} MiB free for ${dataDir}`;
  if (free >= DISK_MIB.warn) return { check, state: 'ok', says };
  const state = free < DISK_MIB.fail ? 'fail' : 'warn';
  return { check, state, says: `${says}; make room, or set DATA_DIR to a larger disk` };
}

/** The folder itself, or the one in which it will be made. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}
