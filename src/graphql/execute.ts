/**
 * The one way into the executor. Every door (GraphQL over HTTP, persisted operations, REST) ends
 * here, so that all have the same guards: preflight of the whole document, its cost, masked errors.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { refusal } from '#kernel/access.ts';
import type { Context } from '#kernel/context.ts';
import { BadRequest, type DomainError, TooCostly } from '#kernel/errors.ts';
import { type DocumentPlan, planOf } from './document-plan.ts';
import { maskError, toGraphQLError } from './mask-errors.ts';

export interface Operation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The form of graphql-js `execute` and of a compiled document. */
export type Executor = (
  ctx: Context,
  variables: Readonly<Record<string, unknown>>,
) => Promise<ExecutionResult> | ExecutionResult;

/** How many fields one operation may resolve. */
export const MAX_COST = 100_000;

/** Executes a validated operation. The answer's errors are masked; it never throws. */
export async function executeOperation(
  schema: GraphQLSchema,
  operation: Operation,
  ctx: Context,
  compiled?: Executor,
): Promise<ExecutionResult> {
  const variables = operation.variables ?? {};
  const plan = planOf(schema, operation.document, operation.operationName);
  const refused = await preflight(plan, variables, ctx);
  if (refused) return { errors: [refused] };
  try {
    const result = await (compiled
      ? compiled(ctx, variables)
      : execute({
          schema,
          document: operation.document,
          operationName: operation.operationName ?? null,
          variableValues: variables,
          contextValue: ctx,
        }));
    return maskResult(result, ctx);
  } catch (error) {
    return { errors: [maskError(error, ctx)] };
  }
}

/** Null when the operation may run. A refused command is audited here, since it will not run. */
export async function preflight(
  plan: DocumentPlan | null,
  variables: Readonly<Record<string, unknown>>,
  ctx: Context,
): Promise<GraphQLError | null> {
  if (!plan)
    return toGraphQLError(new BadRequest('operationName must name one operation of the document'));
  let first: DomainError | null = null;
  for (const { access, where, command, introspection } of plan.demands) {
    if (introspection && ctx.config.nodeEnv !== 'production') continue;
    const refused = refusal(access, ctx, where);
    if (!refused) continue;
    // One refused document is one event: the others would say nothing more.
    if (first) continue;
    first = refused;
    if (command) await ctx.refusals.record(ctx, command, refused.code);
    else ctx.refusals.countRead(ctx, where, refused.code);
  }
  const cost = first ? 0 : plan.cost(variables);
  if (cost > MAX_COST)
    first = new TooCostly(
      `The operation may resolve ${cost} fields; at most ${MAX_COST} are allowed. Ask for smaller pages`,
    );
  return first && toGraphQLError(first);
}

export function maskResult(result: ExecutionResult, ctx: Context): ExecutionResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map((error) => maskError(error, ctx)) };
}
