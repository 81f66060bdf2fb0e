/** What commands of operators have in common that work on the data beside the server. */
import { type Config, ConfigError, loadConfig } from '#kernel/config.ts';
import type { KeyConfig } from '#kernel/crypto/configured-keys.ts';
import type { Database } from '#kernel/db/database.ts';
import { findSecrets } from '#kernel/secrets.ts';

/** They print what they have to say. */
export const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The environment's, with the master key where it is kept. Throws `ConfigError`. */
export function readKeyConfig(): KeyConfig {
  const config: Config = loadConfig(process.env);
  const { value: masterKey, file } = findSecrets(config).masterKey;
  if (masterKey) return { ...config, masterKey };
  throw new ConfigError([`MASTER_KEY: ${file} holds no usable key; \`npm run doctor\` says more`]);
}

/** Migrations are a server's. */
export async function upToDate(db: Database): Promise<void> {
  const [pending] = await db.pendingMigrations();
  if (pending) throw new Error(`migration ${pending} is pending; start a server first`);
}
