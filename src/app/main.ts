/** The server: configuration from the environment, until SIGTERM or SIGINT. */
import { resolve } from 'node:path';
import { makePairsAhead } from '#features/keys/key-pairs.ts';
import { type Config, ConfigError, loadConfig } from '#kernel/config.ts';
import { ownerConnection } from '#kernel/db/migrate.ts';
import { Unavailable } from '#kernel/errors.ts';
import { createLog, type Log } from '#kernel/log.ts';
import { ensureSecrets } from '#kernel/secrets.ts';
import { loadEngine } from '#protocols/oidc/engine.ts';
import { databaseProblem, failure, folderProblem, listenProblem } from './doctor-advice.ts';
import { start } from './start.ts';

/** What closing may take after the last request: a statement that hangs is given up after 4.5 s. */
const CLOSING_MS = 6_000;
/** After the start, so that it is not felt by those who come first. */
const WARM_UP_MS = 1_000;

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
  if (config.roles.has('web')) setTimeout(() => void warmUp(log), WARM_UP_MS).unref();
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

/** What the first token of all would wait for. */
async function warmUp(log: Log): Promise<void> {
  await Promise.all([loadEngine(), makePairsAhead()]).catch((error: unknown) =>
    log.warn({ err: error }, 'the engine of OAuth was not loaded ahead; it is when it is needed'),
  );
}

/** What stopped the start, one line a problem, naming the variable where one is to blame. */
async function refusal(error: unknown): Promise<readonly string[]> {
  if (error instanceof ConfigError) return error.problems;
  const config = loadConfig(process.env);
  const { port, path, severity } = failure(error);
  const listening =
    config.internalPort !== undefined && port === config.internalPort
      ? { variable: 'INTERNAL_PORT', port }
      : { variable: 'PORT', port: config.port };
  const unheard = listenProblem(config, listening, error);
  if (unheard) return [`${unheard.variable}: ${unheard.says}`];
  if (
    !config.databaseUrl &&
    path !== undefined &&
    resolve(path).startsWith(resolve(config.dataDir))
  )
    return [`DATA_DIR: ${folderProblem(config.dataDir, error)}`];
  const broken = await brokenDatabase(config);
  if (broken !== null) return [broken];
  // It is there by now, or refuses what only the server asks of it.
  if (config.databaseUrl && (error instanceof Unavailable || severity !== undefined))
    return [`DATABASE_URL: ${databaseProblem('DATABASE_URL', config.databaseUrl, error)}`];
  return [error instanceof Error ? error.message : String(error)];
}

/** An error does not tell which of two addresses it came from, so each is tried. */
async function brokenDatabase(config: Config): Promise<string | null> {
  const addresses = {
    MIGRATION_DATABASE_URL: config.migrationDatabaseUrl,
    DATABASE_URL: config.databaseUrl,
  };
  for (const [variable, url] of Object.entries(addresses)) {
    if (url === undefined) continue;
    try {
      await (await ownerConnection({ connectionString: url })).end();
    } catch (error) {
      return `${variable}: ${databaseProblem(variable, url, error)}`;
    }
  }
  return null;
}

main().catch(async (error: unknown) => {
  for (const line of await refusal(error)) console.error(line);
  process.exit(1);
});
