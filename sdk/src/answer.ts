/** Owns what an HTTP answer means: the data of an operation, or a RequestError. */
import { type GraphQLProblem, RequestError } from './errors.ts';

export interface Answer<Data> {
  readonly data: Data;
  /** Names the request in the server's logs. */
  readonly requestId: string | null;
}

interface Result<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLProblem[];
}

export async function readAnswer<Data>(response: Response): Promise<Answer<Data>> {
  const text = await response.text().catch((cause: unknown) => {
    throw connectionLost(cause);
  });
  return { data: dataOf(response, text), requestId: requestIdOf(response) };
}

/** Any error among the answer's is thrown: no caller takes half an answer for a whole one. */
export function dataOf<Data>(response: Response, text: string): Data {
  const { data, errors = [] } = parse<Data>(text);
  const [first] = errors;
  if (!first && data) return data;
  const retryAfter =
    first?.extensions?.retryAfter ?? secondsUntil(response.headers.get('retry-after'));
  const problem = first
    ? { code: first.extensions?.code ?? 'BAD_RESPONSE', message: first.message }
    : {
        code: 'BAD_RESPONSE',
        message: `HTTP ${response.status}, and no GraphQL answer; is url the GraphQL door of a Signet server?`,
      };
  const origin = { status: response.status, requestId: requestIdOf(response) };
  throw new RequestError(problem, origin, { retryAfter, errors });
}

/** The answer itself when it is one; otherwise throws what its problem document says (RFC 9457). */
export async function readDownload(response: Response): Promise<Response> {
  if (response.status === 200) return response;
  const text = await response.text().catch(() => '');
  const said = parse(text) as { readonly code?: unknown; readonly detail?: unknown };
  const { code, detail } = said;
  const problem =
    typeof code === 'string' && typeof detail === 'string'
      ? { code, message: detail }
      : {
          code: 'BAD_RESPONSE',
          message: `HTTP ${response.status}, and no problem document; does /v1 stand beside the GraphQL door of url?`,
        };
  const retryAfter = secondsUntil(response.headers.get('retry-after'));
  const origin = { status: response.status, requestId: requestIdOf(response) };
  throw new RequestError(problem, origin, { retryAfter });
}

export function connectionLost(cause: unknown): RequestError {
  const message = 'The server could not be reached, or the connection was lost';
  return new RequestError(
    { code: 'NETWORK_ERROR', message },
    { status: 0, requestId: null, cause },
  );
}

function parse<Data>(text: string): Result<Data> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Result<Data>) : {};
  } catch {
    return {};
  }
}

function requestIdOf(response: Response): string | null {
  return response.headers.get('x-request-id');
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function secondsUntil(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}
