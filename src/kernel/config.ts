/**
 * Owns what an operator can set. One shape holds every key with its default and its meaning; the
 * table in the README is printed from it. A value that cannot be used stops the start: every
 * problem at once, one line each, naming the variable and never repeating what it held.
 */
import { z } from 'zod';
import { keyContradictions, keyShape } from './config-keys.ts';
import { mailContradictions, mailShape } from './config-mail.ts';
import { smsContradictions, smsShape } from './config-sms.ts';
import {
  choice,
  count,
  flagList,
  hostPorts,
  networks,
  origin,
  origins,
  port,
  ports,
  postgresUrl,
  secretText,
  text,
} from './config-values.ts';

const shape = z.object({
  nodeEnv: choice(['development', 'production', 'test'])
    .prefault('development')
    .describe('`production` hides GraphiQL and introspection from strangers.'),
  port: port.prefault('4000').describe('Port of the public doors.'),
  host: text
    .optional()
    .describe('Address to listen on. Default: `127.0.0.1`; in production `0.0.0.0`.'),
  internalPort: port
    .optional()
    .describe('Gives the platform door (`/internal`) a port of its own, and only there.'),
  publicUrl: origin
    .optional()
    .describe(
      'The origin that people and clients see, such as `https://id.example.com`; the only source of links and issuers beside the hosts that tenants have of their own. Default: `http://localhost:PORT`.',
    ),
  databaseUrl: postgresUrl
    .optional()
    .describe('`postgres://...` of PostgreSQL 15 or later. Absent: the embedded database.'),
  migrationDatabaseUrl: postgresUrl
    .optional()
    .describe(
      'The owner’s connection, used by migrations and `npm run audit:archive` only. Default: `DATABASE_URL`.',
    ),
  databasePoolSize: count(1, 500)
    .prefault('10')
    .describe('Connections that one process opens at most.'),
  databasePooling: choice(['session', 'transaction'])
    .prefault('session')
    .describe('`transaction` when PgBouncer pools by transaction in front of the database.'),
  dataDir: text
    .prefault('.data')
    .describe('Folder of the embedded database and of the keys made at its first start.'),
  internalKey: secretText(32)
    .optional()
    .describe(
      'The platform operator’s key, 32 characters or more. Required with `DATABASE_URL`; else made once and written to `DATA_DIR/internal-key`.',
    ),
  ...keyShape,
  roles: flagList(['web', 'jobs'])
    .prefault('web,jobs')
    .describe('What this process does: answers requests (`web`), works through jobs (`jobs`).'),
  trustedProxies: networks
    .prefault('')
    .describe('Proxies whose X-Forwarded-For counts: addresses or CIDR ranges. Default: none.'),
  corsOrigins: origins
    .prefault('')
    .describe('Origins of browsers that may call the API. Default: none but our own.'),
  logLevel: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .prefault('info')
    .describe('The least severe lines that are written.'),
  outboundPorts: ports.prefault('80,443').describe('Ports that outbound requests may go to.'),
  outboundAllow: hostPorts
    .prefault('')
    .describe(
      '`host:port` pairs that outbound requests may reach although they are private. For development and tests.',
    ),
  ...mailShape,
  ...smsShape,
  breachedPasswordsFile: text
    .optional()
    .describe(
      'File of passwords that nobody may choose, one a line, sorted by bytes: SHA-1 as Have I Been Pwned gives it out, or plain. Beside the list that is built in.',
    ),
  auditCheckpointsDir: text
    .optional()
    .describe(
      'Folder outside the database to which every signed checkpoint of the audit log is appended, one file a tenant.',
    ),
  rateLimitPerMinute: count(0, 10_000_000)
    .prefault('6000')
    .describe('Requests a minute of one credential, counted per process. 0: no limit.'),
  rateLimitAnonymousPerMinute: count(0, 10_000_000)
    .prefault('600')
    .describe('Requests a minute of one address (IPv6: /64) without a credential. 0: no limit.'),
  rateLimitPasswordsPerMinute: count(0, 10_000_000)
    .prefault('12000')
    .describe(
      'Passwords that may be wrong in a minute, in all tenants and processes together; then 429 for passwords, while passkeys and sessions go on. 0: no limit.',
    ),
  operationTimeout: count(1, 10)
    .prefault('10')
    .describe('Seconds that one operation may take, at most 10; then it is answered with 503.'),
  shutdownDelay: count(0, 60)
    .prefault('0')
    .describe(
      'Seconds that a stopping process still takes requests while `/readyz` says no, so that balancers see it first.',
    ),
  shutdownTimeout: count(1, 300)
    .prefault('10')
    .describe('Seconds that a stopping process gives to requests in flight.'),
});

type Parsed = z.output<typeof shape>;
type Given = { [key in keyof Parsed]?: string };

/** What the process runs with. Optional keys are absent rather than empty. */
export interface Config extends Omit<Parsed, 'host' | 'publicUrl'> {
  host: string;
  /** An origin without a slash at its end. */
  publicUrl: string;
}

/** The start's refusal; `problems` holds one line a variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Reads the environment. An empty value counts as absent. Throws `ConfigError`. */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const given: Given = {};
  for (const key of shape.keyof().options) {
    const value = env[variable(key)]?.trim();
    if (value) given[key] = value;
  }
  const parsed = shape.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map(line);
  problems.push(...contradictions(given));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const { data } = parsed;
  return {
    ...data,
    host: data.host ?? (data.nodeEnv === 'production' ? '0.0.0.0' : '127.0.0.1'),
    publicUrl: data.publicUrl ?? `http://localhost:${data.port}`,
  };
}

export interface ConfigRow {
  name: string;
  /** Null when there is none, or when the meaning tells it. */
  fallback: string | null;
  meaning: string;
}

/** The rows of the README's table, in the order of the shape. */
export function configTable(): ConfigRow[] {
  const { properties = {} } = z.toJSONSchema(shape, { io: 'input' });
  return Object.entries(properties).map(([key, property]) => {
    const { default: fallback, description = '' } =
      typeof property === 'object' ? property : { default: undefined };
    return { name: variable(key), fallback: String(fallback ?? '') || null, meaning: description };
  });
}

function variable(key: string): string {
  return key.replace(/[A-Z]/g, '_$&').toUpperCase();
}

function line(issue: z.core.$ZodIssue): string {
  return `${variable(String(issue.path[0]))}: ${issue.message}`;
}

function contradictions(given: Given): string[] {
  const found: string[] = [];
  const needs = (key: keyof Given, what: string, how: string) => {
    if (!given[key]) found.push(`${variable(key)}: must be set ${what}; ${how}`);
  };
  if (given.databaseUrl) {
    // Two instances would otherwise make two keys, each unable to read the other's data.
    const why = 'together with DATABASE_URL';
    needs('internalKey', why, 'make one with `openssl rand -hex 32`');
    needs('masterKey', why, 'make one with `openssl rand -base64 32` and keep a copy of it');
  } else if (given.migrationDatabaseUrl) {
    needs('databaseUrl', 'when MIGRATION_DATABASE_URL is', 'set both, or neither');
  }
  // 0 is any free port: never the same twice.
  const { internalPort, port = '4000' } = given;
  if (internalPort && internalPort !== '0' && internalPort === port) {
    found.push('INTERNAL_PORT: must differ from PORT; leave it out to serve /internal on PORT');
  }
  return [
    ...found,
    ...keyContradictions(given),
    ...mailContradictions(given),
    ...smsContradictions(given),
  ];
}
