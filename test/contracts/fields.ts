/**
 * Every field of the printed schema as a document that reaches it and nothing else, with what the
 * printed directives demand for it. Derived from schema/schema.graphql and the commands' shapes.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
  type OperationTypeNode,
} from 'graphql';
import { mutationInput } from '#graphql/mutations.ts';
import { allCommands, type Command, type InputSchema } from '#kernel/commands/command.ts';
import { schema as running } from '../../src/app/schema.ts';
import { type Audience, audienceOf, both, demandOf, printed, type Scopes } from './demands.ts';
import { ID_TYPE_OF, type Ids } from './fixtures.ts';
import { sampleInput } from './sample-input.ts';

export interface FieldDocument {
  /** `User.email via Query.user`. */
  readonly name: string;
  readonly kind: OperationTypeNode;
  readonly document: string;
  /** For whom its root field is. */
  readonly audience: Audience;
  /** Any one of the groups is enough; an empty group is any caller. */
  readonly scopes: Scopes;
  /** The input of the mutation that leads to it. */
  readonly input: InputSchema | undefined;
  variables(ids: Ids): Record<string, unknown>;
}

interface Step {
  readonly parent: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
}

type Path = readonly Step[];
/** All of them: each by the shortest path from a root, node types by `node(id:)` too. */
export function fieldDocuments(): readonly FieldDocument[] {
  const paths = shortestPaths();
  const node = printed.getQueryType()?.getFields()['node'] as GraphQLField<unknown, unknown>;
  const byNode: Path = [{ parent: printed.getQueryType() as GraphQLObjectType, field: node }];
  return [...paths].flatMap(([type, path]) => {
    const fields = Object.values(type.getFields());
    const direct = fields.map((field) => documentOf([...path, { parent: type, field }]));
    const isNode = type.getInterfaces().some(({ name }) => name === 'Node');
    const nodes = isNode
      ? fields.map((field) => documentOf([...byNode, { parent: type, field }]))
      : [];
    return [...direct, ...nodes];
  });
}

/** The command of a root mutation field, by what the running schema declares. */
export function commandOf(field: string): Command | undefined {
  const declared = running.getMutationType()?.getFields()[field]?.extensions['access'];
  const name = (declared as { command?: string } | undefined)?.command;
  return allCommands().find(({ definition }) => definition.name === name);
}

/** Breadth first, so that reads are found before writes. */
function shortestPaths(): Map<GraphQLObjectType, Path> {
  const roots = [printed.getQueryType(), printed.getMutationType(), printed.getSubscriptionType()];
  const paths = new Map<GraphQLObjectType, Path>();
  for (const root of roots) {
    if (!root) continue;
    paths.set(root, []);
    const queue = [root];
    for (let type = queue.shift(); type; type = queue.shift())
      for (const field of Object.values(type.getFields()))
        for (const next of objectsOf(field)) {
          if (paths.has(next)) continue;
          paths.set(next, [...(paths.get(type) ?? []), { parent: type, field }]);
          queue.push(next);
        }
  }
  return paths;
}

function objectsOf(field: GraphQLField<unknown, unknown>): readonly GraphQLObjectType[] {
  const type = getNamedType(field.type);
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? printed.getPossibleTypes(type) : [];
}

function documentOf(path: Path): FieldDocument {
  const [first] = path as [Step];
  const last = path.at(-1) as Step;
  const kind = first.parent.name.toLowerCase() as OperationTypeNode;
  const definitions: string[] = [];
  const values: ((ids: Ids) => readonly [string, unknown])[] = [];
  const selection = path.reduceRight((inner, { parent, field }, depth) => {
    const given = field.args.filter(isRequiredArgument).map((argument) => {
      const variable = `${argument.name}${depth}`;
      definitions.push(`$${variable}: ${argument.type}`);
      values.push((ids) => [variable, argumentValue(field, argument, last.parent, ids)]);
      return `${argument.name}: $${variable}`;
    });
    const call = `${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}`;
    const below = inner || (isCompositeType(getNamedType(field.type)) ? '__typename' : '');
    const selected = below ? `${call} { ${below} }` : call;
    return depth === 0 ? selected : `... on ${parent.name} { ${selected} }`;
  }, '');
  const head = definitions.length > 0 ? `${kind} (${definitions.join(', ')})` : kind;
  return {
    name: `${last.parent.name}.${last.field.name} via ${first.parent.name}.${first.field.name}`,
    kind,
    audience: audienceOf(first.field),
    document: `${head} { ${selection} }`,
    scopes: path.map(({ parent, field }) => demandOf(parent, field)).reduce(both, [[]]),
    input: kind === 'mutation' ? mutationInput(first.field.name) : undefined,
    variables: (ids) => Object.fromEntries(values.map((value) => value(ids))),
  };
}

function argumentValue(
  field: GraphQLField<unknown, unknown>,
  argument: GraphQLArgument,
  wanted: GraphQLObjectType,
  ids: Ids,
): unknown {
  const named = getNamedType(argument.type).name;
  const returned = getNamedType(field.type).name;
  const id = ids[ID_TYPE_OF[returned] ?? ID_TYPE_OF[wanted.name] ?? 'user'];
  if (named === 'ID') return argument.name === 'ids' ? [id] : id;
  // The size of a tree: any that holds an event has this one.
  if (named === 'Float') return 1;
  const input = mutationInput(field.name);
  if (argument.name !== 'input' || !input)
    throw new Error(`no value for ${field.name}(${argument.name}:)`);
  return sampleInput(input, ids);
}
