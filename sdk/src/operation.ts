/** Owns how a published operation becomes a function. What each one is, is in generated/operations.ts. */
import type { CallArguments, CallOptions, Client } from './client.ts';
import type { TypedDocument } from './document.ts';
import { type Problem, SignetError } from './errors.ts';

export interface Definition {
  readonly name: string;
  readonly hash: string;
  readonly text: string;
  /** Where its value stands in the data. */
  readonly path: readonly string[];
}

/** The document behind a function: `client.request(listUsers.operation)` answers its whole data. */
export type Operation<Data, Variables> = Definition & TypedDocument<Data, Variables>;

/** The value below `Path`; null where something on the way is. */
export type At<T, Path> = T extends null
  ? null
  : Path extends readonly [infer Step extends keyof T, ...infer Rest]
    ? At<T[Step], Rest>
    : T;

export interface Query<Data, Variables, Path> {
  /** The value of the root field, or the list below it. Throws RequestError. */
  (client: Client, ...rest: CallArguments<Variables>): Promise<At<Data, Path>>;
  readonly operation: Operation<Data, Variables>;
}

export interface Mutation<Data, Variables, Path, Name, Codes> {
  /** What succeeded. Throws the error that the server declares, or RequestError. */
  (client: Client, ...rest: CallArguments<Variables>): Promise<Success<At<Data, Path>>>;
  /** Success and declared errors alike, told apart by `__typename`. Throws RequestError. */
  result(
    client: Client,
    ...rest: CallArguments<Variables>
  ): Promise<Result<At<Data, Path>, Name, Codes>>;
  readonly operation: Operation<Data, Variables>;
}

export interface Subscription<Data, Variables, Path> {
  (
    client: Client,
    ...rest: CallArguments<Variables>
  ): AsyncGenerator<At<Data, Path>, void, undefined>;
  readonly operation: Operation<Data, Variables>;
}

/** What the members of a mutation's union have in common when they are errors. */
type Declared = { readonly __typename: string; readonly code: string };

export type Success<Member> = Exclude<Member, Declared>;

/** The union of a mutation, each member with its `__typename` and each error with its own `code`. */
export type Result<Member, Name, Codes> =
  | (Success<Member> & { readonly __typename: Name })
  | Failure<Member, Codes>;

type Failure<Member, Codes> = Member extends { readonly __typename: infer Type extends keyof Codes }
  ? Member & { readonly code: Codes[Type] }
  : never;

type ErrorClass = new (problem: Problem, requestId: string | null) => SignetError;

interface MutationDefinition extends Definition {
  /** Type of the success envelope. */
  readonly success: string;
  readonly errors: Readonly<Record<string, ErrorClass>>;
}

export function query<Data, Variables, Path>(definition: Definition): Query<Data, Variables, Path> {
  const call = async (client: Client, variables?: unknown, options?: CallOptions) =>
    valueAt<At<Data, Path>>(
      definition,
      (await client.execute<Data>(definition, variables, options)).data,
    );
  return Object.assign(call, { operation: documentOf<Data, Variables>(definition) });
}

export function mutation<Data, Variables, Path, Name extends string, Codes>(
  definition: MutationDefinition,
): Mutation<Data, Variables, Path, Name, Codes> {
  type Member = At<Data, Path>;
  const { success, errors } = definition;
  const send = async (client: Client, variables?: unknown, options?: CallOptions) => {
    const { data, requestId } = await client.execute<Data>(definition, variables, options);
    return { value: valueAt<Success<Member> | (Problem & Declared)>(definition, data), requestId };
  };
  const call = async (client: Client, variables?: unknown, options?: CallOptions) => {
    const { value, requestId } = await send(client, variables, options);
    if (!isDeclared(value)) return value as Success<Member>;
    const Declared = errors[value.__typename];
    // A newer server may declare an error that this version of the SDK has no class for.
    throw Declared
      ? new Declared(value, requestId)
      : new SignetError(value, { status: 200, requestId });
  };
  const result = async (client: Client, variables?: unknown, options?: CallOptions) => {
    const { value } = await send(client, variables, options);
    return { __typename: success, ...value } as Result<Member, Name, Codes>;
  };
  return Object.assign(call, { result, operation: documentOf<Data, Variables>(definition) });
}

export function subscription<Data, Variables, Path>(
  definition: Definition,
): Subscription<Data, Variables, Path> {
  const operation = documentOf<Data, Variables>(definition);
  async function* call(client: Client, ...rest: CallArguments<Variables>) {
    for await (const data of client.subscribe(operation, ...rest))
      yield valueAt<At<Data, Path>>(definition, data);
  }
  return Object.assign(call, { operation });
}

function documentOf<Data, Variables>(definition: Definition): Operation<Data, Variables> {
  return { ...definition, toString: () => definition.text };
}

function valueAt<Value>({ path }: Definition, data: unknown): Value {
  const below = (value: unknown, step: string) =>
    (value as Record<string, unknown> | null)?.[step] ?? null;
  return path.reduce(below, data) as Value;
}

function isDeclared(value: unknown): value is Problem & Declared {
  return typeof value === 'object' && value !== null && '__typename' in value && 'code' in value;
}
