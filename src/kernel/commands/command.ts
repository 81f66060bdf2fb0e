/**
 * A command is one change to the world, declared once. Authorisation, parsing, the transaction, the
 * audit record and the outgoing event happen here and cannot be forgotten; GraphQL, REST, SCIM,
 * pages, jobs and the CLI only call it.
 *
 * Its name (`group.create`) is the audit action, the event type, the metric label and the hook name.
 */
import type { z } from 'zod';
import type { Access } from '#kernel/access.ts';
import type { Context } from '#kernel/context.ts';
import type { DomainError } from '#kernel/errors.ts';
import type { EventDraft, Json, Severity, Target } from '#kernel/events/event.ts';
import { declareEvent } from '#kernel/events/event-types.ts';
import type { IdType } from '#kernel/ids.ts';
import { commandAccess } from './command-access.ts';
import { runCommand } from './run-command.ts';

/** An error class with its stable code and status. */
export interface ErrorClass {
  new (...args: never[]): DomainError;
  readonly code: string;
  readonly status: number;
}
/** A zod object, possibly refined; the GraphQL input and the REST body are derived from it. */
export type InputSchema = z.ZodObject;

export interface CommandDefinition<
  In extends InputSchema = InputSchema,
  Out = unknown,
  Ready = unknown,
> {
  /** `noun.verb`, imperative. */
  readonly name: string;
  /** One sentence; the description of the mutation, the route and the SDK function. */
  readonly summary: string;
  /** The one scope that it needs; a person must also have signed in with two factors. */
  readonly scope?: string;
  /** Seconds since a person signed in, beside the scope. */
  readonly maxAge?: number;
  /** Instead of a scope, for what people do for themselves. */
  readonly access?: Access;
  readonly input: In;
  /** Every expected failure of `run`. Throwing one that is not listed is a bug, and answers as one. */
  readonly errors: readonly ErrorClass[];
  readonly severity?: Severity;
  /** Those that its event has where something else records it, such as a job. */
  readonly otherSeverities?: readonly Severity[];
  /**
   * `own` (default): the caller's effective tenant. A function: the tenant that the input names, for
   * platform commands; its rows are bound to it by a transaction-local setting.
   */
  readonly tenant?: 'own' | ((input: z.output<In>) => string);
  /** Slow work outside the transaction: hashing, actions, outbound calls. */
  readonly prepare?: (ctx: Context, input: z.output<In>) => Promise<Ready>;
  readonly run: (ctx: Context, input: z.output<In>, ready: Ready) => Promise<Out>;
  /** What the success is about. */
  readonly targets: (out: Out, input: z.output<In>) => readonly Target[];
  /** What a refusal was about, as far as the input tells. */
  readonly refusedTargets?: (input: z.output<In>) => readonly Target[];
  /** Types of the things that its event may be about; the noun of its name unless told. */
  readonly about?: readonly IdType[];
  /** The shape of `details`, which `schema/events.json` promises. */
  readonly tells?: z.ZodRawShape;
  /** Of that promise; see `EventType.v`. */
  readonly tellsVersion?: number;
  /** For the audit row: never personal data, never a secret. */
  readonly details?: (out: Out, input: z.output<In>) => Readonly<Record<string, Json>>;
  /** Further events, when one change is several. */
  readonly also?: (out: Out, input: z.output<In>) => readonly EventDraft[];
}

export interface Command<In extends InputSchema = InputSchema, Out = unknown> {
  (ctx: Context, input: unknown): Promise<Out>;
  readonly definition: Omit<
    CommandDefinition<In, Out, never>,
    'run' | 'prepare' | 'tenant' | 'targets' | 'refusedTargets' | 'details' | 'also' | 'access'
  > & { readonly access: Access };
}

const registry = new Map<string, Command>();

/** Every command, by name. Catalogues, the SDK and the refusal tests are derived from this. */
export function allCommands(): readonly Command[] {
  return [...registry.values()].sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
}

const protocolErrors = new Set<ErrorClass>();

/** Makes known what a protocol's operations answer, which are no commands. */
export function declareErrors(errors: readonly ErrorClass[]): void {
  for (const error of errors) protocolErrors.add(error);
}

/** Every expected failure that anybody declares. */
export function allErrors(): readonly ErrorClass[] {
  return [...allCommands().flatMap(({ definition }) => definition.errors), ...protocolErrors];
}

export function command<In extends InputSchema, Out, Ready = undefined>(
  definition: CommandDefinition<In, Out, Ready>,
): Command<In, Out> {
  if (registry.has(definition.name))
    throw new Error(`command ${definition.name} is declared twice`);
  declareEventOf(definition);
  const execute = (ctx: Context, input: unknown): Promise<Out> =>
    runCommand(definition, ctx, input);
  const access = commandAccess(definition);
  const made: Command<In, Out> = Object.assign(execute, { definition: { ...definition, access } });
  registry.set(definition.name, made as unknown as Command);
  return made;
}

/** A command may also end by a refusal or by a fault of ours. */
function declareEventOf<In extends InputSchema, Out, Ready>(
  definition: CommandDefinition<In, Out, Ready>,
): void {
  const { name, summary, severity = 'INFO', otherSeverities = [] } = definition;
  const { about, tells, tellsVersion, details } = definition;
  if ((details === undefined) !== (tells === undefined))
    throw new Error(`command ${name} needs both details and tells, or neither`);
  declareEvent({
    name,
    summary,
    results: ['SUCCESS', 'REFUSED', 'FAILED'],
    severity: [severity, ...otherSeverities],
    ...(about ? { about } : {}),
    ...(tells ? { tells } : {}),
    ...(tellsVersion ? { v: tellsVersion } : {}),
  });
}
