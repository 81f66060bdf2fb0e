/** Signing keys in the graph: never their private parts. */
import { builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { enumOf } from '#graphql/input-types.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, nodeType } from '#graphql/nodes.ts';
import { rotateSigningKeys, updateSigningKeyPolicy } from './keys.commands.ts';
import {
  type SigningKeyPolicyRow,
  type SigningKeyRow,
  type SigningKeyState,
  signingAlg,
  signingKeyState,
} from './keys.model.ts';
import { listSigningKeys, signingKeyPolicyOf, signingKeysById } from './keys.queries.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    SigningKey: SigningKeyRow;
    SigningKeyPolicy: SigningKeyPolicyRow;
  }
}

builder.objectType('SigningKey', {
  description: 'A key by which the tenant signs its tokens, without its private part.',
  ...nodeType({
    name: 'SigningKey',
    idType: 'signingkey',
    access: { scopes: [['keys:read']] },
    tenancy: { tenant: 'tenantId' },
    load: signingKeysById,
  }),
  fields: (t) => ({
    id: t.id({ description: 'Global id.', resolve: globalId('signingkey') }),
    kid: t.exposeString('kid', {
      description: 'Names the key in the header of a token: its thumbprint of RFC 7638.',
    }),
    alg: t.field({
      type: enumOf(signingAlg) as never,
      description: 'How it signs.',
      resolve: (row) => row.alg as never,
    }),
    state: t.field({
      type: enumOf(signingKeyState) as never,
      description: 'Whether it signs, will sign or did.',
      resolve: (row) => row.state as never,
    }),
    publicJwk: t.field({
      type: 'JSONObject',
      description: 'The public key as it is published (RFC 7517).',
      resolve: (row) => ({ ...row.publicJwk }),
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was made, and published.',
    }),
    promotedAt: t.expose('promotedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it began to sign.',
    }),
    retiringAt: t.expose('retiringAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ceased to sign.',
    }),
    retiresAt: t.expose('retiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From when on what it signed is refused.',
    }),
    retiredAt: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its private part was erased.',
    }),
  }),
});

builder.objectType('SigningKeyPolicy', {
  description: "When a tenant's signing keys are replaced.",
  tenancy: { tenant: 'tenantId' },
  access: { scopes: [['keys:read']] },
  fields: (t) => ({
    rotationDays: t.exposeInt('rotationDays', {
      description: 'Days after which a key is replaced by the next one.',
    }),
    overlapSeconds: t.exposeInt('overlapSeconds', {
      description: 'Seconds that what a replaced key signed is still good.',
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
  }),
});

builder.queryFields((t) => ({
  signingKeys: t.field({
    type: connection('SigningKey'),
    accessOf: 'SigningKey',
    access: { scopes: [['keys:read']] },
    description: "The tenant's signing keys, the newest first; retired ones included.",
    args: {
      state: t.arg({
        type: enumOf(signingKeyState) as never,
        description: 'Only keys of this state.',
      }),
      ...pageArguments(t.arg),
    },
    resolve: (_root, { state, ...request }, ctx) =>
      listSigningKeys(ctx, request, state as SigningKeyState | null | undefined) as never,
  }),
  signingKeyPolicy: t.field({
    type: 'SigningKeyPolicy',
    access: { scopes: [['keys:read']] },
    description: "When the tenant's signing keys are replaced.",
    resolve: (_root, _args, ctx) => signingKeyPolicyOf(ctx),
  }),
}));

mutation('rotateSigningKeys', rotateSigningKeys, (t) => ({
  signingKeys: t.field({
    type: ['SigningKey'],
    description: 'The keys that changed: those that sign now, the next ones, those that did.',
    resolve: (rows) => [...rows],
  }),
}));

mutation('updateSigningKeyPolicy', updateSigningKeyPolicy, (t) => ({
  signingKeyPolicy: t.field({
    type: 'SigningKeyPolicy',
    description: 'The policy after the change.',
    resolve: (row) => row,
  }),
}));
