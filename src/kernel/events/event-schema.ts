/**
 * What is promised about recorded events, as JSON Schema (2020-12): one for the envelope, which is the
 * canonical record, and one for each type. They only ever grow: members come, none leaves.
 */
import { z } from 'zod';
import { ACTOR_KINDS, idTypeOfActor } from '#kernel/actor.ts';
import { ID_TYPES, type IdType } from '#kernel/ids.ts';
import type { AuditRecord } from './event.ts';
import type { EventType } from './event-types.ts';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

const typedId = (...types: readonly IdType[]) =>
  z.string().regex(new RegExp(`^(${types.join('|')})_[0-7][0-9a-hjkmnp-tv-z]{25}$`));

const actorId = typedId(...ACTOR_KINDS.flatMap((kind) => idTypeOfActor(kind) ?? []));

/** Of a type that there is, or will be. */
const anyId = z.string().regex(/^[a-z-]+_[0-7][0-9a-hjkmnp-tv-z]{25}$/);

const SEVERITIES = ['INFO', 'NOTICE', 'WARNING', 'CRITICAL'] as const;
const RESULTS = ['SUCCESS', 'REFUSED', 'FAILED'] as const;

/** Members beside the record's own. */
type Outside = 'v' | 'leafIndex' | 'leafHash' | 'where';

/** Version 1 of the record, as the leaf's bytes hold it, and what stands beside it in exports and streams. */
const envelope = z.object({
  v: z.literal(1).describe('The version of the record.'),
  tenant: typedId('tenant').describe('Whose log it is in.'),
  id: typedId('event').describe('It sorts by time.'),
  type: z.string().describe('What was done: a name under "events".'),
  severity: z.enum(SEVERITIES).describe('How much attention it deserves.'),
  result: z.enum(RESULTS).describe('Done, refused by a rule, or failed.'),
  reason: z.string().nullable().describe('The code of the error that refused it (errors.json).'),
  occurredAt: z.iso.datetime({ precision: 3 }).describe('RFC 3339, UTC, milliseconds.'),
  actor: z
    .object({
      kind: z.enum(ACTOR_KINDS).describe('Who really did it.'),
      id: actorId.nullable().describe('Which one, where there is one.'),
      act: actorId
        .nullable()
        .describe('Whom the actor acted for, where it acted for somebody (RFC 8693).'),
    })
    .describe('Who did it.'),
  targets: z
    .array(z.object({ type: z.enum(ID_TYPES), id: anyId }))
    .describe('What it was about; the things may be gone.'),
  requestId: z.string().describe('The request that did it; also in the logs.'),
  details: z
    .object({
      count: z.int().min(1).optional().describe('So many of them within a minute, in one row.'),
      others: z.literal(true).optional().describe('Too many kinds of them to tell them apart.'),
    })
    .catchall(z.unknown())
    .describe('What else it says, by its type.'),
  personal: z
    .record(typedId('user', 'tenant'), z.string())
    .describe('Where the actor was, sealed (base64url), by the id of whose it is.'),
  leafIndex: z.int().min(0).optional().describe("Its leaf in the tenant's tree; in no hash."),
  leafHash: z.base64().optional().describe('SHA-256 of its leaf, base64; in no hash.'),
  where: z
    .object({
      ipAddress: z.string().optional().describe('Where the actor was.'),
      userAgent: z.string().optional().describe("The actor's program."),
    })
    .optional()
    .describe('What "personal" holds, opened; in no hash. Empty when the person was erased.'),
} satisfies Record<keyof AuditRecord | Outside, z.ZodType>);

export const ENVELOPE_ID = 'urn:signet:audit-event:1';

export function envelopeSchema(): JsonSchema {
  return { $id: ENVELOPE_ID, title: 'AuditEvent', ...plain(envelope) };
}

/** Beside the envelope's: how the type ends, what it is about, and what its details hold. */
export function typeSchema(type: EventType): JsonSchema {
  const { name, v, summary, about, results } = type;
  const refusable = results.some((result) => result !== 'SUCCESS');
  const severities = new Set([...type.severity, ...(refusable ? ['WARNING'] : [])]);
  const { properties = {}, required = [] } = plain(type.details);
  return {
    $id: `urn:signet:event:${name}:${v}`,
    title: name,
    description: summary,
    allOf: [{ $ref: ENVELOPE_ID }],
    properties: {
      type: { const: name },
      severity: { enum: SEVERITIES.filter((severity) => severities.has(severity)) },
      result: { enum: RESULTS.filter((result) => results.includes(result)) },
      targets:
        about.length > 0
          ? { items: { properties: { type: { enum: [...about].sort() } } } }
          : { type: 'array' },
      details: { type: 'object', properties },
    },
    ...(required.length > 0
      ? {
          anyOf: [
            { properties: { result: { enum: RESULTS.filter((result) => result !== 'SUCCESS') } } },
            { properties: { details: { required } } },
          ],
        }
      : {}),
  };
}

/** Open to members that come later, which a reader must bear. */
function plain(shape: z.ZodObject): JsonSchema {
  const {
    $schema: _,
    additionalProperties: __,
    ...schema
  } = z.toJSONSchema(shape, {
    io: 'input',
    metadata: new Descriptions(),
    // Bounds of today's input are no promise about what was recorded.
    override({ jsonSchema }) {
      for (const bound of BOUNDS) delete jsonSchema[bound];
    },
  });
  return schema;
}

const BOUNDS = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const;

/** Names are GraphQL's: with them, shapes would refer to each other instead of standing where they are. */
class Descriptions extends z.core.$ZodRegistry<{ description?: string }> {
  override get<Schema extends z.core.$ZodType>(schema: Schema) {
    const { description } = z.globalRegistry.get(schema) ?? {};
    return (description === undefined ? undefined : { description }) as never;
  }
}
