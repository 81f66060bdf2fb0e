/**
 * The order of a command: scope -> parse -> hooks -> prepare -> transaction { replay? -> run ->
 * audit and outbox rows -> COMMIT } -> wake the readers. The last rows and COMMIT leave in one write.
 */
import type { z } from 'zod';
import { refusal } from '#kernel/access.ts';
import type { Context } from '#kernel/context.ts';
import { DomainError, InvalidInput } from '#kernel/errors.ts';
import type { EventDraft } from '#kernel/events/event.ts';
import { type EventRow, prepareEvents, writeEvents } from '#kernel/events/record.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { CommandDefinition, InputSchema } from './command.ts';
import { commandAccess } from './command-access.ts';
import { idempotency } from './idempotency.ts';

export async function runCommand<In extends InputSchema, Out, Ready>(
  definition: CommandDefinition<In, Out, Ready>,
  ctx: Context,
  raw: unknown,
): Promise<Out> {
  const stop = ctx.metrics.startCommand(definition.name);
  let parsed: z.output<In> | undefined;
  try {
    authorise(definition, ctx);
    const input = parse(definition.input, raw);
    parsed = input;
    await ctx.hooks.before(ctx, definition.name, input);
    const ready = (await definition.prepare?.(ctx, input)) as Ready;
    const out = await transact(definition, ctx, raw, input, ready);
    ctx.outbox.wake();
    stop('success');
    return out;
  } catch (error) {
    stop(error instanceof DomainError ? 'refused' : 'failed');
    const targets = parsed === undefined ? [] : (definition.refusedTargets?.(parsed) ?? []);
    if (!(error instanceof DomainError))
      await ctx.refusals.recordFailure(ctx, definition.name, targets);
    else if (!(error instanceof InvalidInput) && error.status < 500)
      await ctx.refusals.record(ctx, definition.name, error.code, targets);
    throw error;
  }
}

function authorise(
  definition: Pick<CommandDefinition, 'name' | 'scope' | 'maxAge' | 'access'>,
  ctx: Context,
): void {
  const refused = refusal(commandAccess(definition), ctx, definition.name);
  if (refused) throw refused;
}

/** zod's issues as one problem a field. */
export function parse<In extends InputSchema>(schema: In, raw: unknown): z.output<In> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data as z.output<In>;
  throw new InvalidInput(
    result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  );
}

async function transact<In extends InputSchema, Out, Ready>(
  definition: CommandDefinition<In, Out, Ready>,
  outer: Context,
  raw: unknown,
  input: z.output<In>,
  ready: Ready,
): Promise<Out> {
  const tenantId =
    typeof definition.tenant === 'function' ? definition.tenant(input) : outer.tenantId;
  const ctx = tenantId === outer.tenantId ? outer : { ...outer, tenantId };
  const replay = idempotency(outer, definition.name, raw);
  const { value } = await ctx.db.transaction(
    async () => {
      const replayed = await replay?.begin<Out>();
      if (replayed) return { value: replayed.value, rows: [], seal: null };
      const value = await run(definition, ctx, input, ready);
      const rows = await prepareEvents(ctx, drafts(definition, value, input));
      if (typeof definition.tenant === 'function' && tenantId !== PLATFORM_TENANT_ID)
        await copyToPlatform(outer, definition, value, input);
      return { value, rows, seal: replay ? replay.seal(value) : null };
    },
    {
      tenantId,
      beforeCommit: ({ rows, seal }: Written<Out>) => [
        ...(rows.length > 0 ? [writeEvents(ctx, rows)] : []),
        ...(seal && replay ? [replay.finish(seal)] : []),
      ],
    },
  );
  return value;
}

interface Written<Out> {
  readonly value: Out;
  readonly rows: readonly EventRow[];
  readonly seal: Buffer | null;
}

/** What the platform does to a tenant stands in both logs: the tenant's and the platform's. */
async function copyToPlatform<In extends InputSchema, Out, Ready>(
  ctx: Context,
  definition: CommandDefinition<In, Out, Ready>,
  value: Out,
  input: z.output<In>,
): Promise<void> {
  const rows = await prepareEvents(ctx, drafts(definition, value, input), PLATFORM_TENANT_ID);
  await ctx.db.inTenant(PLATFORM_TENANT_ID, () => writeEvents(ctx, rows));
}

function drafts<In extends InputSchema, Out, Ready>(
  definition: CommandDefinition<In, Out, Ready>,
  value: Out,
  input: z.output<In>,
): EventDraft[] {
  const details = definition.details?.(value, input);
  return [
    {
      type: definition.name,
      targets: definition.targets(value, input),
      ...(definition.severity ? { severity: definition.severity } : {}),
      ...(details ? { details } : {}),
    },
    ...(definition.also?.(value, input) ?? []),
  ];
}

async function run<In extends InputSchema, Out, Ready>(
  definition: CommandDefinition<In, Out, Ready>,
  ctx: Context,
  input: z.output<In>,
  ready: Ready,
): Promise<Out> {
  try {
    return await definition.run(ctx, input, ready);
  } catch (error) {
    if (error instanceof DomainError && error.status < 500 && !declared(definition, error))
      throw new Error(`${definition.name} threw ${error.code}, which it does not declare`, {
        cause: error,
      });
    throw error;
  }
}

/** Bad input may be found late, by a rule that needs the database; it is always declared. */
function declared(definition: Pick<CommandDefinition, 'errors'>, error: DomainError): boolean {
  return error instanceof InvalidInput || definition.errors.some((type) => error instanceof type);
}
