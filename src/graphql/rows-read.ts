/**
 * Which properties of a list's rows its selection reads, so that the other columns stay where they
 * are. Told by the fields themselves: a field that exposes a property reads that one, a field that
 * was declared with `reads` reads the one that it names, any other may read everything.
 */
import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** The extensions of a field whose resolver reads only this property of its object. */
export function reads(property: string) {
  return { reads: property };
}

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'returnType'>;

const known = new WeakMap<FieldNode, readonly string[] | null>();

/** For the resolver of a connection; undefined when every property may be read. */
export function rowsRead(info: Info): readonly string[] | undefined {
  const [node] = info.fieldNodes;
  // Two mentions of one field are merged; that is rare enough to read everything.
  if (!node || info.fieldNodes.length > 1) return undefined;
  let found = known.get(node);
  if (found === undefined) {
    found = readBy(info, node);
    known.set(node, found);
  }
  return found ?? undefined;
}

function readBy(info: Info, node: FieldNode): readonly string[] | null {
  const connection = getNamedType(info.returnType);
  if (!isObjectType(connection)) return null;
  const rows = fieldsIn(info, node.selectionSet).flatMap((field) =>
    field.name.value === 'edges'
      ? fieldsIn(info, field.selectionSet).filter((inner) => inner.name.value === 'node')
      : field.name.value === 'nodes'
        ? [field]
        : [],
  );
  const row = getNamedType(connection.getFields()['nodes']?.type);
  if (!isObjectType(row)) return null;
  const read = rows
    .flatMap((field) => fieldsIn(info, field.selectionSet))
    .filter((field) => field.name.value !== '__typename')
    .map((field) => propertyOf(row, field.name.value));
  return read.includes(null) ? null : [...new Set(read as string[])];
}

function propertyOf(type: GraphQLObjectType, name: string): string | null {
  const { reads: told, pothosExposedField: exposed } = type.getFields()[name]?.extensions ?? {};
  const property = told ?? exposed;
  return typeof property === 'string' ? property : null;
}

/** Every field of the selection, those of its fragments too. */
function fieldsIn(info: Info, set: SelectionSetNode | undefined): FieldNode[] {
  return (set?.selections ?? []).flatMap((selection): FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : info.fragments[selection.name.value]?.selectionSet;
    return fieldsIn(info, inner);
  });
}
