/**
 * Where the REST answer stands inside a GraphQL result, found once from the operation: the object
 * inside a success envelope, the items of a connection, or the root field's own value.
 */
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type SelectionSetNode,
} from 'graphql';
import type { CatalogueOperation } from '#graphql/operations.ts';
import { type SelectedField, selectedFields, selectsTypename } from './selections.ts';

interface Value {
  /** Response keys from `data` to the value. */
  readonly path: readonly string[];
  readonly type: GraphQLOutputType;
  readonly sets: readonly SelectionSetNode[];
  /** What is missing when there is null on the way. */
  readonly notFound: string;
}

export type AnswerPlan = Value &
  (
    | { readonly kind: 'value' }
    /** A connection: `items`, `nextCursor` and whatever else is selected of it. */
    | { readonly kind: 'list'; readonly connection: GraphQLObjectType }
    | {
        readonly kind: 'envelope';
        readonly success: GraphQLObjectType;
        /** The only object in the envelope, if it is always there: laid open beside the envelope's other fields. */
        readonly inner: SelectedField | null;
        readonly errors: readonly GraphQLObjectType[];
      }
  );

/** Throws when the operation selects too little to be answered by REST. */
export function answerPlan(schema: GraphQLSchema, operation: CatalogueOperation): AnswerPlan {
  const root = schema.getRootType(operation.kind);
  const select = (sets: readonly SelectionSetNode[], type: GraphQLObjectType) =>
    selectedFields(schema, operation.document, sets, type);
  const [field] = root ? select([operation.definition.selectionSet], root) : [];
  if (!field) throw new Error(`${operation.name}: no root field`);
  const named = getNamedType(field.type);
  const value = { path: [field.key], type: field.type, sets: field.sets, notFound: named.name };
  if (isUnionType(named)) return envelopePlan(schema, operation, value, named.getTypes());
  return listPlan(select, value) ?? { kind: 'value', ...value };
}

function envelopePlan(
  schema: GraphQLSchema,
  operation: CatalogueOperation,
  value: Value,
  members: readonly GraphQLObjectType[],
): AnswerPlan {
  const errors = members.filter(isErrorType);
  const [success, ...others] = members.filter((member) => !isErrorType(member));
  if (!success || others.length > 0)
    throw new Error(`${operation.name}: a union must have one member that is not an Error`);
  for (const error of errors) {
    const keys = selectedFields(schema, operation.document, value.sets, error).map(
      ({ key }) => key,
    );
    const typed = selectsTypename(schema, operation.document, value.sets, error);
    if (!typed || !keys.includes('code') || !keys.includes('message'))
      throw new Error(`${operation.name}: select ...Problem of ${error.name}`);
  }
  const fields = selectedFields(schema, operation.document, value.sets, success);
  const objects = fields.filter(({ type }) => isCompositeType(getNamedType(type)) && !isList(type));
  const [only] = objects.length === 1 ? objects : [];
  return {
    kind: 'envelope',
    ...value,
    success,
    // What may be null is no resource: laid open, it would leave no trace where it is missing.
    inner: only && isNonNullType(only.type) ? only : null,
    errors,
  };
}

/** Follows objects of which one object only is selected (`group { members { nodes } }`) to a list. */
function listPlan(
  select: (sets: readonly SelectionSetNode[], type: GraphQLObjectType) => readonly SelectedField[],
  value: Value,
): AnswerPlan | null {
  const named = getNamedType(value.type);
  if (!isObjectType(named) || isList(value.type)) return null;
  const fields = select(value.sets, named);
  if (isConnection(named)) {
    const info = fields.find((field) => field.key === 'pageInfo');
    const infoType = info && getNamedType(info.type);
    const infoKeys = isObjectType(infoType)
      ? select(info?.sets ?? [], infoType).map(({ key }) => key)
      : [];
    if (
      !fields.some(({ key }) => key === 'nodes') ||
      !infoKeys.includes('hasNextPage') ||
      !infoKeys.includes('endCursor')
    )
      throw new Error(
        `${value.path.join('.')}: select nodes and pageInfo { hasNextPage endCursor }`,
      );
    return { kind: 'list', ...value, connection: named };
  }
  const [only, ...others] = fields;
  if (!only || others.length > 0) return null;
  const { key, type, sets } = only;
  return listPlan(select, { ...value, path: [...value.path, key], type, sets });
}

/** The fields of an answer that is one object; of an envelope, its object's and then its own. */
export function answerFields(
  schema: GraphQLSchema,
  operation: CatalogueOperation,
  plan: AnswerPlan,
): { readonly own: readonly SelectedField[]; readonly beside: readonly SelectedField[] } {
  const { document } = operation;
  const { inner, type } = plan.kind === 'envelope' ? plan : { inner: null, type: plan.type };
  const object = plan.kind === 'envelope' ? plan.success : getNamedType(type);
  const fields = isObjectType(object) ? selectedFields(schema, document, plan.sets, object) : [];
  if (!inner) return { own: fields, beside: [] };
  const innerType = getNamedType(inner.type);
  const own = isObjectType(innerType)
    ? selectedFields(schema, document, inner.sets, innerType)
    : [];
  return { own, beside: fields.filter((field) => field !== inner && field.key !== inner.key) };
}

function isErrorType(type: GraphQLObjectType): boolean {
  return type.getInterfaces().some(({ name }) => name === 'Error');
}

function isConnection(type: GraphQLObjectType): boolean {
  return type.name.endsWith('Connection');
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type));
}
