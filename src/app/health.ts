/** What operators and their tools ask: alive, ready, metrics. None needs a credential, none tells a secret. */
import type { Services } from '#kernel/context.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { type FindPage, type Page, pathOf } from './server.ts';

export interface Health {
  /** Alive and ready: for the balancer, at every port. */
  readonly state: FindPage;
  /** What the process does, which is nobody's business outside. */
  readonly metrics: FindPage;
  /** From now on not ready: the load balancer sends no more while what is here is finished. */
  drain(): void;
}

interface Readiness {
  readonly ready: boolean;
  readonly problems: readonly string[];
}

const REMEMBERED_MS = 500;

export function health(services: Services, respond: Responder): Health {
  let draining = false;
  let looked: { readonly at: number; readonly found: Promise<Readiness> } | null = null;

  /** Whoever asks at once gets one answer: a flood of questions is no flood of statements. */
  function readiness(): Promise<Readiness> {
    if (draining) return Promise.resolve({ ready: false, problems: ['stopping'] });
    const now = performance.now();
    if (!looked || now - looked.at > REMEMBERED_MS) looked = { at: now, found: look() };
    return looked.found;
  }

  async function look(): Promise<Readiness> {
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
  const state: Record<string, Page> = {
    '/livez': async (response) => respond.json(response, 200, { live: true }),
    '/readyz': async (response) => {
      const found = await readiness();
      respond.json(response, found.ready ? 200 : 503, found);
    },
  };
  const figures: Record<string, Page> = {
    '/metrics': async (response) =>
      respond.text(response, 200, await metrics.text(), { 'content-type': metrics.contentType }),
  };
  return {
    drain() {
      draining = true;
    },
    state: pageOf(state),
    metrics: pageOf(figures),
  };
}

function pageOf(pages: Readonly<Record<string, Page>>): FindPage {
  return (request) =>
    request.method === 'GET' || request.method === 'HEAD' ? (pages[pathOf(request)] ?? null) : null;
}
