/**
 * Prisma over the pool, with corrections. Prisma gathers the `findUnique` calls of a tick into
 * one statement and runs it where the first of them stood: in its tenant's name, for all of them.
 * `findFirst` is never gathered, so it answers in its place. Statements are prepared, under a bounded
 * number of names. A database that is not there is `Unavailable`, as everywhere.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '#prisma/client/client.ts';
import { translated } from './database-errors.ts';
import type { StatementNames } from './statements.ts';
import type { TenantPool } from './tenant-pool.ts';

type Args = Record<string, unknown> & { where?: unknown };

interface Model {
  findFirst(args: Args): Promise<unknown>;
  findFirstOrThrow(args: Args): Promise<unknown>;
}

export function createPrismaClient(pool: TenantPool, names: StatementNames): PrismaClient {
  const adapter = new PrismaPg(pool, { statementNameGenerator: ({ sql }) => names.of(sql) });
  const client = new PrismaClient({
    adapter,
    transactionOptions: { maxWait: 10_000, timeout: 10_000 },
  }).$extends({
    model: {
      $allModels: {
        findUnique(args: Args) {
          return modelOf(this).findFirst(withoutCompound(args));
        },
        findUniqueOrThrow(args: Args) {
          return modelOf(this).findFirstOrThrow(withoutCompound(args));
        },
      },
    },
    query: {
      // Prisma wraps what the pool throws.
      $allOperations: async ({ args, query }) => {
        try {
          return await query(args);
        } catch (error) {
          throw translated(error);
        }
      },
    },
  });
  // The same methods with the same shapes; only the way to the answer differs.
  return client as unknown as PrismaClient;
}

function modelOf(self: unknown): Model {
  return Prisma.getExtensionContext(self) as unknown as Model;
}

/** `{ tenantId_id: { tenantId, id } }`, which only `findUnique` understands, as `{ tenantId, id }`. */
function withoutCompound(args: Args): Args {
  const where: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(args.where ?? {})) {
    if (isCompound(key, value)) Object.assign(where, value);
    else where[key] = value;
  }
  return { ...args, where };
}

/** Prisma names a compound key by its fields: `{ a_b: { a, b } }`. */
function isCompound(key: string, value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const fields = Object.keys(value);
  return fields.length > 1 && fields.toSorted().join() === key.split('_').toSorted().join();
}
