/** The audit log's tree in the graph: its signed checkpoint, and proofs against it. */
import { builder } from '#graphql/builder.ts';
import { idArgument } from '#graphql/nodes.ts';
import { type CheckpointRow, currentCheckpoint } from './audit-checkpoints.store.ts';
import { auditKey } from './audit-keys.store.ts';
import {
  type ConsistencyProof,
  type InclusionProof,
  proveConsistency,
  proveInclusion,
} from './audit-proofs.queries.ts';
import { verifierKey } from './signed-note.ts';

declare module '#graphql/builder.ts' {
  interface GraphObjects {
    AuditCheckpoint: CheckpointRow;
    AuditProof: InclusionProof;
    AuditConsistency: ConsistencyProof;
  }
}

const access = { scopes: [['audit:read']] };
const tenancy = { tenant: 'tenantId' as const };

builder.objectType('AuditCheckpoint', {
  description: "What the audit log's tree was at a moment, signed (C2SP tlog-checkpoint).",
  access,
  tenancy,
  fields: (t) => ({
    size: t.float({
      description: 'How many events the tree holds; a whole number.',
      resolve: ({ size }) => size,
    }),
    root: t.string({
      description: 'The root of the tree (RFC 9162), base64.',
      resolve: ({ root }) => root.toString('base64'),
    }),
    note: t.exposeString('note', {
      description: 'The signed note as it is kept in a file: origin, size, root and signature.',
    }),
    verifierKey: t.string({
      description:
        'The public key by which the note is verified, as `name+id+key` (C2SP signed-note). Pin it: it does not change.',
      resolve: async ({ tenantId }, _args, ctx) => verifierKey(await auditKey(ctx, tenantId)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was signed.' }),
  }),
});

builder.objectType('AuditProof', {
  description: 'That an event is a leaf of the audit log (RFC 9162 section 2.1.3).',
  access,
  tenancy,
  fields: (t) => ({
    leafIndex: t.float({
      description: 'Which leaf it is, from 0; a whole number.',
      resolve: ({ leafIndex }) => leafIndex,
    }),
    leafHash: t.string({
      description: "SHA-256 of 0x00 and the event's canonical bytes, base64.",
      resolve: ({ leafHash }) => leafHash.toString('base64'),
    }),
    size: t.float({
      description: 'The size of the tree that it is proved in; a whole number.',
      resolve: ({ size }) => size,
    }),
    root: t.string({
      description: 'The root of that tree, base64.',
      resolve: ({ root }) => root.toString('base64'),
    }),
    hashes: t.stringList({
      description: 'The path from the leaf to the root, base64.',
      resolve: ({ hashes }) => hashes.map((hash) => hash.toString('base64')),
    }),
    checkpoint: t.field({
      type: 'AuditCheckpoint',
      nullable: true,
      description: 'The checkpoint of this size; null where none was signed.',
      resolve: ({ checkpoint }) => checkpoint,
    }),
  }),
});

builder.objectType('AuditConsistency', {
  description: 'That the audit log begins with what it was before (RFC 9162 section 2.1.4).',
  access,
  tenancy,
  fields: (t) => ({
    from: t.float({
      description: 'The size of the earlier tree; a whole number.',
      resolve: ({ from }) => from,
    }),
    to: t.float({
      description: 'The size of the later tree; a whole number.',
      resolve: ({ to }) => to,
    }),
    hashes: t.stringList({
      description: 'The proof, base64; empty when the sizes are the same.',
      resolve: ({ hashes }) => hashes.map((hash) => hash.toString('base64')),
    }),
  }),
});

builder.queryFields((t) => ({
  auditCheckpoint: t.field({
    type: 'AuditCheckpoint',
    access,
    description: 'The signed checkpoint of all events that are sequenced now.',
    resolve: (_root, _args, ctx) => currentCheckpoint(ctx, ctx.tenantId),
  }),
  auditProof: t.field({
    type: 'AuditProof',
    nullable: true,
    access,
    description:
      'That an event is in the log; null when the tenant has none with this id. AUDIT_EVENT_NOT_SEQUENCED for one that is younger than a second.',
    args: {
      eventId: t.arg.id({ required: true, description: 'An event id.' }),
      size: t.arg.float({
        description: 'The size of the checkpoint to prove it against; the current one unless told.',
      }),
    },
    resolve: (_root, { eventId, size }, ctx) =>
      proveInclusion(ctx, idArgument('eventId', 'event', eventId), size ?? null),
  }),
  auditConsistency: t.field({
    type: 'AuditConsistency',
    access,
    description: 'That the log as it is at one size begins with what it was at an earlier one.',
    args: {
      from: t.arg.float({ required: true, description: 'The size of the earlier checkpoint.' }),
      to: t.arg.float({
        description: 'The size of the later checkpoint; the current one unless told.',
      }),
    },
    resolve: (_root, { from, to }, ctx) => proveConsistency(ctx, from, to ?? null),
  }),
}));
