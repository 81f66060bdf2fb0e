/** The rows of clients: all settings at once, whatever they are, and the APIs that go with them. */
import { creatorKind } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { newId } from '#kernel/ids.ts';
import { nameKey } from '#kernel/text.ts';
import type { ClientSettings } from './clients.model.ts';
import { SETTING_COLUMNS } from './clients.queries.ts';
import { clientProblems } from './clients.rules.ts';

/** Throws `InvalidInput`. */
export function assertGood(settings: ClientSettings): void {
  const problems = clientProblems(settings);
  if (problems.length > 0) throw new InvalidInput(problems);
}

/** The id of the new client. */
export async function insertClient(ctx: Context, settings: ClientSettings): Promise<string> {
  const id = newId();
  await ctx.db.query(INSERT, [
    ctx.tenantId,
    id,
    ctx.clock.now(),
    nameKey(settings.name),
    ...valuesOf(settings),
    creatorKind(ctx.actor, ctx.tenantId),
    ctx.actor.id,
  ]);
  return id;
}

export async function writeClient(
  ctx: Context,
  id: string,
  settings: ClientSettings,
): Promise<void> {
  await ctx.db.query(UPDATE, [
    ctx.tenantId,
    id,
    ctx.clock.now(),
    nameKey(settings.name),
    ...valuesOf(settings),
  ]);
}

/** These and no others. Throws `InvalidInput` for an identifier that the tenant does not have. */
export async function storeAudiences(
  ctx: Context,
  id: string,
  identifiers: readonly string[],
): Promise<void> {
  const found = await ctx.db.query<{ identifier: string }>(REPLACE_AUDIENCES, [
    ctx.tenantId,
    id,
    identifiers,
  ]);
  const known = new Set(found.map(({ identifier }) => identifier));
  const unknown = identifiers.findIndex((identifier) => !known.has(identifier));
  if (unknown >= 0)
    throw new InvalidInput([
      { path: `audiences.${unknown}`, message: 'is the identifier of no API resource here' },
    ]);
}

const REPLACE_AUDIENCES = `
WITH wanted AS (
  SELECT id, identifier FROM api_resources WHERE tenant_id = $1 AND identifier = ANY ($3::text[]) FOR KEY SHARE
), gone AS (
  DELETE FROM oauth_client_audiences
  WHERE tenant_id = $1 AND client_id = $2 AND resource_id NOT IN (SELECT id FROM wanted)
), added AS (
  INSERT INTO oauth_client_audiences (tenant_id, client_id, resource_id)
  SELECT $1, $2::uuid, id FROM wanted ON CONFLICT DO NOTHING
)
SELECT identifier FROM wanted`;

const names = Object.keys(SETTING_COLUMNS) as (keyof ClientSettings)[];
const columns = Object.values(SETTING_COLUMNS);
const FIRST_SETTING = 5;
const parameters = columns.map((_, n) => `$${n + FIRST_SETTING}`);
const [byKind, byId] = [columns.length, columns.length + 1].map((n) => `$${n + FIRST_SETTING}`);

function valuesOf(settings: ClientSettings): unknown[] {
  return names.map((name) => settings[name]);
}

const INSERT = `
INSERT INTO oauth_clients (tenant_id, id, created_at, updated_at, name_key, ${columns.join(', ')},
  created_by_kind, created_by_id)
VALUES ($1, $2, $3, $3, $4, ${parameters.join(', ')}, ${byKind}, ${byId})`;

const UPDATE = `
UPDATE oauth_clients SET (updated_at, name_key, ${columns.join(', ')}) = ($3, $4, ${parameters.join(', ')}),
  version = version + 1
WHERE tenant_id = $1 AND id = $2`;
