/** The printed catalogues: what is derived from the declarations and promised in `schema/`. */
import {
  type DirectiveNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql';
import { errorStatuses } from '#graphql/rest/error-statuses.ts';
import { allCommands } from '#kernel/commands/command.ts';
import { envelopeSchema, typeSchema } from '#kernel/events/event-schema.ts';
import { allEventTypes } from '#kernel/events/event-types.ts';
import { allScopes } from '#kernel/scopes.ts';
// Declare events that no command does.
import '#kernel/events/refusals.ts';
import '#protocols/oidc/protocol-events.ts';
import '#protocols/oidc/token-exchange.grant.ts';
import type { EventCatalogue } from './published-events.ts';
import './request.ts';

/** The SDL with the access directives applied; graphql-js itself prints only their definitions. */
export function printSdl(schema: GraphQLSchema): string {
  const sorted = lexicographicSortSchema(schema);
  const document = visit(parse(printSchema(sorted)), {
    FieldDefinition(node, _key, _parent, _path, ancestors) {
      const parent = ancestors.findLast((a) => 'kind' in a && 'name' in a) as
        | { name: { value: string } }
        | undefined;
      const type = parent && schema.getType(parent.name.value);
      if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
      const applied = type.getFields()[node.name.value]?.extensions['directives'] as
        | Applied
        | undefined;
      const directives = Object.entries(applied ?? {}).map(directiveNode);
      return directives.length > 0 ? { ...node, directives } : undefined;
    },
  });
  return `${print(document)}\n`;
}

type Applied = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function directiveNode([name, args]: [string, Readonly<Record<string, unknown>>]): DirectiveNode {
  const printed = Object.entries(args).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const text = `type T { f: Int @${name}${printed.length > 0 ? `(${printed.join(', ')})` : ''} }`;
  const [definition] = parse(text).definitions;
  const field = definition?.kind === 'ObjectTypeDefinition' ? definition.fields?.[0] : undefined;
  const node = field?.directives?.[0];
  if (!node) throw new Error(`directive @${name} cannot be printed`);
  return node;
}

/** Every scope with its meaning and what it opens. */
export function scopeCatalogue(): object {
  const commands = allCommands();
  return Object.fromEntries(
    allScopes().map(({ name, description }) => [
      name,
      {
        description,
        commands: commands.filter((c) => c.definition.scope === name).map((c) => c.definition.name),
      },
    ]),
  );
}

/** Every event type with its JSON Schema, and the one of the record that all of them are. */
export function eventCatalogue(): EventCatalogue {
  return {
    envelope: envelopeSchema(),
    events: Object.fromEntries(
      allEventTypes().map((type) => [
        type.name,
        {
          summary: type.summary,
          severity: type.severity[0],
          v: type.v,
          schema: typeSchema(type),
        },
      ]),
    ),
  };
}

/** Every code that a client may meet, with its HTTP status. */
export function errorCatalogue(): object {
  const statuses = [...errorStatuses()].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(statuses.map(([code, status]) => [code, { status }]));
}
