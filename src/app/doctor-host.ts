/** The doctor's look at this machine: runtime, addresses, files, disk. */
import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '#kernel/config.ts';
import type { Finding } from './doctor-finding.ts';

const OLDEST_NODE = 24;
const MIB = 2 ** 20;
const DISK_MIB = { warn: 1024, fail: 64 };

export function examineHost(config: Config): Finding[] {
  const findings = [node(), publicUrl(config)];
  if (config.databaseUrl) return findings;
  return [...findings, ...keyFiles(config), disk(config.dataDir)];
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

function keyFiles(config: Config): Finding[] {
  const made = existsSync(join(config.dataDir, 'db'));
  const given = { 'internal-key': config.internalKey, 'master-key': config.masterKey };
  return Object.entries(given).map(([file, value]): Finding => {
    const check = file.replace('-', ' ');
    if (value !== undefined) return { check, state: 'ok', says: 'given by the environment' };
    const path = join(config.dataDir, file);
    if (existsSync(path)) return keyFile(check, path);
    if (file === 'master-key' && made) {
      const says = `${path} is missing, and the data in ${config.dataDir} needs it; restore it from a backup before the next start`;
      return { check, state: 'fail', says };
    }
    return { check, state: 'ok', says: `${path} is made by the next start` };
  });
}

function keyFile(check: string, path: string): Finding {
  const others = statSync(path).mode & 0o077;
  if (others === 0) return { check, state: 'ok', says: `in ${path}` };
  return { check, state: 'warn', says: `${path} can be read by others; chmod 600 ${path}` };
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
