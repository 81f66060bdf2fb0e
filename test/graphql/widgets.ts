/** A toy graph for the façade: widgets in memory, with the access extensions of the real builder. */
import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { errorClasses } from '#graphql/rest/error-statuses.ts';
import type { Access } from '#kernel/access.ts';
import {
  DomainError,
  InvalidId,
  InvalidInput,
  NotFound,
  RateLimited,
  VersionMismatch,
} from '#kernel/errors.ts';

export const SDL = /* GraphQL */ `
  interface Error { code: String!  message: String! }
  type FieldProblem { path: String!  message: String! }
  type InvalidInputError implements Error { code: String!  message: String!  fields: [FieldProblem!]! }
  type WidgetTakenError implements Error { code: String!  message: String! }
  type WidgetGoneError implements Error { code: String!  message: String! }
  type VersionMismatchError implements Error { code: String!  message: String! }
  enum Colour { RED BLUE }
  "A thing."
  type Widget { id: ID!  name: String!  colour: Colour!  shade: Colour  version: Int!  parts(first: Int, after: String): PartConnection! }
  type Part { id: ID! }
  type PageInfo { hasNextPage: Boolean!  endCursor: String }
  type PartConnection { nodes: [Part!]!  pageInfo: PageInfo! }
  type WidgetConnection { nodes: [Widget!]!  pageInfo: PageInfo!  totalCount: Int! }
  input WidgetFilter { search: String  colours: [Colour!] }
  type Query {
    "One widget. Null when there is none."
    widget("A widget id." id: ID!): Widget
    "All widgets."
    widgets(filter: WidgetFilter, "How many." first: Int, after: String, last: Int, before: String): WidgetConnection!
    "Fails as it is told."
    fault(kind: String!): Widget
  }
  input CreateWidgetInput { "The name." name: String!  colour: Colour  tags: [String!]  note: String }
  input UpdateWidgetInput { id: ID!  name: String  version: Int }
  input DeleteWidgetInput { id: ID!  version: Int }
  type CreateWidgetSuccess { widget: Widget!  secret: String! }
  type UpdateWidgetSuccess { widget: Widget! }
  type DeleteWidgetSuccess { deletedId: ID! }
  union CreateWidgetResult = CreateWidgetSuccess | WidgetTakenError | InvalidInputError
  union UpdateWidgetResult = UpdateWidgetSuccess | WidgetGoneError | VersionMismatchError | InvalidInputError
  union DeleteWidgetResult = DeleteWidgetSuccess | WidgetGoneError | VersionMismatchError | InvalidInputError
  type Mutation {
    "Creates a widget. Its secret is shown once."
    createWidget(input: CreateWidgetInput!): CreateWidgetResult!
    "Changes a widget."
    updateWidget(input: UpdateWidgetInput!): UpdateWidgetResult!
    "Deletes a widget."
    deleteWidget(input: DeleteWidgetInput!): DeleteWidgetResult!
  }
`;

export const OPERATIONS = /* GraphQL */ `
  fragment WidgetFields on Widget { id name colour shade version }
  query GetWidget($id: ID!) @rest(method: GET, path: "/v1/widgets/{id}", tag: "widgets", etag: "version") {
    widget(id: $id) { ...WidgetFields }
  }
  query ListWidgets($search: String, $colours: [Colour!], $first: Int, $after: String, $last: Int, $before: String)
  @rest(method: GET, path: "/v1/widgets", tag: "widgets") {
    widgets(filter: { search: $search, colours: $colours }, first: $first, after: $after, last: $last, before: $before) {
      nodes { ...WidgetFields } pageInfo { hasNextPage endCursor } totalCount
    }
  }
  query ListParts($id: ID!, $first: Int) @rest(method: GET, path: "/v1/widgets/{id}/parts", tag: "widgets") {
    widget(id: $id) { parts(first: $first) { nodes { id } pageInfo { hasNextPage endCursor } } }
  }
  query Fault($kind: String!) @rest(method: GET, path: "/v1/faults/{kind}", tag: "widgets") { fault(kind: $kind) { id } }
  query ListAll($first: Int) @rest(method: GET, path: "/internal/v1/everything", tag: "platform") {
    widgets(first: $first) { nodes { id } pageInfo { hasNextPage endCursor } }
  }
  mutation CreateWidget($input: CreateWidgetInput!)
  @rest(method: POST, path: "/v1/widgets", tag: "widgets", status: 201, location: "/v1/widgets/{id}") {
    createWidget(input: $input) { ... on CreateWidgetSuccess { widget { ...WidgetFields } secret } ...Problem }
  }
  mutation UpdateWidget($input: UpdateWidgetInput!)
  @rest(method: PATCH, path: "/v1/widgets/{id}", tag: "widgets", etag: "version", ifMatch: "version") {
    updateWidget(input: $input) { ... on UpdateWidgetSuccess { widget { ...WidgetFields } } ...Problem }
  }
  mutation DeleteWidget($input: DeleteWidgetInput!)
  @rest(method: DELETE, path: "/v1/widgets/{id}", tag: "widgets", status: 204, ifMatch: "version") {
    deleteWidget(input: $input) { ... on DeleteWidgetSuccess { deletedId } ...Problem }
  }
`;

class WidgetTaken extends DomainError {
  static override readonly code = 'WIDGET_TAKEN';
  static override readonly status = 409;
}
class WidgetGone extends DomainError {
  static override readonly code = 'WIDGET_GONE';
  static override readonly status = 404;
}

export const ERRORS = [...errorClasses(), WidgetTaken, WidgetGone];

interface Widget {
  id: string;
  name: string;
  colour: string;
  shade: string | null;
  version: number;
}

type Args = Readonly<Record<string, unknown>>;

/** The schema; its resolvers keep widgets in memory, w1 (version 3) and w2 at first. */
export function widgetSchema(): GraphQLSchema {
  const schema = buildSchema(SDL);
  const widgets = new Map<string, Widget>(
    ['w1', 'w2'].map((id) => [id, { id, name: id, colour: 'RED', shade: null, version: 3 }]),
  );
  const page = (args: Args) => {
    const { first } = args as { first?: number };
    if (first !== undefined && (first < 1 || first > 100))
      throw new InvalidInput([{ path: 'first', message: 'must be between 1 and 100' }]);
    const nodes = [...widgets.values()].slice(0, first);
    const hasNextPage = nodes.length < widgets.size;
    return {
      nodes,
      totalCount: widgets.size,
      pageInfo: { hasNextPage, endCursor: nodes.at(-1)?.id },
    };
  };
  const readable: Access = { scopes: [['widgets:read']] };
  const writable: Access = { scopes: [['widgets:write']] };
  const field = (type: string, name: string, access: Access, resolve: (args: Args) => unknown) => {
    const found = (schema.getType(type) as ReturnType<GraphQLSchema['getQueryType']>)?.getFields()[
      name
    ];
    if (!found) throw new Error(`${type}.${name}`);
    const all = type === 'Query' ? [access] : [access, readable];
    found.extensions = { access: { all, ...(type === 'Mutation' ? { command: name } : {}) } };
    found.resolve = ((_root, args) => resolve(args)) as GraphQLFieldResolver<unknown, unknown>;
  };
  field('Query', 'widget', readable, ({ id }) => {
    if (!String(id).startsWith('w')) throw new InvalidId('id', 'widget');
    return widgets.get(String(id)) ?? null;
  });
  field('Query', 'widgets', readable, page);
  field('Query', 'fault', 'public', ({ kind }) => {
    throw FAULTS[String(kind)]?.() ?? new Error('the database password is hunter2');
  });
  field('Mutation', 'createWidget', writable, ({ input }) => {
    const {
      name,
      colour = 'RED',
      tags = [],
    } = input as { name: string; colour?: string; tags?: string[] };
    if (name === '' || tags.includes(''))
      return invalid(name === '' ? 'name' : `tags.${tags.indexOf('')}`, 'must not be empty');
    if (widgets.has(name)) return failure(new WidgetTaken('Another widget has this name'));
    const widget = { id: name, name, colour, shade: null, version: 1 };
    widgets.set(name, widget);
    return { __typename: 'CreateWidgetSuccess', widget, secret: 'once' };
  });
  const change = (input: unknown, apply: (widget: Widget) => object) => {
    const { id, version } = input as { id: string; version?: number };
    if (!id.startsWith('w')) return invalid('id', 'must be a widget id');
    const widget = widgets.get(id);
    if (!widget) return failure(new WidgetGone('There is no widget with this id'));
    if (version !== undefined && version !== widget.version)
      return failure(new VersionMismatch('Widget'));
    return apply(widget);
  };
  field('Mutation', 'updateWidget', writable, ({ input }) =>
    change(input, (widget) => {
      Object.assign(widget, {
        name: (input as { name?: string }).name ?? widget.name,
        version: widget.version + 1,
      });
      return { __typename: 'UpdateWidgetSuccess', widget };
    }),
  );
  field('Mutation', 'deleteWidget', writable, ({ input }) =>
    change(input, ({ id }) => {
      widgets.delete(id);
      return { __typename: 'DeleteWidgetSuccess', deletedId: id };
    }),
  );
  const parts = (
    schema.getType('Widget') as ReturnType<GraphQLSchema['getQueryType']>
  )?.getFields()['parts'];
  if (parts)
    parts.resolve = () => ({
      nodes: [{ id: 'p1' }],
      pageInfo: { hasNextPage: false, endCursor: 'p1' },
    });
  return schema;
}

const FAULTS: Readonly<Record<string, () => Error>> = {
  limited: () => new RateLimited({ retryAfter: 7 }),
  missing: () => new NotFound('Widget'),
  undeclared: () =>
    new (class Odd extends DomainError {
      static override readonly code = 'ODD';
    })('odd secret'),
};

function failure(error: DomainError) {
  return { __typename: `${error.constructor.name}Error`, code: error.code, message: error.message };
}

function invalid(path: string, message: string) {
  const error = new InvalidInput([{ path, message }]);
  return { ...failure(error), fields: error.fields };
}
