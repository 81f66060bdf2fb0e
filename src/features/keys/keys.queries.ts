/** Reads of signing keys and of their policy: every tenant has one, most of them the default. */
import type { Context } from '#kernel/context.ts';
import { type ListShape, type Page, type PageRequest, page, rowsById } from '#kernel/db/keyset.ts';
import {
  DEFAULT_KEY_POLICY,
  type SigningKeyPolicyRow,
  type SigningKeyRow,
  type SigningKeyState,
} from './keys.model.ts';

type Reader = Pick<Context, 'db' | 'tenantId'>;

export const SIGNING_KEY_COLUMNS = `k.tenant_id AS "tenantId", k.id, k.alg, k.kid, k.state,
  k.public_jwk AS "publicJwk", k.created_at AS "createdAt", k.promoted_at AS "promotedAt",
  k.retiring_at AS "retiringAt", k.retires_at AS "retiresAt", k.retired_at AS "retiredAt"`;

const byId: ListShape = {
  name: 'signing-keys',
  select: SIGNING_KEY_COLUMNS,
  from: 'signing_keys k',
  tenant: 'k.tenant_id',
  order: [{ column: 'k.id', property: 'id', type: 'uuid' }],
  descending: true,
};

/** Those of these that there are, for `node` and `nodes`. */
export function signingKeysById(ctx: Context, ids: readonly string[]): Promise<SigningKeyRow[]> {
  return rowsById<SigningKeyRow>(ctx, byId, ids);
}

/** The newest first; of one state where it is given. */
export function listSigningKeys(
  ctx: Context,
  request: PageRequest,
  state?: SigningKeyState | null,
): Promise<Page<SigningKeyRow>> {
  const conditions = state ? [{ sql: 'k.state = ?', values: [state] }] : [];
  return page<SigningKeyRow>(ctx, byId, conditions, request);
}

/** All but the retired ones, in no order. */
export function liveSigningKeys({ db, tenantId }: Reader): Promise<SigningKeyRow[]> {
  return db.query<SigningKeyRow>(
    `SELECT ${SIGNING_KEY_COLUMNS} FROM signing_keys k WHERE k.tenant_id = $1 AND k.state <> 'RETIRED'`,
    [tenantId],
  );
}

export const SIGNING_KEY_POLICY_COLUMNS = `p.tenant_id AS "tenantId",
  p.rotation_days AS "rotationDays", p.overlap_seconds AS "overlapSeconds", p.version`;

export async function signingKeyPolicyOf({ db, tenantId }: Reader): Promise<SigningKeyPolicyRow> {
  const [row] = await db.query<SigningKeyPolicyRow>(
    `SELECT ${SIGNING_KEY_POLICY_COLUMNS} FROM signing_key_policies p WHERE p.tenant_id = $1`,
    [tenantId],
  );
  return row ?? { tenantId, ...DEFAULT_KEY_POLICY };
}
