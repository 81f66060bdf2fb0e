/**
 * What one operation of a document demands, found once and kept with the document: the access of
 * every field that it selects, and what it costs. Both are checked before any resolver runs, so that
 * a mutation is not executed when a later field would be refused.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import type { Access } from '#kernel/access.ts';
import type { FieldAccess } from './access.ts';
import { introspectionSizes, listSize, type Variables, withDefaults } from './list-sizes.ts';

export interface Demand {
  readonly access: Access;
  /** The first field that demands it, such as `User.email`. */
  readonly where: string;
  /** The command behind it, when a mutation field demands it. */
  readonly command?: string;
  /** The schema itself is read: demanded in production only. */
  readonly introspection?: true;
}

export interface DocumentPlan {
  readonly operation: OperationDefinitionNode;
  readonly demands: readonly Demand[];
  /** How many fields the operation may resolve, with the page sizes that the variables give. */
  cost(variables: Variables): number;
}

/** `each`: once for every item of the list it stands in; `once`: once for the whole list. */
interface Fields {
  readonly each: number;
  readonly once: number;
}

type Cost = (variables: Variables) => Fields;

const plans = new WeakMap<DocumentNode, Map<string, DocumentPlan>>();

/** Null when the document has no such operation (or several and no name was given). */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): DocumentPlan | null {
  const known = plans.get(document) ?? new Map<string, DocumentPlan>();
  plans.set(document, known);
  const key = operationName ?? '';
  const found = known.get(key);
  if (found) return found;
  const plan = makePlan(schema, document, operationName);
  // Names that the document does not have are the caller's inventions, without number.
  if (plan) known.set(key, plan);
  return plan;
}

function makePlan(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): DocumentPlan | null {
  const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
  const operation = operationName
    ? operations.find((o) => o.name?.value === operationName)
    : operations.length === 1
      ? operations[0]
      : undefined;
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) return null;
  const walker = new Walker(schema, document);
  const cost = walker.selections(operation.selectionSet, root);
  return {
    operation,
    demands: [...walker.demands.values()],
    cost: (variables) => {
      const { each, once } = cost(withDefaults(operation, variables));
      return Math.ceil(each + once);
    },
  };
}

class Walker {
  readonly demands = new Map<string, Demand>();
  private readonly schema: GraphQLSchema;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** A fragment is walked once, however often it is spread: its demands and its cost are the same. */
  private readonly walked = new Map<string, Cost>();

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.schema = schema;
    this.fragments = new Map(
      document.definitions
        .filter((d) => d.kind === Kind.FRAGMENT_DEFINITION)
        .map((fragment) => [fragment.name.value, fragment]),
    );
  }

  selections(set: SelectionSetNode, parent: GraphQLNamedType): Cost {
    const costs = set.selections.map((selection): Cost => {
      if (selection.kind === Kind.FIELD) return this.field(selection, parent);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return this.fragment(selection.name.value);
      return this.selections(
        selection.selectionSet,
        this.typeOf(selection.typeCondition?.name.value) ?? parent,
      );
    });
    return (variables) => {
      const all = costs.map((cost) => cost(variables));
      return { each: sum(all.map(({ each }) => each)), once: sum(all.map(({ once }) => once)) };
    };
  }

  private fragment(name: string): Cost {
    const known = this.walked.get(name);
    if (known) return known;
    const fragment = this.fragments.get(name);
    const type = this.typeOf(fragment?.typeCondition.name.value);
    if (!fragment || !type) return () => NOTHING;
    this.walked.set(name, () => NOTHING);
    const cost = oncePerCall(this.selections(fragment.selectionSet, type));
    this.walked.set(name, cost);
    return cost;
  }

  private field(node: FieldNode, parent: GraphQLNamedType): Cost {
    const field =
      isObjectType(parent) || isInterfaceType(parent)
        ? (parent.getFields()[node.name.value] ?? this.introspected(node.name.value))
        : undefined;
    if (!field) return () => ({ each: 1, once: 0 });
    this.demand(
      `${parent.name}.${field.name}`,
      field.extensions['access'] as FieldAccess | undefined,
    );
    const inner = node.selectionSet
      ? this.selections(node.selectionSet, getNamedType(field.type))
      : () => NOTHING;
    const ofSchema = parent.name.startsWith('__') || field.name.startsWith('__');
    const fixed = ofSchema ? introspectionSizes(this.schema).get(field.name) : undefined;
    if (field.name === 'totalCount') return () => COUNT;
    const size = fixed === undefined ? listSize(node, field) : () => fixed;
    return (variables) => {
      const { each, once } = inner(variables);
      return { each: Math.min(LIMIT, 1 + size(variables) * each + once), once: 0 };
    };
  }

  /** `__schema` and `__type` stand on no type's own list of fields. */
  private introspected(name: string) {
    const field = [SchemaMetaFieldDef, TypeMetaFieldDef].find((meta) => meta.name === name);
    if (!field) return undefined;
    const demand = {
      access: 'authenticated',
      where: `Query.${name}`,
      introspection: true,
    } as const;
    this.demands.set('introspection', demand);
    return field;
  }

  private demand(where: string, access: FieldAccess | undefined): void {
    for (const one of access?.all ?? []) {
      const key = JSON.stringify(one) + (access?.command ?? '');
      if (!this.demands.has(key))
        this.demands.set(key, {
          access: one,
          where,
          ...(access?.command ? { command: access.command } : {}),
        });
    }
  }

  private typeOf(name: string | undefined): GraphQLNamedType | undefined {
    return name ? this.schema.getType(name) : undefined;
  }
}

/** Fragments that spread fragments twice each would otherwise be counted 2^n times. */
function oncePerCall(cost: Cost): Cost {
  const known = new WeakMap<object, Fields>();
  return (variables) => {
    const value = known.get(variables) ?? cost(variables);
    known.set(variables, value);
    return value;
  };
}

const NOTHING: Fields = { each: 0, once: 0 };

/** Counting a list reads all of it, whatever its page. */
const COUNT: Fields = { each: 0, once: 1_000 };

function sum(costs: readonly number[]): number {
  return Math.min(
    LIMIT,
    costs.reduce((a, b) => a + b, 0),
  );
}

const LIMIT = Number.MAX_SAFE_INTEGER / 1_000;
