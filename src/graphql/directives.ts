/** The directives that the SDL is printed with, and those that operation documents carry. */
import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLScalarType,
  GraphQLString,
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
  new GraphQLDirective({
    name: 'requiresPerson',
    description: 'The caller must be a person who is signed in, and acts for themselves.',
    locations: [DirectiveLocation.FIELD_DEFINITION],
  }),
  new GraphQLDirective({
    name: 'requiresAuthentication',
    description:
      'A person must have signed in so well and so lately; otherwise the answer is STEP_UP_REQUIRED. Keys are not asked.',
    locations: [DirectiveLocation.FIELD_DEFINITION],
    args: {
      acr: {
        type: GraphQLString,
        description: 'Authentication context class: `mfa` is two factors, or a passkey.',
      },
      maxAge: {
        type: GraphQLInt,
        description: 'Seconds since the person last showed who they are.',
      },
    },
  }),
];
