/** Programs that tests start beside their own process. */

/** All that they are given of the test's own environment: where Node is, and what it compiled before. */
export const PROGRAM_ENV: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
};
