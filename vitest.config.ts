import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { FullReport } from './test/full-report.ts';
import { LongestFirst } from './test/longest-first.ts';

// Workers and the processes that tests start load the whole program: what Node compiled once it reads again.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'signet-test-compile-cache');

// What tests store is as good as gone when it is written: where there is room in memory, it stays there.
if (process.env['TMPDIR'] === undefined && freeBytes('/dev/shm') > 4 * 2 ** 30)
  process.env['TMPDIR'] = '/dev/shm';

function freeBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Whole counts of races and faults, and what takes minutes; `npm run test:full`. */
const FULL = process.env['TEST_FULL'] === '1';

/** Tests of several processes over one database, which the embedded database cannot serve. */
const POSTGRES_ONLY = ['test/postgres/**'];

/** Tests in a real browser, where there is one: Debian's Chromium, or what CHROMIUM names. */
const BROWSER = existsSync(process.env['CHROMIUM'] ?? '/usr/bin/chromium');

/** `npm test`: two workers, since the figure that the README promises is for two cores. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'sdk/**/*.test.ts', ...(FULL ? ['test/**/*.full.ts'] : [])],
    exclude: [
      '**/node_modules/**',
      ...(process.env['TEST_DATABASE_URL'] ? [] : POSTGRES_ONLY),
      ...(BROWSER ? [] : ['test/browser/**']),
    ],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Files of a worker share what they import, which takes longer than most of their tests: so no
    // file may declare commands, types or scopes beside the program's.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Node runs TypeScript itself; a bundler between would load graphql twice, once a module system.
    experimental: { viteModuleRunner: false },
    globalSetup: ['test/kit/global-setup.ts'],
    reporters: FULL || process.env['TEST_FIGURES'] ? ['default', new FullReport()] : ['default'],
  },
});
