/** The HTTP server: which path is whose door, and one way to answer whatever goes wrong. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HostedTenants } from '#features/tenants/tenants.store.ts';
import type { Context, Door, Services } from '#kernel/context.ts';
import { DomainError, MethodNotAllowed, NotFound } from '#kernel/errors.ts';
import { corsRules } from '#kernel/http/cors.ts';
import { requestId as newRequestId } from '#kernel/http/request-id.ts';
import { responder } from '#kernel/http/respond.ts';
import { failureLog } from './failure-log.ts';
import type { OpenContext } from './request.ts';
import { atOwnHost, siteFinder } from './tenant-hosts.ts';
import { inTime } from './time-limit.ts';

/** A handler that needs a caller. What takes longer than one operation may is handed back, to be run on. */
export type Handle = (
  request: IncomingMessage,
  response: ServerResponse,
  ctx: Context,
) => Promise<Stream | undefined>;
/** Runs until the client goes away. */
export type Stream = () => Promise<void>;
/** Finds a page that needs no caller, such as health. Null when the request is for none. */
export type FindPage = (request: IncomingMessage) => Page | null;
export type Page = (response: ServerResponse) => Promise<void>;

export interface Mount {
  /** An exact path, or everything below it when it ends with a slash. */
  readonly path: string;
  readonly door: Door;
  /** The slug of the tenant that the path names, where it names one. */
  readonly tenantOf?: (path: string) => string;
  readonly handle: Handle;
  /** Where the door itself says which origins may ask. */
  readonly ownCors?: (path: string) => boolean;
  /** How this door says what went wrong; problem details (RFC 9457) unless told. */
  readonly problem?: SayProblem;
}

export type SayProblem = (
  response: ServerResponse,
  error: unknown,
  requestId: string,
  request: IncomingMessage,
) => void;

export interface ServerOptions {
  readonly services: Services;
  readonly hosted: HostedTenants;
  readonly open: OpenContext;
  readonly mounts: readonly Mount[];
  readonly anybody: FindPage;
}

/** Methods that any door takes; TRACE, CONNECT and inventions are refused before routing. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function createHttpServer(options: ServerOptions): Server {
  const { services, hosted, open, mounts, anybody } = options;
  const respond = responder(services.config);
  const siteOf = siteFinder(hosted);
  const cors = corsRules(services.config.corsOrigins);
  const mountOf = mountFinder(mounts);
  const log = failureLog(services.log);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!METHODS.has(request.method ?? '')) throw new MethodNotAllowed();
    const page = anybody(request);
    if (page) {
      const preflight = sayCors(cors, request, response);
      return preflight ? respond.empty(response, 204, preflight) : page(response);
    }
    const over = untilClosed(response);
    // Whose host it is stands in the database too, so looking for it has its time like all else.
    const stream = await inTime(services, over, async () => {
      const site = await siteOf(request);
      if (site) atOwnHost(request, site, (path) => mountOf(path) !== undefined);
      const path = pathOf(request);
      const mount = mountOf(path);
      const preflight = mount?.ownCors?.(path) ? null : sayCors(cors, request, response);
      if (preflight) return void respond.empty(response, 204, preflight);
      if (!mount) throw new NotFound('Page');
      const tenant = mount.tenantOf?.(path) ?? null;
      const ctx = await open(request, response, mount.door, { tenant, site }, over.signal);
      return services.db.inTenant(ctx.tenantId, () => mount.handle(request, response, ctx));
    });
    if (stream) await services.db.until(over.signal, stream);
  }

  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 20_000, keepAliveTimeout: 30_000 },
    (request, response) => {
      measure(services, () => mountOf(pathOf(request))?.path ?? 'other', request, response);
      handle(request, response).catch((error: unknown) => fail(request, response, error));
    },
  );

  function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const requestId = String(response.getHeader('x-request-id') ?? newRequestId(request, false));
    // Nobody is there to be answered, and that they left is no failure.
    if (error instanceof DomainError && response.destroyed) return;
    log(error, { requestId, method: request.method, path: pathOf(request) });
    if (!response.headersSent) response.setHeader('x-request-id', requestId);
    const say = mountOf(pathOf(request))?.problem;
    if (response.headersSent) response.destroy();
    else if (say) say(response, error, requestId, request);
    else respond.problem(response, error, requestId);
  }

  server.on('clientError', refuseBytes);
  return server;
}

/** Answers what a preflight is told, when it is one. */
function sayCors(
  cors: ReturnType<typeof corsRules>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  for (const [name, value] of Object.entries(cors.headers(request)))
    response.setHeader(name, value);
  return cors.preflight(request);
}

function mountFinder(mounts: readonly Mount[]): (path: string) => Mount | undefined {
  const exact = new Map(mounts.filter(({ path }) => !path.endsWith('/')).map((m) => [m.path, m]));
  const below = mounts.filter(({ path }) => path.endsWith('/'));
  return (path) => exact.get(path) ?? below.find((m) => path.startsWith(m.path));
}

function measure(
  { metrics }: Services,
  door: () => string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const start = performance.now();
  response.once('finish', () => {
    const seconds = (performance.now() - start) / 1000;
    metrics.request(door(), request.method ?? '', response.statusCode, seconds);
  });
}

/** What is no HTTP gets the shortest answer there is. */
function refuseBytes(_error: Error, socket: Duplex): void {
  if (socket.writable)
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

/** The path as it was sent: not decoded, not normalised, so that it has one spelling. */
export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}

/** Aborted when the client goes away before it has its answer. */
function untilClosed(response: ServerResponse): AbortController {
  const over = new AbortController();
  // Aborting what is answered would only cost: an abort makes an exception for its reason.
  response.once('close', () => {
    if (!response.writableFinished) over.abort();
  });
  return over;
}
