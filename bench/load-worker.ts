/** The process that makes the load, apart from whoever reads the results. Jobs and results by IPC. */
import autocannon from 'autocannon';

/** One kind of request, sent again and again. `[n]` in the body becomes a number, new each time. */
export interface LoadJob {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly connections: number;
  readonly seconds: number;
  /** An answer without this text counts as an error. */
  readonly expect: string;
  /** The first number; unless told, one that no earlier job has had. */
  readonly first?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Failed connections, statuses other than 2xx, answers without the expected text. */
  readonly errors: number;
}

let serial = Date.now() * 1000;

async function run(job: LoadJob): Promise<LoadResult> {
  const { url, connections, seconds, method, path, expect } = job;
  const template = job.body;
  const unused = serial;
  serial = job.first ?? serial;
  const request: autocannon.Request = { method, path, headers: { ...job.headers } };
  if (template?.includes('[n]')) request.setupRequest = (raw) => numbered(raw, template);
  if (template !== undefined) request.body = template.replaceAll('[n]', String(serial++));
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: [request],
    verifyBody: (body) => body.includes(expect),
  });
  if (job.first !== undefined) serial = unused;
  return {
    requests: result.requests.total,
    seconds: result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.non2xx + result.mismatches,
  };
}

function numbered(raw: autocannon.Request, template: string): autocannon.Request {
  serial += 1;
  return { ...raw, body: template.replaceAll('[n]', String(serial)) };
}

process.on('message', (job: LoadJob) => {
  run(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
