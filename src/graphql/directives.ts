/** The directives that the SDL is printed with, and those that operation documents carry. */
import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLList,
  GraphQLNonNull,
  GraphQLScalarType,
} from 'graphql';

const scope = new GraphQLScalarType({
  name: 'Scope',
  description:
    'A permission, such as `users:read`. The catalogue of all scopes is schema/scopes.json.',
});

const groupsOfScopes = new GraphQLNonNull(
  new GraphQLList(new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(scope)))),
);

export const accessDirectives: readonly GraphQLDirective[] = [
  new GraphQLDirective({
    name: 'authenticated',
    description: 'The caller must present a credential.',
    locations: [DirectiveLocation.FIELD_DEFINITION],
  }),
  new GraphQLDirective({
    name: 'requiresScopes',
    description: 'The caller must hold every scope of at least one of the groups.',
    locations: [DirectiveLocation.FIELD_DEFINITION],
    args: { scopes: { type: groupsOfScopes } },
  }),
];
