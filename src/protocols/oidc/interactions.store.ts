/** The tables oauth_interactions and oauth_sessions: what browsers are in the middle of. */
import type { AdapterPayload } from 'oidc-provider';
import { current } from './current.ts';
import type { ModelAdapter } from './engine.ts';
import { hashOf } from './hashes.ts';

export const interactions: ModelAdapter = {
  async upsert(uid, { jti: _, ...payload }, expiresIn) {
    const { db, tenantId, clock } = current();
    await db.query(UPSERT_INTERACTION, [
      tenantId,
      hashOf(uid),
      JSON.stringify(payload),
      new Date(clock.ms() + expiresIn * 1000),
    ]);
  },
  async find(uid) {
    const { db, tenantId } = current();
    const [row] = await db.query<{ payload: AdapterPayload }>(FIND_INTERACTION, [
      tenantId,
      hashOf(uid),
    ]);
    return row && { ...row.payload, jti: uid };
  },
  async destroy(uid) {
    const { db, tenantId } = current();
    await db.query('DELETE FROM oauth_interactions WHERE tenant_id = $1 AND hash = $2', [
      tenantId,
      hashOf(uid),
    ]);
  },
};

const UPSERT_INTERACTION = `
INSERT INTO oauth_interactions (tenant_id, hash, payload, expires_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, hash) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`;

const FIND_INTERACTION =
  'SELECT payload FROM oauth_interactions WHERE tenant_id = $1 AND hash = $2';

/** Beside the session of the person, which says alone whether anybody is signed in. */
export const engineSessions: ModelAdapter = {
  async upsert(id, { jti: _, ...payload }, expiresIn) {
    const { db, tenantId, clock, actor } = current();
    await db.query(UPSERT_SESSION, [
      tenantId,
      hashOf(id),
      actor.authentication?.sessionId ?? null,
      JSON.stringify(payload),
      new Date(clock.ms() + expiresIn * 1000),
    ]);
  },
  async find(id) {
    const { db, tenantId } = current();
    const [row] = await db.query<{ payload: AdapterPayload }>(FIND_SESSION, [tenantId, hashOf(id)]);
    return row && { ...row.payload, jti: id };
  },
  async destroy(id) {
    const { db, tenantId } = current();
    await db.query('DELETE FROM oauth_sessions WHERE tenant_id = $1 AND hash = $2', [
      tenantId,
      hashOf(id),
    ]);
  },
};

const UPSERT_SESSION = `
INSERT INTO oauth_sessions (tenant_id, hash, session_id, payload, expires_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, hash) DO UPDATE SET session_id = excluded.session_id, payload = excluded.payload,
  expires_at = excluded.expires_at`;

const FIND_SESSION = 'SELECT payload FROM oauth_sessions WHERE tenant_id = $1 AND hash = $2';
