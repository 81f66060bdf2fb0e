/**
 * What the printed contract demands of a caller, read from the directives of schema/schema.graphql
 * and from nothing that enforces them.
 */
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type DocumentNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** Any one of the groups is enough; an empty group is any caller. */
export type Scopes = readonly (readonly string[])[];

type Field = GraphQLField<unknown, unknown>;

export const printed: GraphQLSchema = buildSchema(
  readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'),
);

export function isOpenTo(held: Iterable<string>, scopes: Scopes): boolean {
  const all = new Set(held);
  return scopes.some((group) => group.every((scope) => all.has(scope)));
}

/** `public`: strangers may; `person`: only people who are signed in; `caller`: whoever has a credential. */
export type Audience = 'public' | 'person' | 'caller';

/** For whom a root field is, by its directives. */
export function audienceOf(field: Field): Audience {
  const directives = field.astNode?.directives?.map(({ name }) => name.value) ?? [];
  if (directives.includes('requiresPerson')) return 'person';
  return directives.some((name) => name === 'authenticated' || name === 'requiresScopes')
    ? 'caller'
    : 'public';
}

/** The root fields that strangers may ask. */
export function publicRoots(): readonly string[] {
  const roots = [printed.getQueryType(), printed.getMutationType(), printed.getSubscriptionType()];
  return roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {})
      .filter((field) => audienceOf(field) === 'public')
      .map((field) => `${root?.name}.${field.name}`),
  );
}

/** Everything that a document selects. */
export function demandOfDocument(document: DocumentNode): Scopes {
  let scopes: Scopes = [[]];
  const types = new TypeInfo(printed);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field() {
        const parent = types.getParentType();
        const field = types.getFieldDef();
        if (parent && field && !field.name.startsWith('__'))
          scopes = both(scopes, demandOf(parent, field));
      },
    }),
  );
  return scopes;
}

/** The field's own directive and, when it hands out objects of a type with one rule, that rule. */
export function demandOf(parent: GraphQLNamedType, field: Field): Scopes {
  const own = directiveScopes(parent, field);
  const named = getNamedType(field.type);
  const items = isObjectType(named) ? (named.getFields()['nodes'] ?? null) : null;
  const target = items ? getNamedType(items.type) : named;
  const id = isObjectType(target) ? target.getFields()['id'] : undefined;
  return isObjectType(target) && id ? both(own, directiveScopes(target, id)) : own;
}

/** What meets both. */
export function both(a: Scopes, b: Scopes): Scopes {
  const groups = a.flatMap((group) => b.map((other) => [...new Set([...group, ...other])].sort()));
  return [...new Map(groups.map((group) => [group.join(), group])).values()];
}

function directiveScopes(parent: GraphQLNamedType, field: Field): Scopes {
  const directive = field.astNode?.directives?.find(({ name }) => name.value === 'requiresScopes');
  if (!directive) return [[]];
  const value = directive.arguments?.[0]?.value;
  if (value?.kind !== 'ListValue') throw new Error(`${parent.name}.${field.name}: odd directive`);
  return value.values.map((group) =>
    group.kind === 'ListValue'
      ? group.values.map((one) => ('value' in one ? String(one.value) : ''))
      : [],
  );
}
