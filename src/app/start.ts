/**
 * A running process: services, doors, jobs. `main` starts one from the environment; tests start as
 * many as they need, each with its own port and clock.
 */
import type { AddressInfo } from 'node:net';
import { type PresentedKeys, presentedKeys } from '#features/api-keys/api-keys.store.ts';
import { signingKeys } from '#features/keys/keys.store.ts';
import { presentedSessions } from '#features/sessions/sessions.store.ts';
import {
  hostedTenants,
  namedTenants,
  namePlatformIssuer,
} from '#features/tenants/tenants.store.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Services } from '#kernel/context.ts';
import { settleIn } from '#kernel/events/outbox-move.ts';
import type { Log } from '#kernel/log.ts';
import type { ReadyConfig } from '#kernel/secrets.ts';
import { presentedTokens } from '#protocols/oidc/presented-tokens.ts';
import { type Issuers, issuers } from '#protocols/oidc/providers.ts';
import { tenantOfIssuer, verifiedTokens } from '#protocols/oidc/verified-tokens.ts';
import { authenticator } from './authenticate.ts';
import { createDoors } from './doors.ts';
import { type DrainTimes, drainer } from './drain.ts';
import { contextOpener } from './request.ts';
import { createHttpServer, type FindPage, type Mount } from './server.ts';
import { createServices } from './services.ts';
import { startWorkers, type Workers } from './workers.ts';

export interface Running {
  readonly services: Services;
  /** Origins that answer: the public doors, and the platform door (the same without INTERNAL_PORT). */
  readonly url: string;
  readonly internalUrl: string;
  /** Finishes what is in flight, at most `shutdownTimeout` seconds, then closes everything. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly clock?: Clock;
}

export async function start(
  config: ReadyConfig,
  log: Log,
  options: StartOptions = {},
): Promise<Running> {
  const services = await createServices(config, log, options.clock);
  const keys = presentedKeys(services);
  const known = issuersOf(services);
  const workers = await beginWork(services, keys, known.issuing).catch(async (error: unknown) => {
    await services.close();
    throw error;
  });
  const drains: ((times: DrainTimes) => Promise<void>)[] = [];
  const { open, doors } = faceOf(services, keys, known);
  const { hosted } = known;

  async function listen(
    mounts: readonly Mount[],
    port: number,
    anybody: FindPage,
  ): Promise<string> {
    const server = createHttpServer({ services, hosted, open, mounts, anybody });
    drains.push(drainer(server));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, config.host, resolve);
    });
    const { port: actual } = server.address() as AddressInfo;
    return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${actual}`;
  }

  /** Finishes what is in flight, requests and jobs, then closes everything. */
  async function stop(): Promise<void> {
    const times = {
      delayMs: config.shutdownDelay * 1000,
      deadlineMs: config.shutdownTimeout * 1000,
    };
    doors.drain();
    services.outbox.stop();
    await Promise.all([
      services.jobs.stop(config.shutdownTimeout),
      ...drains.map((drain) => drain(times)),
    ]);
    await workers.stop();
    await services.close();
  }

  const web = config.roles.has('web');
  const separate = config.internalPort !== undefined;
  const publicMounts = web ? [...doors.public, ...(separate ? [] : doors.platform)] : [];
  try {
    const url = await listen(publicMounts, config.port, doors.publicPages);
    const internalUrl =
      web && config.internalPort !== undefined
        ? await listen(doors.platform, config.internalPort, doors.internalPages)
        : url;
    return { services, url, internalUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whose host or path it is, and the issuers there. */
function issuersOf(services: Services) {
  const tenants = namedTenants(services);
  const hosted = hostedTenants(services);
  const signing = signingKeys(services);
  const tenantOf = tenantOfIssuer(services.config.publicUrl, { tenants, hosted });
  const verified = verifiedTokens(services, signing, tenantOf);
  return { tenants, hosted, verified, issuing: issuers(services, signing, verified) };
}

/** Who is let in, and where they find what. */
function faceOf(
  services: Services,
  keys: PresentedKeys,
  { tenants, verified, issuing }: ReturnType<typeof issuersOf>,
) {
  const sessions = presentedSessions(services);
  const tokens = presentedTokens(services, verified);
  const authenticate = authenticator(services, { keys, sessions, tenants, tokens });
  return { open: contextOpener(services, authenticate), doors: createDoors(services, issuing) };
}

async function beginWork(
  services: Services,
  keys: PresentedKeys,
  issuing: Issuers,
): Promise<Workers> {
  await namePlatformIssuer(services);
  await settleIn(services.db, services.log);
  return startWorkers(services, keys, issuing);
}
