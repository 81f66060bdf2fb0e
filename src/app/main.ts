/** The server: configuration from the environment, until SIGTERM or SIGINT. */
import { ConfigError, loadConfig } from '#kernel/config.ts';
import { createLog } from '#kernel/log.ts';
import { ensureSecrets } from '#kernel/secrets.ts';
import { start } from './start.ts';

/** What closing may take after the last request: a statement that hangs is given up after 4.5 s. */
const CLOSING_MS = 6_000;

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const secrets = ensureSecrets(config);
  const log = createLog({ level: config.logLevel, hide: [secrets.internalKey] });
  process.on('unhandledRejection', (error) =>
    log.error({ err: error }, 'a promise was rejected and nobody looked'),
  );
  const running = await start({ ...config, ...secrets }, log);
  log.info(
    {
      listening: running.url,
      graphql: `${config.publicUrl}/graphql`,
      rest: `${config.publicUrl}/v1`,
      docs: `${config.publicUrl}/docs`,
      platform: `${config.internalPort === undefined ? config.publicUrl : running.internalUrl}/internal/v1`,
      ...(secrets.internalKeyFile ? { internalCredentialFile: secrets.internalKeyFile } : {}),
      database: config.databaseUrl ? 'PostgreSQL' : `embedded in ${config.dataDir}`,
    },
    'Signet is ready',
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      log.info({ signal }, 'stopping: requests in flight are finished first');
      // A database that does not answer must not keep the process: nothing acknowledged is at stake.
      setTimeout(
        () => {
          log.error('the stop took too long');
          process.exit(1);
        },
        (config.shutdownDelay + config.shutdownTimeout) * 1000 + CLOSING_MS,
      ).unref();
      running.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'the stop was not clean');
          process.exit(1);
        },
      );
    });
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) for (const problem of error.problems) console.error(problem);
  else console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
