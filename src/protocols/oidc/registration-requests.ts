/** What registering and managing have in common: who asks, with which metadata, and how it is answered. */
import type { IncomingMessage } from 'node:http';
import type { ClientRow } from '#features/clients/clients.model.ts';
import { anonymous } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import { BadRequest, type DomainError, InvalidInput, Unauthenticated } from '#kernel/errors.ts';
import { readJson } from '#kernel/http/read-body.ts';
import { known, publicMetadata } from './client-metadata.ts';
import { type Metadata, scopesOfApis } from './registration-metadata.ts';
import { SoftwareStatementNotTaken } from './registration-problem.ts';

export interface Asked {
  readonly request: IncomingMessage;
  readonly ctx: Context;
  readonly issuer: string;
}

export interface RegistrationAnswer {
  readonly status: number;
  /** Null: none. */
  readonly body: object | null;
}

/** RFC 6750, 2.1. Throws `Unauthenticated` where there is none. */
export function bearerOf({ request }: Asked): string {
  const [, token] =
    /^Bearer +([\x21-\x7e]{1,200})$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token) return token;
  throw new Unauthenticated('Send Authorization: Bearer <token>');
}

/** A token that nobody has made; whoever tried is a stranger. */
export async function unknownToken(ctx: Context, error: DomainError): Promise<DomainError> {
  await ctx.refusals.record({ ...ctx, actor: anonymous }, 'credential.verify', error.code);
  return error;
}

const MAX_BYTES = 64 * 1024;

/** Throws `InvalidInput` for what is no object of JSON, and what `readJson` throws otherwise. */
export async function readMetadata({ request }: Asked): Promise<Metadata> {
  const said = await readJson(request, { maxBytes: MAX_BYTES }).catch((error: unknown) => {
    throw error instanceof BadRequest
      ? new InvalidInput([{ path: '', message: error.message }])
      : error;
  });
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    throw new InvalidInput([{ path: '', message: 'The body must be an object of JSON' }]);
  // RFC 7591, 2.3: what it says would take precedence, and there is nobody whose word we take.
  if ('software_statement' in said && said.software_statement !== null)
    throw new SoftwareStatementNotTaken();
  return said as Metadata;
}

/** RFC 7591, 3.2.1, without what is secret. */
export async function clientInformation(
  { ctx, issuer }: Asked,
  client: ClientRow,
): Promise<object> {
  const ofApis = await scopesOfApis(ctx, client.audiences);
  const scope = [...new Set([...client.identityScopes, ...client.apiScopes, ...ofApis])].join(' ');
  const metadata = known(publicMetadata(client));
  return {
    ...metadata,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    ...(scope === '' ? {} : { scope }),
    registration_client_uri: `${issuer}/oauth2/register/${String(metadata['client_id'])}`,
  };
}
