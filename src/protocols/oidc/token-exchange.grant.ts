/** The grant of RFC 8693 at the token endpoint: what is asked, and the token that comes of it. */

import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { TOKEN_EXCHANGE } from '#features/clients/clients.model.ts';
import { anonymous } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import type { EventDraft, Target } from '#kernel/events/event.ts';
import { declareEvent, told } from '#kernel/events/event-types.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import { current } from './current.ts';
import { grantHelpers, loadEngine, type Provider } from './engine.ts';
import { delegated, type Exchange, heldBy, impersonated, NotExchanged } from './exchange-rules.ts';
import { exchange } from './exchanged.ts';
import { defaultResource, ownApi, resourceServer } from './resources.ts';
import { isForImpersonation } from './token-actors.ts';
import type { VerifiedTokens } from './verified-tokens.ts';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
/** Ours: the subject is named, and the actor shows the token. */
const USER_ID = 'urn:signet:token-type:user-id';
/** Seconds: whoever acts for another comes again. */
const LONGEST = 300;

const PARAMETERS = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'audience',
  'resource',
  'scope',
] as const;

type Asked = Readonly<Partial<Record<(typeof PARAMETERS)[number], string>>>;

export function allowTokenExchange(provider: Provider, verified: VerifiedTokens): void {
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    async (koa) => {
      const ctx = current();
      const client = koa.oidc.client as Client;
      const { validateDpop, checkDpopRequired, checkDpopReplay } = await grantHelpers();
      const proof = await validateDpop(provider, koa);
      checkDpopRequired(provider, koa, proof);
      const asked = koa.oidc.params as Asked;
      const target = await targetOf(koa, client, asked);
      const of = { client, asked, verified, issuer: provider.issuer };
      const made = await decided(ctx, of);
      const scope = scopesFor(of, target, made);
      if (scope === '') throw await problem('invalid_scope', 'none of these scopes can be given');
      await checkDpopReplay(provider, koa, proof, client.clientId);
      const token = new provider.AccessToken({
        accountId: encodeId('user', made.subjectId),
        client,
        grantId: made.grantId,
        gty: 'token_exchange',
        expiresIn: Math.max(1, Math.min(secondsOf(target), made.notAfter - secondsNow(ctx))),
      } as never);
      token.resourceServer = target as never;
      token.scope = scope;
      if (proof) (token as unknown as Binds).setThumbprint('jkt', proof.thumbprint);
      exchange(token, made);
      koa.oidc.entity('AccessToken', token);
      const value = await token.save();
      await record(ctx, made, client, { audience: String(target.audience), scope });
      koa.body = {
        access_token: value,
        issued_token_type: ACCESS_TOKEN,
        token_type: token.tokenType,
        expires_in: token.expiration,
        scope,
      };
    },
    PARAMETERS,
  );
}

interface Binds {
  setThumbprint(kind: 'jkt', thumbprint: string): void;
}

/** One API, which this client may ask tokens of, and whose tokens say by themselves who acts. */
async function targetOf(
  koa: KoaContextWithOIDC,
  client: Client,
  { resource, audience }: Asked,
): Promise<Api> {
  const named = resource ?? audience ?? (await defaultResource(koa, client));
  if (typeof named !== 'string' || (audience !== undefined && audience !== named))
    throw await problem('invalid_target', 'resource or audience must name one API');
  const info = await resourceServer(koa, named, client);
  if (info.accessTokenFormat !== 'jwt')
    throw await problem(
      'invalid_target',
      'tokens of this API do not say who acts: they are opaque',
    );
  return new koa.oidc.provider.ResourceServer(named, info);
}

type Api = InstanceType<Provider['ResourceServer']>;

interface Deciding {
  readonly client: Client;
  readonly asked: Asked;
  readonly verified: VerifiedTokens;
  readonly issuer: string;
}

async function decided(ctx: Context, of: Deciding): Promise<Exchange> {
  const { client, asked } = of;
  try {
    if (!TYPES.includes(asked.requested_token_type ?? ACCESS_TOKEN))
      throw new NotExchanged('invalid_request', `requested_token_type must be ${ACCESS_TOKEN}`);
    const subject = asked.subject_token;
    if (subject === undefined)
      throw new NotExchanged('invalid_request', 'subject_token must say for whom');
    if (asked.subject_token_type !== USER_ID) return await byToken(ctx, of, subject);
    const actor = asked.actor_token;
    if (actor === undefined || !TYPES.includes(asked.actor_token_type ?? ''))
      throw new NotExchanged(
        'invalid_request',
        'actor_token must be an access token of whoever acts, and actor_token_type say so',
      );
    const claims = await heldBy(ctx, of, 'actor_token', actor);
    const until = new Date(Math.min(claims.exp, secondsNow(ctx) + LONGEST) * 1000);
    return await impersonated(ctx, client, claims, subject, until);
  } catch (error) {
    if (!(error instanceof NotExchanged)) throw error;
    await refused(ctx, client, error);
    throw await problem(error.code, error.message);
  }
}

const TYPES: readonly string[] = [ACCESS_TOKEN, JWT];

async function byToken(ctx: Context, of: Deciding, subject: string): Promise<Exchange> {
  const { subject_token_type: type, actor_token: actor } = of.asked;
  if (!TYPES.includes(type ?? ''))
    throw new NotExchanged(
      'invalid_request',
      `subject_token_type must be ${ACCESS_TOKEN} or ${USER_ID}`,
    );
  // Which client acts is shown by its authentication.
  if (actor !== undefined)
    throw new NotExchanged('invalid_request', `actor_token is for subject_token_type ${USER_ID}`);
  return delegated(ctx, of.client, await heldBy(ctx, of, 'subject_token', subject));
}

/** What may be asked for of this API, as far as it was asked for; RFC 8693, 2.1: never more. */
function scopesFor(
  { client, asked, issuer }: Deciding,
  target: Api,
  { mode, within, given }: Exchange,
): string {
  const audience = String(target.audience);
  const ofTenant = client['signet_first_party'] === true || client['signet_type'] === 'SERVICE';
  const own = audience === ownApi(issuer);
  const may = [...target.scopes].filter(
    (scope) =>
      scope !== '' &&
      (mode === 'delegation' || !own || isForImpersonation(scope)) &&
      (within?.audience !== audience || within.scopes.has(scope)) &&
      (mode === 'impersonation' || ofTenant || given[audience]?.includes(scope) === true),
  );
  const wanted = asked.scope === undefined ? may : asked.scope.split(' ');
  return may.filter((scope) => wanted.includes(scope)).join(' ');
}

function secondsOf(target: Api): number {
  return Math.min(LONGEST, target.accessTokenTTL ?? LONGEST);
}

function secondsNow({ clock }: Context): number {
  return Math.floor(clock.ms() / 1000);
}

async function problem(code: string, message: string): Promise<Error> {
  const { errors } = await loadEngine();
  if (code === 'invalid_target') return new errors.InvalidTarget(message);
  if (code === 'invalid_scope') return new errors.InvalidScope(message, '');
  return code === 'access_denied'
    ? new errors.AccessDenied(message)
    : new errors.InvalidRequest(message);
}

declareEvent({
  name: 'token.exchange',
  summary: 'Somebody got a token to act for a person.',
  severity: ['INFO', 'NOTICE'],
  about: ['user', 'client'],
  tells: {
    mode: z.enum(['delegation', 'impersonation']),
    audience: z.string().describe('The API that the token is for.'),
    scopes: told.names,
  },
});

async function record(
  ctx: Context,
  { mode, actor, subjectId }: Exchange,
  client: Client,
  { audience, scope }: { audience: string; scope: string },
): Promise<void> {
  const draft: EventDraft = {
    type: 'token.exchange',
    severity: mode === 'impersonation' ? 'NOTICE' : 'INFO',
    targets: [{ type: 'user', id: subjectId }, ...targetsOf(client)],
    details: { mode, audience, scopes: scope.split(' ') },
  };
  await recordEvents({ ...ctx, actor }, [draft]);
}

/** What a stranger was refused is counted, what somebody known was is a row of its own. */
function refused(ctx: Context, client: Client, { actor, code }: NotExchanged): Promise<void> {
  const by = { ...ctx, actor: actor ?? anonymous };
  return ctx.refusals.record(by, 'token.exchange', code.toUpperCase(), targetsOf(client));
}

function targetsOf({ clientId }: Client): Target[] {
  const id = decodeId('client', clientId);
  return id === null ? [] : [{ type: 'client', id }];
}
