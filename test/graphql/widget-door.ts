/** A REST door over the toy graph, called in-process with a context that says who calls. */
import { loadOperations } from '#graphql/operations.ts';
import { restDoor } from '#graphql/rest/door.ts';
import type { RestAnswer } from '#graphql/rest/problem.ts';
import type { Context } from '#kernel/context.ts';
import { ERRORS, OPERATIONS, widgetSchema } from './widgets.ts';

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless `raw`. */
  readonly body?: unknown;
  readonly scopes?: readonly string[];
}

export interface Told extends RestAnswer {
  readonly json: unknown;
}

/** A door of its own over fresh widgets; `refusals` are what was recorded, `logged` what was logged. */
export function widgetDoor(prefix = '/v1') {
  const schema = widgetSchema();
  const catalogue = loadOperations(schema, [
    { file: 'widgets.operations.graphql', text: OPERATIONS },
  ]);
  const door = restDoor(catalogue, schema, prefix, { errors: ERRORS });
  const refusals: string[] = [];
  const logged: unknown[] = [];
  const reads = { body: 0 };
  async function call(method: string, target: string, sent: Sent = {}): Promise<Told> {
    const { body, headers = {}, scopes = ['widgets:read', 'widgets:write'] } = sent;
    const text = body === undefined ? '' : JSON.stringify(body);
    const [path = '', query = ''] = target.split('?');
    const own =
      text === ''
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(text.length) };
    const ctx = {
      actor: {
        kind: scopes.includes('anonymous') ? 'anonymous' : 'api-key',
        scopes: new Set(scopes),
      },
      requestId: 'req_1',
      config: { nodeEnv: 'production' },
      log: { error: (...entry: unknown[]) => logged.push(entry) },
      refusals: {
        record: async (_ctx: unknown, command: string, code: string) =>
          refusals.push(`${command} ${code}`),
      },
    } as unknown as Context;
    const readJson = async () => {
      reads.body += 1;
      return JSON.parse(text) as unknown;
    };
    const request = {
      method,
      path,
      search: new URLSearchParams(query),
      headers: { ...own, ...headers },
      readJson,
    };
    const answer = await door.handle(request, ctx);
    return { ...answer, json: answer.body === null ? null : (JSON.parse(answer.body) as unknown) };
  }
  return { call, catalogue, schema, refusals, logged, reads };
}
