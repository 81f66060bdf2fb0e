/**
 * The package as an integrator has it: built, in the node_modules of a folder that knows nothing
 * else of this repository but TypeScript and the types of Node.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

export interface InstalledPackage {
  readonly folder: string;
  /** Puts a file of the integrator into the folder; answers its path. */
  write(name: string, text: string): string;
  /** What the compiler complains of in the folder's own programs; '' when it is content. */
  typecheck(module?: 'nodenext' | 'preserve'): Promise<string>;
  /** Runs a TypeScript program of the folder. */
  start(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Program;
}

interface Program {
  readonly child: ChildProcess;
  /** What it wrote so far, both streams. */
  output(): string;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(ROOT, 'node_modules/.bin/tsc');
const run = promisify(execFile);

export async function installPackage(): Promise<InstalledPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-integrator-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, 'node_modules/@signet/sdk');
  mkdirSync(home, { recursive: true });
  cpSync(join(ROOT, 'sdk/package.json'), join(home, 'package.json'));
  const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies))
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  for (const project of ['tsconfig.build.json', 'tsconfig.audit.json'])
    await run(TSC, ['-p', join(ROOT, 'sdk', project), '--outDir', join(home, 'dist')]);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));

  return {
    folder,
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    async typecheck(module = 'nodenext') {
      const moduleResolution = module === 'nodenext' ? 'nodenext' : 'bundler';
      const typeRoots = [join(ROOT, 'node_modules/@types')];
      const compilerOptions = {
        ...{ target: 'es2023', strict: true, noEmit: true, skipLibCheck: false },
        ...{ module, moduleResolution, types: ['node'], typeRoots },
        ...{ exactOptionalPropertyTypes: true, allowImportingTsExtensions: true },
      };
      const config = join(folder, 'tsconfig.json');
      writeFileSync(config, JSON.stringify({ compilerOptions, include: ['*.ts'] }));
      return run(TSC, ['-p', config]).then(
        () => '',
        (error: { stdout?: string }) => error.stdout || String(error),
      );
    },
    start(name, args, env) {
      const child = spawn(process.execPath, [join(folder, name), ...args], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const chunks: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
      const ended = new Promise<number | null>((resolve, reject) => {
        child.once('error', reject).once('close', resolve);
      });
      return { child, output: () => chunks.join(''), ended };
    },
  };
}
