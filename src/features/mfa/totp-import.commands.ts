/**
 * Seeds of authenticator apps that an older system kept, sealed on the way in. People go on with the
 * app that they have, so they are not written to and stay signed in.
 */

import { z } from 'zod';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeUsers } from '#features/roles/roles.policy.ts';
import { userId } from '#features/users/users.model.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { type FieldProblem, InvalidInput } from '#kernel/errors.ts';
import type { EventDraft } from '#kernel/events/event.ts';
import { told } from '#kernel/events/event-types.ts';
import { addConfirmed, countByUser, openOfKind } from './factors.store.ts';
import { TooManyFactors } from './mfa.errors.ts';
import { type FactorRow, factorName, MAX_FACTORS, MAX_TOTP } from './mfa.model.ts';
import { factorsById } from './mfa.queries.ts';
import { readSeed } from './totp.commands.ts';

const seedForm = z.enum(['BASE64', 'BASE64_OF_BASE32', 'BASE32']).meta({
  id: 'TotpSeedForm',
  description:
    'How seeds are written. BASE64: their bytes in base64. BASE32: as authenticator apps show them. BASE64_OF_BASE32: that text, in base64 once more.',
});

const importedSeed = z
  .strictObject({
    userId,
    name: factorName.optional(),
    secret: z
      .string()
      .regex(/^[A-Za-z0-9+/]{16,400}={0,6}$/, 'must be base64 or base32 of 10 to 64 bytes')
      .describe('The seed: 10 to 64 bytes.'),
  })
  .meta({ id: 'ImportedTotpSecret', description: "A user's authenticator app." });

export interface ImportedTotp {
  /** Those that were added. */
  readonly factors: readonly FactorRow[];
  /** How many were there already, with the same seed. */
  readonly known: number;
}

const TYPE = 'mfa.import-totp';

/** One event an item; its row tells of the first, `also` of the others. */
const about = (factor: FactorRow) => [
  { type: 'factor' as const, id: factor.id },
  { type: 'user' as const, id: factor.userId },
];

export const importTotpSecrets = command({
  name: TYPE,
  summary:
    'Adds authenticator apps that an older system knew; they count at once. All of them or none; what is there already stays.',
  scope: 'mfa:write',
  severity: 'WARNING',
  input: z.strictObject({
    form: seedForm.optional().describe('How the seeds are written; BASE64 when left out.'),
    items: z.array(importedSeed).min(1).max(500).describe('At most 500.'),
  }),
  errors: [TooManyFactors, OutranksCaller],
  targets: ({ factors: [first] }: ImportedTotp) => (first ? about(first) : []),
  about: ['factor', 'user'],
  tells: {
    imported: told.count.optional().describe('Of all; in the first of their events.'),
    known: told.count
      .optional()
      .describe('Those that were there before; in the first of their events.'),
  },
  details: ({ factors, known }) => ({ imported: factors.length, known }),
  also: ({ factors: [, ...others] }): EventDraft[] =>
    others.map((factor) => ({ type: TYPE, severity: 'WARNING', targets: about(factor) })),
  async run(ctx, { form = 'BASE64', items }): Promise<ImportedTotp> {
    const seeds = items.map(({ secret }) => readSeed(secret, form));
    refuse(seeds, (seed) => seed === null, 'secret', `is no ${form} of 10 to 64 bytes`);
    const users = await lockUsers(
      ctx,
      items.map((item) => item.userId),
    );
    refuse(items, (item) => !users.has(item.userId), 'userId', 'is no user of this tenant');
    await assertMayChangeUsers(ctx, [...users]);
    const apps = await openOfKind(ctx, [...users], 'TOTP');
    const counts = await countByUser(ctx, [...users]);
    const ids: string[] = [];
    for (const [n, { userId: owner, name = 'Authenticator' }] of items.entries()) {
      const seed = seeds[n] as Buffer;
      const own = apps.get(owner) ?? [];
      if (own.some((known) => known.equals(seed))) continue;
      const count = counts.get(owner) ?? 0;
      if (own.length >= MAX_TOTP) throw new TooManyFactors(MAX_TOTP);
      if (count >= MAX_FACTORS) throw new TooManyFactors(MAX_FACTORS);
      ids.push(await addConfirmed(ctx, { userId: owner, kind: 'TOTP', name, secret: seed }));
      apps.set(owner, [...own, seed]);
      counts.set(owner, count + 1);
    }
    const added = new Map((await factorsById(ctx, ids)).map((row) => [row.id, row]));
    const factors = ids.map((id) => added.get(id) as FactorRow);
    return { factors, known: items.length - ids.length };
  },
});

/** In one order everywhere, so that two imports never wait for each other. */
async function lockUsers(ctx: Context, ids: readonly string[]): Promise<Set<string>> {
  const rows = await ctx.db.query<{ id: string }>(
    `SELECT id FROM users WHERE tenant_id = $1 AND id = ANY ($2::uuid[])
     ORDER BY id FOR NO KEY UPDATE`,
    [ctx.tenantId, ids],
  );
  return new Set(rows.map(({ id }) => id));
}

function refuse<T>(
  items: readonly T[],
  isWrong: (item: T) => boolean,
  field: string,
  message: string,
): void {
  const problems = items.flatMap((item, n): FieldProblem[] =>
    isWrong(item) ? [{ path: `items.${n}.${field}`, message }] : [],
  );
  if (problems.length > 0) throw new InvalidInput(problems);
}
