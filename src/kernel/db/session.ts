/**
 * What a connection must be set to before it may run a statement: the run-time role, UTC, the
 * timeouts, and the tenant whose rows can be seen. The tenant stays on the connection and is sent
 * again only when it changes (`carriedTenant`); a connection whose tenant is not known carries none.
 */
import type pg from 'pg';

/** `transaction`: PgBouncer hands the connection to somebody else after each transaction, so that
 * nothing may be left on it. */
export type Pooling = 'session' | 'transaction';

export type Statement = pg.QueryConfig<unknown[]>;

export const RUNTIME_ROLE = 'signet_app';

/** Milliseconds. The server gives up before we do (`answer`), so that an overloaded database is told
 * to stop working on what nobody waits for; all lie below the 5 s after which a request must fail. */
export const TIMEOUTS = { connect: 3000, statement: 4000, lock: 3000, answer: 4500, idle: 15_000 };

const SETTINGS = {
  role: RUNTIME_ROLE,
  // adapter-pg stores timestamptz wrongly in a session of another time zone (prisma/orm#28629).
  timezone: 'UTC',
  // Compiling costs more than any statement of ours runs.
  jit: 'off',
};

const TIMEOUT_SETTINGS = {
  statement_timeout: `${TIMEOUTS.statement}ms`,
  lock_timeout: `${TIMEOUTS.lock}ms`,
  idle_in_transaction_session_timeout: `${TIMEOUTS.idle}ms`,
};

const carried = new WeakMap<pg.ClientBase, string>();

/** The tenant that the session carries between transactions; undefined when unknown. */
export function carriedTenant(client: pg.ClientBase): string | undefined {
  return carried.get(client);
}

export function setCarriedTenant(client: pg.ClientBase, tenant: string | undefined): void {
  if (tenant === undefined) carried.delete(client);
  else carried.set(client, tenant);
}

/**
 * Prepares a fresh connection whose session is ours for good. Fails if the role may not be taken.
 * Not `timed` for the embedded database: there statements cannot be interrupted, and the timeout of
 * an idle transaction, which ends a server's process, would end the database without a word.
 */
export async function prepareSession(client: pg.ClientBase, timed: boolean): Promise<void> {
  const settings = timed ? { ...SETTINGS, ...TIMEOUT_SETTINGS } : SETTINGS;
  const statement = settingsStatement({ ...settings, 'app.tenant_id': '' }, false);
  await client.query({ ...statement, query_timeout: TIMEOUTS.connect } as Statement);
}

/** The statement that shows `tenant`'s rows ('' shows none), and, where the session is borrowed for
 * one transaction, sets everything else too. `local`: until the transaction ends. */
export function bindStatement(tenant: string, pooling: Pooling, local: boolean): Statement {
  if (pooling === 'transaction') {
    return settingsStatement({ ...SETTINGS, ...TIMEOUT_SETTINGS, 'app.tenant_id': tenant }, true);
  }
  return {
    name: local ? 'bind_local' : 'bind',
    text: `SELECT set_config('app.tenant_id', $1, ${local})`,
    values: [tenant],
  };
}

function settingsStatement(settings: Record<string, string>, local: boolean): Statement {
  const values = Object.entries(settings).flat();
  const calls = Object.keys(settings).map(
    (_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, ${local})`,
  );
  return { text: `SELECT ${calls.join(', ')}`, values };
}
