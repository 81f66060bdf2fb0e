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

<<<<<<< HEAD
/** Every event type: a command, a step of a protocol, or a refusal at a door. */
export function eventCatalogue(): object {
  const commands = allCommands().map(({ definition }) => [
    definition.name,
    { summary: definition.summary, severity: definition.severity ?? 'INFO' },
  ]);
  const doors = [
    ['session.start', { summary: 'A person signed in.', severity: 'INFO' }],
    ['session.step-up', { summary: 'A person showed again who they are.', severity: 'INFO' }],
    [
      'password.request-reset',
      { summary: 'A link to a new password was asked for.', severity: 'INFO' },
    ],
    ['password.reset', { summary: 'A person chose a new password by a link.', severity: 'NOTICE' }],
    ['user.register', { summary: 'A stranger asked for an account.', severity: 'INFO' }],
    [
      'user.verify-email',
      { summary: 'A person showed that an address is theirs.', severity: 'NOTICE' },
    ],
    ['consent.grant', { summary: 'A person allowed a client something.', severity: 'NOTICE' }],
    ['invitation.accept', { summary: 'A person chose their first password.', severity: 'NOTICE' }],
    ['signing-key.create', { summary: 'A signing key was made, and published.', severity: 'INFO' }],
    [
      'signing-key.retire',
      { summary: 'A signing key was retired when its overlap was over.', severity: 'NOTICE' },
    ],
    [
      'token.issue',
      { summary: 'A client got tokens; without a person, counted per minute.', severity: 'INFO' },
    ],
    ['token.revoke', { summary: 'A client took a token of its own back.', severity: 'INFO' }],
    [
      'grant.revoke',
      { summary: 'A grant ended with all its tokens: revoked, or used twice.', severity: 'INFO' },
    ],
    [
      'log-stream.disable',
      { summary: 'A log stream stopped itself; details say why.', severity: 'WARNING' },
    ],
    [
      'client.authenticate',
      { summary: 'A client was refused at the issuer.', severity: 'WARNING' },
    ],
    ['token.exchange', { summary: 'Somebody got a token to act for a person.', severity: 'INFO' }],
    ['field.read', { summary: 'A field was not shown; counted per minute.', severity: 'WARNING' }],
    ['credential.verify', { summary: 'A credential was refused at a door.', severity: 'WARNING' }],
  ];
  return Object.fromEntries(
    [...commands, ...doors].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
=======
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
>>>>>>> 6106561c3651eb10b30cd0b8ddb1f75b7e6f3f9a
}

/** Every code that a client may meet, with its HTTP status. */
export function errorCatalogue(): object {
  const statuses = [...errorStatuses()].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(statuses.map(([code, status]) => [code, { status }]));
}
