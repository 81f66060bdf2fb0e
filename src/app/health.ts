/** What operators and their tools ask: alive, ready, metrics. None needs a credential, none tells a secret. */
import type { Services } from '#kernel/context.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { type FindPage, type Page, pathOf } from './server.ts';

export interface Health {
  readonly find: FindPage;
  /** From now on not ready: the load balancer sends no more while what is here is finished. */
  drain(): void;
}

export function health(services: Services, respond: Responder): Health {
  let draining = false;
  async function readiness(): Promise<{ ready: boolean; problems: string[] }> {
    if (draining) return { ready: false, problems: ['stopping'] };
    try {
      const pending = await services.db.pendingMigrations();
      return pending.length > 0
        ? { ready: false, problems: pending.map((name) => `migration ${name} is pending`) }
        : { ready: true, problems: [] };
    } catch (error) {
      services.log.warn({ err: error }, 'not ready: the database does not answer');
      return { ready: false, problems: ['the database does not answer'] };
    }
  }

  const { metrics } = services;
  const pages: Record<string, Page> = {
    '/livez': async (response) => respond.json(response, 200, { live: true }),
    '/readyz': async (response) => {
      const state = await readiness();
      respond.json(response, state.ready ? 200 : 503, state);
    },
    '/metrics': async (response) =>
      respond.text(response, 200, await metrics.text(), { 'content-type': metrics.contentType }),
  };
  return {
    drain() {
      draining = true;
    },
    find(request) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return null;
      return pages[pathOf(request)] ?? null;
    },
  };
}
