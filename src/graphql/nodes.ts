/**
 * Relay's Node: the prefix of an id says the type, so `node(id:)` needs no table. Features register
 * how one of theirs is read; an id that the caller may not see is answered like one that is not there.
 */

import { type Access, refusal } from '#kernel/access.ts';
import type { Context } from '#kernel/context.ts';
import { InvalidId, InvalidInput } from '#kernel/errors.ts';
import { decodeId, encodeId, type IdType, typeOfId } from '#kernel/ids.ts';
import { isVisible, type Tenancy } from './access.ts';
import { batched } from './batched-pages.ts';
import { builder, type GraphObjects } from './builder.ts';

interface NodeRow {
  readonly id: string;
}

export interface NodeType {
  /** GraphQL's name of it. */
  readonly name: keyof GraphObjects;
  readonly idType: IdType;
  readonly access: Access;
  readonly tenancy: Tenancy;
  /** Those of these uuids that the effective tenant has, in any order; one statement. */
  readonly load: (ctx: Context, ids: readonly string[]) => Promise<readonly NodeRow[]>;
}

const nodeTypes = new Map<IdType, NodeType>();
const typeOfObject = new WeakMap<object, string>();

/** Registers a node type and returns what its object type's options need. */
export function nodeType(type: NodeType) {
  nodeTypes.set(type.idType, type);
  return { interfaces: ['Node' as const], access: type.access, tenancy: type.tenancy };
}

builder.interfaceType('Node', {
  description: 'Anything with a global id.',
  tenancy: 'global',
  access: 'authenticated',
  resolveType: (value) => typeOfObject.get(value as object),
  fields: (t) => ({
    id: t.id({
      description: 'Global id: the type, then a sortable part.',
      resolve: (node) => node.id,
    }),
  }),
});

builder.queryFields((t) => ({
  node: t.field({
    type: 'Node',
    nullable: true,
    access: 'authenticated',
    description: 'Any object by its id; null when there is none that the caller may see.',
    args: { id: t.arg.id({ required: true, description: 'Id of any type.' }) },
    resolve: (_, { id }, ctx) => loadNode(ctx, id) as Promise<{ id: string } | null>,
  }),
  nodes: t.field({
    type: ['Node'],
    nullable: { list: false, items: true },
    access: 'authenticated',
    description:
      'Objects by their ids, in the same order; null for each that the caller may not see.',
    args: { ids: t.arg.idList({ required: true, description: 'At most 100 ids.' }) },
    resolve: (_, { ids }, ctx) =>
      Promise.all(atMost100(ids).map((id) => loadNode(ctx, id))) as Promise<
        ({ id: string } | null)[]
      >,
  }),
}));

/** The uuid behind an id argument. Throws InvalidId when it is malformed or names another type. */
export function idArgument(argument: string, type: IdType, text: string): string {
  const id = decodeId(type, text);
  if (id === null) throw new InvalidId(argument, type);
  return id;
}

/** The `id` field's resolver of a node type. */
export function globalId(type: IdType): (row: { id: string }) => string {
  return (row) => encodeId(type, row.id);
}

async function loadNode(ctx: Context, text: string): Promise<object | null> {
  const idType = typeOfId(text);
  const type = idType ? nodeTypes.get(idType) : undefined;
  if (!idType || !type) throw new InvalidId('id', 'known');
  if (refusal(type.access, ctx, type.name)) return null;
  const load = batched<NodeRow | null>(ctx, `node ${type.name}`, async (ids) => {
    const rows = new Map((await type.load(ctx, ids)).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  });
  const row = await load(idArgument('id', idType, text));
  if (!row || !isVisible(type.tenancy, row, ctx)) return null;
  typeOfObject.set(row, type.name);
  return row;
}

function atMost100(ids: readonly string[]): readonly string[] {
  if (ids.length > 100)
    throw new InvalidInput([{ path: 'ids', message: 'must hold at most 100 ids' }]);
  return ids;
}
