/** Tries a mutation and answers whatever came of it, flat: tests of refusals read better so. */
import type { Caller } from './as.ts';

export interface Refused {
  /** Of the union's error, else of the first top-level error; undefined when it succeeded. */
  readonly code?: string;
  readonly message?: string;
  /** Of INVALID_INPUT. */
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
}

/** `selection` is of the success. `mutate(acme, 'createUser', { email }, 'user { id }')`. */
export async function mutate<T = object>(
  caller: Pick<Caller, 'gql'>,
  mutation: string,
  input: object,
  selection = '__typename',
  headers: Readonly<Record<string, string>> = {},
): Promise<T & Refused> {
  const answer = await caller.gql<Record<string, T & Refused>>(
    mutationDocument(mutation, selection),
    { input },
    headers,
  );
  const [error] = answer.errors ?? [];
  if (error) return { code: answer.code, message: error.message } as T & Refused;
  return answer.data?.[mutation] as T & Refused;
}

export function mutationDocument(mutation: string, selection = '__typename'): string {
  const name = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  return `mutation Try($input: ${name}Input!) { ${mutation}(input: $input) {
    ... on ${name}Success { ${selection} }
    ... on Error { code message }
    ... on InvalidInputError { fields { path message } }
  } }`;
}
