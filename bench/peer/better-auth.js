/** better-auth as its documentation sets it up for PostgreSQL, at the cost of hashing that is ours. */

import { createServer } from 'node:http';
import { hash, verify } from '@node-rs/argon2';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';

const COST = { memoryCost: 19456, timeCost: 2, parallelism: 1 };

const options = {
  baseURL: `http://127.0.0.1:${process.env.PORT}`,
  secret: 'the benchmark has nothing to keep secret',
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }),
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password) => hash(password, COST),
      verify: ({ hash: stored, password }) => verify(stored, password),
    },
  },
  // Ours are off or spread as well.
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
};

const { runMigrations } = await getMigrations(options);
await runMigrations();
createServer(toNodeHandler(betterAuth(options))).listen(Number(process.env.PORT), '127.0.0.1');
