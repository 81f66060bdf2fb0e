/** What an operation selects of one object type, with its fragments laid open. */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

export interface SelectedField {
  /** Its name in the answer: the alias, or the field's own. */
  readonly key: string;
  readonly name: string;
  readonly type: GraphQLOutputType;
  readonly description: string;
  /** What is selected of it, from every place that names it. */
  readonly sets: readonly SelectionSetNode[];
}

/** In the order of selection; `__typename` is left out. */
export function selectedFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
): readonly SelectedField[] {
  const found = new Map<string, SelectedField>();
  for (const node of fieldNodes(schema, document, sets, type)) {
    const field = type.getFields()[node.name.value];
    if (!field) continue;
    const key = node.alias?.value ?? node.name.value;
    const inner = node.selectionSet ? [node.selectionSet] : [];
    found.set(key, {
      key,
      name: field.name,
      type: field.type,
      description: field.description?.split('\n\nRequires ')[0] ?? '',
      sets: [...(found.get(key)?.sets ?? []), ...inner],
    });
  }
  return [...found.values()];
}

/** Whether the answer says what type an object of this type is. */
export function selectsTypename(
  schema: GraphQLSchema,
  document: DocumentNode,
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
): boolean {
  return fieldNodes(schema, document, sets, type).some(
    (node) => node.name.value === '__typename' && !node.alias,
  );
}

/** The fragment that a selection consists of, when it is nothing but one fragment on its own type. */
export function soleFragment(sets: readonly SelectionSetNode[]): string | null {
  const [set, ...more] = sets;
  const [selection, ...others] = set?.selections ?? [];
  if (more.length > 0 || others.length > 0 || selection?.kind !== Kind.FRAGMENT_SPREAD) return null;
  return selection.name.value;
}

function fieldNodes(
  schema: GraphQLSchema,
  document: DocumentNode,
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
): FieldNode[] {
  return sets
    .flatMap((set) => set.selections)
    .flatMap((selection): FieldNode[] => {
      if (selection.kind === Kind.FIELD) return [selection];
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : fragmentOf(document, selection.name.value);
      const condition = fragment.typeCondition?.name.value;
      if (condition && !covers(schema, schema.getType(condition), type)) return [];
      return fieldNodes(schema, document, [fragment.selectionSet], type);
    });
}

function fragmentOf(document: DocumentNode, name: string) {
  const fragment = document.definitions.find(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
  );
  if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) throw new Error(`no fragment ${name}`);
  return fragment;
}

function covers(
  schema: GraphQLSchema,
  condition: GraphQLNamedType | undefined,
  type: GraphQLObjectType,
): boolean {
  return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
}
