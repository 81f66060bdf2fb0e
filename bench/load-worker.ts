/** The process that makes the load, apart from whoever reads the results. Jobs and results by IPC. */
import autocannon from 'autocannon';

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `[n]` becomes a number, new each time. */
  readonly body?: string;
}

/** Requests that are sent in turn, again and again. */
export interface LoadJob {
  readonly url: string;
  readonly requests: readonly LoadRequest[];
  readonly connections: number;
  readonly seconds: number;
  /** An answer without this text counts as an error. */
  readonly expect: string;
  /** An answer of another status does, too; 200 and its like unless told. */
  readonly status?: number;
  /** The first number; unless told, one that no earlier job has had. */
  readonly first?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Failed connections, other statuses, answers without the expected text. */
  readonly errors: number;
}

let serial = Date.now() * 1000;

async function run(job: LoadJob): Promise<LoadResult> {
  const { url, connections, seconds, expect } = job;
  const unused = serial;
  serial = job.first ?? serial;
  const load = autocannon({
    url,
    connections,
    duration: seconds,
    requests: [inTurn(job.requests)],
    verifyBody: (body) => body.includes(expect),
  });
  let wrong = 0;
  load.on('response', (_client, status) => {
    const good = job.status ? status === job.status : status >= 200 && status < 300;
    if (!good) wrong += 1;
  });
  const result = await load;
  if (job.first !== undefined) serial = unused;
  return {
    requests: result.requests.total,
    seconds: result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.mismatches + wrong,
  };
}

/** One that never changes is built once, as it is cheapest. */
function inTurn(requests: readonly LoadRequest[]): autocannon.Request {
  const [first] = requests;
  if (!first) throw new Error('nothing to send');
  const fixed = requests.length === 1 && !first.body?.includes('[n]');
  if (fixed) return built(first);
  let next = 0;
  return {
    ...built(first),
    setupRequest: (raw) => ({ ...raw, ...built(requests[next++ % requests.length] ?? first) }),
  };
}

function built({ body, headers, ...request }: LoadRequest): autocannon.Request {
  const numbered = body === undefined ? {} : { body: body.replaceAll('[n]', String(serial)) };
  serial += 1;
  return { ...request, headers: { ...headers }, ...numbered };
}

process.on('message', (job: LoadJob) => {
  run(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
