/** What the benchmarks use of autocannon 9, which ships no types. */
declare module 'autocannon' {
  namespace autocannon {
    interface Request {
      method: 'GET' | 'POST';
      path: string;
      headers: Record<string, string>;
      body?: string;
      /** Called before each request; what it returns is sent. */
      setupRequest?(request: Request): Request;
    }

    interface Run extends Promise<Result> {
      /** Once an answer, with its status. */
      on(event: 'response', listener: (client: object, status: number) => void): void;
    }

    interface Result {
      /** Connections that failed, time-outs included. */
      readonly errors: number;
      /** Answers that `verifyBody` did not accept. */
      readonly mismatches: number;
      /** Seconds. */
      readonly duration: number;
      readonly requests: { readonly total: number };
      /** Milliseconds. */
      readonly latency: { readonly p50: number; readonly p99: number };
    }
  }

  function autocannon(options: {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly requests: readonly autocannon.Request[];
    readonly verifyBody?: (body: string) => boolean;
  }): autocannon.Run;

  export = autocannon;
}
