/**
 * Clients that register themselves (RFC 7591), below /oauth2/register of an issuer. They become clients
 * by a command that makes them as all others are made; registration-management.ts is what follows.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ClientRegistrationOff,
  InitialAccessTokenOver,
} from '#features/client-registrations/client-registrations.errors.ts';
import {
  asInitialAccessToken,
  within,
} from '#features/client-registrations/client-registrations.policy.ts';
import {
  clientRegistrationPolicyOf,
  presentedInitialAccessToken,
} from '#features/client-registrations/client-registrations.queries.ts';
import {
  type NewRegistration,
  registerClient,
} from '#features/client-registrations/registered-clients.commands.ts';
import type { Context } from '#kernel/context.ts';
import { DomainError, MethodNotAllowed } from '#kernel/errors.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { addressKey, type Bucket } from '#kernel/limits.ts';
import { manage } from './registration-management.ts';
import { settingsOf } from './registration-metadata.ts';
import { refusalOf, sayRefusal } from './registration-problem.ts';
import {
  type Asked,
  bearerOf,
  clientInformation,
  type RegistrationAnswer,
  readMetadata,
  unknownToken,
} from './registration-requests.ts';

/** Below the issuer. */
export const REGISTRATION = /^\/oauth2\/register(?:\/([\w-]{1,100}))?$/;

/** Of one address, whatever it asks and with whatever token. */
const ADDRESS: Bucket = { name: 'registration', counted: 'shared', points: 60, seconds: 60 };
/** With one initial access token, from wherever. */
const TOKEN: Bucket = { name: 'registration-token', counted: 'shared', points: 60, seconds: 60 };

export async function registration(of: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly ctx: Context;
  readonly issuer: string;
  /** The client that is managed; undefined where one registers. */
  readonly clientId: string | undefined;
  readonly respond: Responder;
}): Promise<undefined> {
  const { request, response, ctx, issuer, clientId, respond } = of;
  const asked: Asked = { request, ctx, issuer };
  try {
    await ctx.limits.consume(ADDRESS, `${ctx.tenantId} ${addressKey(ctx.address)}`);
    const answer = await (clientId === undefined ? register(asked) : manage(asked, clientId));
    if (answer.body === null) respond.empty(response, answer.status);
    else respond.json(response, answer.status, answer.body);
  } catch (error) {
    const refusal = error instanceof DomainError ? refusalOf(error) : null;
    if (!refusal) throw error;
    sayRefusal(respond, response, issuer, refusal);
  }
  return undefined;
}

async function register(asked: Asked): Promise<RegistrationAnswer> {
  const { request, ctx } = asked;
  if (request.method !== 'POST') throw new MethodNotAllowed();
  const policy = await clientRegistrationPolicyOf(ctx);
  if (!policy.enabled) throw new ClientRegistrationOff();
  const token = await presentedInitialAccessToken(ctx, bearerOf(asked));
  if (!token) throw await unknownToken(ctx, new InitialAccessTokenOver());
  const own = asInitialAccessToken(ctx, token);
  await ctx.limits.consume(TOKEN, token.id);
  // Asked again when it is spent; whoever has none that is good is told of nothing else.
  const now = ctx.clock.now();
  if (token.revokedAt || token.expiresAt <= now || token.clientsMade >= token.maxClients) {
    await ctx.refusals.record(own, 'client.register', InitialAccessTokenOver.code);
    throw new InitialAccessTokenOver();
  }
  const settings = await settingsOf(ctx, await readMetadata(asked), within(policy, token), null);
  const made = await registerClient(own, settings);
  return { status: 201, body: await newClientInformation(asked, made) };
}

/** RFC 7591, 3.2.1, and RFC 7592, 3: what is shown once comes in no other answer. */
async function newClientInformation(
  asked: Asked,
  { client, secret, registrationToken }: NewRegistration,
): Promise<object> {
  const shownOnce = secret === null ? {} : { client_secret: secret, client_secret_expires_at: 0 };
  return {
    ...(await clientInformation(asked, client)),
    ...shownOnce,
    registration_access_token: registrationToken,
  };
}
