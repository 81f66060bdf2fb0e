/** Second factors in the graph: a user's for administrators, one's own without any scope. Never a secret. */
import type { ObjectFieldBuilder } from '@pothos/core';
import { batchedPages } from '#graphql/batched-pages.ts';
import { type BuilderTypes, builder } from '#graphql/builder.ts';
import { connection, pageArguments } from '#graphql/connections.ts';
import { enumOf } from '#graphql/input-types.ts';
import { mutation } from '#graphql/mutations.ts';
import { globalId, nodeType } from '#graphql/nodes.ts';
import { reads } from '#graphql/rows-read.ts';
import type { Context } from '#kernel/context.ts';
import { encodeId } from '#kernel/ids.ts';
import { confirmFactor, removeFactor } from './confirmations.commands.ts';
import { enrolFactor, regenerateBackupCodes, sendFactorCode } from './mfa.commands.ts';
import { type FactorRow, factorKind } from './mfa.model.ts';
import { backupCodesLeft, CONFIRMED, factorsById, factorsOf, listFactors } from './mfa.queries.ts';
import { revokeFactors } from './revocations.commands.ts';
import { importTotpSecrets } from './totp-import.commands.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    Factor: FactorRow;
    OwnFactor: FactorRow;
  }
}

const FactorKind = enumOf(factorKind);

function factorFields(t: ObjectFieldBuilder<BuilderTypes, FactorRow>) {
  return {
    id: t.id({ description: 'Global id.', resolve: globalId('factor') }),
    kind: t.field({
      type: FactorKind as never,
      description: 'What it is.',
      resolve: (row) => row.kind as never,
    }),
    name: t.exposeString('name', { description: 'What the person calls it.' }),
    backedUp: t.exposeBoolean('backedUp', {
      nullable: true,
      description: 'Of passkeys: whether there is a copy, such as in an account of the platform.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    confirmedAt: t.expose('confirmedAt', {
      type: 'DateTime',
      description: 'When it was first shown; it counts from then on.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used to sign in.',
    }),
  };
}

builder.objectType('Factor', {
  description: 'A second factor of a user, or a passkey.',
  ...nodeType({
    name: 'Factor',
    idType: 'factor',
    access: { scopes: [['mfa:read']] },
    tenancy: { tenant: 'tenantId' },
    load: factorsById,
  }),
  fields: (t) => ({
    ...factorFields(t),
    userId: t.id({
      description: 'Whose it is.',
      resolve: ({ userId }) => encodeId('user', userId),
    }),
  }),
});

builder.objectType('OwnFactor', {
  description: "One of the caller's own second factors or passkeys, readable without any scope.",
  tenancy: { tenant: 'tenantId' },
  access: 'authenticated',
  fields: factorFields,
});

builder.objectField('User', 'factors', (t) =>
  t.field({
    type: connection('Factor'),
    accessOf: 'Factor',
    description: 'The second factors and passkeys of the user, the oldest first.',
    args: pageArguments(t.arg),
    extensions: reads('id'),
    resolve: (user, request, ctx) => {
      const nested = { shape: factorsOf, column: 'f.user_id', conditions: [CONFIRMED] };
      return batchedPages<FactorRow>(ctx, nested, request)(user.id) as never;
    },
  }),
);

builder.objectFields('Viewer', (t) => ({
  factors: t.field({
    type: connection('OwnFactor'),
    accessOf: 'OwnFactor',
    description: "The caller's own second factors and passkeys, the oldest first; none for keys.",
    args: pageArguments(t.arg),
    resolve: (_viewer, request, ctx) => listFactors(ctx, personIn(ctx), request) as never,
  }),
  backupCodesLeft: t.int({
    description: "How many of the caller's backup codes are still good.",
    resolve: async (_viewer, _args, ctx) => {
      const person = personIn(ctx);
      return person === null ? 0 : backupCodesLeft(ctx, person);
    },
  }),
}));

function personIn({ actor }: Context): string | null {
  return actor.kind === 'user' ? actor.id : null;
}

mutation('enrolFactor', enrolFactor, (t) => ({
  factorId: t.id({
    description: 'The factor that waits for its confirmation.',
    resolve: ({ factorId }) => encodeId('factor', factorId),
  }),
  secret: t.string({
    nullable: true,
    description: 'For TOTP: the seed in base32. It is shown here and never again.',
    resolve: ({ totp }) => totp?.secret ?? null,
  }),
  uri: t.string({
    nullable: true,
    description: 'For TOTP: the same as otpauth://, for an app on the same device.',
    resolve: ({ totp }) => totp?.uri ?? null,
  }),
  qr: t.string({
    nullable: true,
    description: 'For TOTP: the same as a picture to be scanned, in SVG.',
    resolve: ({ totp }) => totp?.qr ?? null,
  }),
  creationOptions: t.field({
    type: 'JSONObject',
    nullable: true,
    description: 'For PASSKEY: options of navigator.credentials.create, in their JSON form.',
    resolve: ({ creationOptions }) => creationOptions,
  }),
}));

mutation('sendFactorCode', sendFactorCode, (t) => ({
  sentTo: t.string({
    description: 'Where to look, as far as it may be shown.',
    resolve: ({ sentTo }) => sentTo,
  }),
  expiresAt: t.field({
    type: 'DateTime',
    description: 'Until when the code is good.',
    resolve: ({ expiresAt }) => expiresAt,
  }),
}));

mutation('confirmFactor', confirmFactor, (t) => ({
  factor: t.field({
    type: 'OwnFactor',
    description: 'The factor, which counts now.',
    resolve: ({ factor }) => factor,
  }),
  backupCodes: t.stringList({
    nullable: true,
    description:
      'With the first factor that is none by e-mail: codes for when it is lost. Shown here and never again.',
    resolve: ({ backupCodes }) => backupCodes && [...backupCodes],
  }),
}));

mutation('removeFactor', removeFactor, (t) => ({
  deletedId: t.id({
    description: 'The id that is gone.',
    resolve: ({ id }) => encodeId('factor', id),
  }),
}));

mutation('regenerateBackupCodes', regenerateBackupCodes, (t) => ({
  backupCodes: t.stringList({
    description: 'Ten codes, each good once. They are shown here and never again.',
    resolve: ({ codes }) => [...codes],
  }),
}));

mutation('revokeFactors', revokeFactors, (t) => ({
  revokedIds: t.idList({
    description: 'The factors that are gone.',
    resolve: ({ ids }) => ids.map((id) => encodeId('factor', id)),
  }),
}));

mutation('importTotpSecrets', importTotpSecrets, (t) => ({
  importedIds: t.idList({
    description: 'The factors that were added.',
    resolve: ({ factors }) => factors.map(({ id }) => encodeId('factor', id)),
  }),
  known: t.int({
    description: 'How many were there already, with the same seed.',
    resolve: (out) => out.known,
  }),
}));
