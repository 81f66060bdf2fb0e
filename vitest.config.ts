import { defineConfig } from 'vitest/config';

/** `npm test`: every test file in its own process, two at a time (the figure the README promises is for two cores). */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'sdk/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['test/kit/global-setup.ts'],
  },
});
