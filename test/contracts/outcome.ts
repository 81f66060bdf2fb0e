/** An answer without the idiom of its door: what it says, so that doors can be compared. */
import type { GraphQLAnswer, RestAnswer } from '../kit/as.ts';
import type { OperationCase } from './routes.ts';

export type Outcome =
  | { readonly ok: unknown }
  | { readonly code: string; readonly message: string; readonly fields: readonly string[] };

type Json = Record<string, unknown>;
interface Refusal {
  readonly __typename?: string;
  readonly code: string;
  readonly message: string;
  readonly fields?: readonly { readonly message: string }[];
}
interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly detail: string }[];
}

/**
 * Codes by which each idiom says that it did not understand, before the operation is known to be
 * meant: GraphQL of its variables, REST of the parts of a request.
 */
const NOT_UNDERSTOOD: Readonly<Record<string, string>> = {
  BAD_USER_INPUT: 'not understood',
  BAD_REQUEST: 'not understood',
};

/** What REST should answer, worked out from what GraphQL answered. */
export function ofGraphQL(
  { operation, route }: OperationCase,
  answer: GraphQLAnswer<Json>,
): Outcome {
  const [error] = answer.errors ?? [];
  if (error) {
    const fields = error.extensions?.['fields'] as Refusal['fields'];
    return refusal(
      String(error.extensions?.code),
      error.message,
      fields?.map((f) => f.message),
    );
  }
  const root = Object.values(answer.data ?? {})[0] as Json | null;
  if (root === null) return { code: 'NOT_FOUND', message: '', fields: [] };
  if (operation.kind === 'mutation') {
    const refused = root as unknown as Refusal;
    if (refused.__typename)
      return refusal(
        refused.code,
        refused.message,
        refused.fields?.map((f) => f.message),
      );
    return { ok: route?.rest.status === 204 ? undefined : laidOpen(root) };
  }
  const list = connectionIn(root);
  if (!list) return { ok: root };
  const { nodes, pageInfo, ...others } = list;
  const { hasNextPage, endCursor } = pageInfo as { hasNextPage: boolean; endCursor: string | null };
  return { ok: { items: nodes, nextCursor: hasNextPage ? endCursor : null, ...others } };
}

export function ofRest(answer: RestAnswer<unknown>): Outcome {
  if (answer.status < 400) return { ok: answer.body };
  const { code, detail, errors } = answer.body as Problem;
  return refusal(
    code,
    detail,
    errors?.map((error) => error.detail),
  );
}

function refusal(code: string, message: string, fields: readonly string[] = []): Outcome {
  const idiom = NOT_UNDERSTOOD[code];
  if (idiom) return { code: idiom, message: '', fields: [] };
  return { code, message: code === 'NOT_FOUND' ? '' : message, fields };
}

/** The only object of the envelope, laid open beside the envelope's other fields. */
function laidOpen(envelope: Json): Json {
  const inner = Object.entries(envelope).filter(([, value]) => isObject(value));
  if (inner.length !== 1) return envelope;
  const [[key, object]] = inner as [[string, Json]];
  const { [key]: _laid, ...others } = envelope;
  return { ...object, ...others };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A root field that is a connection, or an object that holds nothing but one. */
function connectionIn(value: Json): Json | null {
  if ('nodes' in value && 'pageInfo' in value) return value;
  const inner = Object.values(value);
  const [only] = inner;
  return inner.length === 1 && typeof only === 'object' && only ? connectionIn(only as Json) : null;
}
