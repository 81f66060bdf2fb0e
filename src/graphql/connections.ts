/**
 * Relay connections over keyset pages. `connection('User')` makes `UserConnection` and `UserEdge`
 * once; a field's resolver answers a page. Cursors and the total are computed only when selected.
 */
import type { ArgBuilder, ObjectRef } from '@pothos/core';
import type { Page } from '#kernel/db/keyset.ts';
import { type BuilderTypes, builder, type GraphObjects, type PageInfo } from './builder.ts';

type Row<Name extends keyof GraphObjects> = GraphObjects[Name] & object;
type ConnectionRef<Name extends keyof GraphObjects> = ObjectRef<never, Page<Row<Name>>>;

interface Edge<Name extends keyof GraphObjects> {
  readonly page: Page<Row<Name>>;
  readonly node: Row<Name>;
}

builder.objectType('PageInfo', {
  description: 'Where this page stands in its list.',
  tenancy: 'global',
  access: 'public',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      description: 'Whether there is more after endCursor.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether there is more before startCursor.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'Cursor of the first edge, or of where looking ended before it.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'Cursor of the last edge, or of where looking ended beyond it.',
    }),
  }),
});

const made = new Map<string, unknown>();

export function connection<Name extends keyof GraphObjects & string>(
  name: Name,
): ConnectionRef<Name> {
  const known = made.get(name);
  if (known) return known as ConnectionRef<Name>;
  const edge = edgeType(name);
  const ref = builder.objectRef<Page<Row<Name>>>(`${name}Connection`);
  made.set(name, ref);
  ref.implement({
    description: `A page of a list of ${name}.`,
    tenancy: 'global',
    access: 'public',
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        description: 'The items with their cursors.',
        resolve: (page) => page.rows.map((node) => ({ page, node })),
      }),
      nodes: t.field({
        type: [name] as never,
        description: 'The items without their cursors.',
        resolve: (page) => [...page.rows] as never,
      }),
      pageInfo: t.field({
        type: 'PageInfo',
        description: 'How to go on from here.',
        resolve: pageInfo,
      }),
      totalCount: t.int({
        description: 'How many items the whole list has; counted only when selected.',
        resolve: (page) => page.total(),
      }),
    }),
  });
  return ref as unknown as ConnectionRef<Name>;
}

/** The arguments of every connection; the defaults and bounds are those of `#kernel/db/keyset.ts`. */
export function pageArguments(arg: ArgBuilder<BuilderTypes>) {
  return {
    first: arg.int({
      description: 'How many from the front, 1 to 100; 20 when neither first nor last is given.',
    }),
    after: arg.string({ description: 'Only what follows this cursor.' }),
    last: arg.int({ description: 'How many from the end, 1 to 100. Not together with first.' }),
    before: arg.string({ description: 'Only what precedes this cursor.' }),
  };
}

function edgeType<Name extends keyof GraphObjects & string>(name: Name) {
  return builder.objectRef<Edge<Name>>(`${name}Edge`).implement({
    description: `An item of a list of ${name}, with its cursor.`,
    tenancy: 'global',
    access: 'public',
    fields: (t) => ({
      cursor: t.string({
        description: 'Where this item stands; for after and before.',
        resolve: ({ page, node }) => page.cursor(node),
      }),
      node: t.field({
        type: name as never,
        description: 'The item.',
        resolve: ({ node }) => node as never,
      }),
    }),
  });
}

function pageInfo<R>(page: Page<R>): PageInfo {
  const first = page.first ?? page.rows[0];
  const last = page.last ?? page.rows.at(-1);
  return {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    get startCursor() {
      return first ? page.cursor(first) : null;
    },
    get endCursor() {
      return last ? page.cursor(last) : null;
    },
  };
}
