/**
 * What a command, a field or a type demands of the caller. One declaration is printed into the SDL
 * and enforced wherever the thing is reached.
 */
import type { Context } from '#kernel/context.ts';
import { type DomainError, Forbidden, StepUpRequired, Unauthenticated } from '#kernel/errors.ts';

/**
 * Authentication context classes: how sure we are. `mfa`: two factors, or a passkey that verified its
 * user. A code by e-mail is none of the two: whoever reads the mailbox resets the password as well.
 */
export type Acr = 'pwd' | 'mfa';

export type Access = 'public' | 'authenticated' | Demand;

/** All of it must be met. `acr` and `maxAge` are asked of people only: keys and clients do not sign in. */
export interface Demand {
  /** Any one of the groups, of which every scope; `[[]]`: none. */
  readonly scopes: readonly (readonly string[])[];
  /** Only people: what is done for oneself. */
  readonly person?: true;
  readonly acr?: 'mfa';
  /** Seconds since they last showed who they are. */
  readonly maxAge?: number;
}

type Caller = Pick<Context, 'actor' | 'clock'>;

/** Null when the caller may; otherwise what to answer. `where` is a coordinate such as `User.email`. */
export function refusal(access: Access, caller: Caller, where: string): DomainError | null {
  if (access === 'public') return null;
  const { actor } = caller;
  if (actor.kind === 'anonymous') return new Unauthenticated();
  if (access === 'authenticated') return null;
  if (!access.scopes.some((group) => group.every((scope) => actor.scopes.has(scope))))
    return new Forbidden(`${where} needs the scope ${describeScopes(access.scopes)}`);
  // What people do for themselves is no business of the applications of others.
  if (access.person && actor.client?.firstParty === false)
    return new Forbidden(`${where} is for people themselves, not for applications of others`);
  if (access.person && actor.act)
    return new Forbidden(`${where} is for people themselves, not for who acts for them`);
  if (actor.kind === 'user') return stepUp(access, caller, where);
  return access.person ? new Forbidden(`${where} is for people who are signed in`) : null;
}

/** RFC 9470: the caller is known, but not well or not lately enough. */
function stepUp({ acr, maxAge }: Demand, { actor, clock }: Caller, where: string) {
  const shown = actor.authentication;
  const sure = acr === undefined || shown?.acr === acr || shown?.waived === true;
  const age = shown ? (clock.ms() - shown.authTime.getTime()) / 1000 : Number.POSITIVE_INFINITY;
  const fresh = maxAge === undefined || age <= maxAge;
  if (sure && fresh) return null;
  return new StepUpRequired(where, { ...(sure ? {} : { acr }), ...(fresh ? {} : { maxAge }) });
}

const together = new Intl.ListFormat('en', { type: 'conjunction' });

function describeScopes(scopes: readonly (readonly string[])[]): string {
  return scopes.map((group) => together.format(group)).join(', or ');
}

/** Sentences for people; empty when nothing is required. */
export function requirement(access: Access, mark = (scope: string) => scope): string {
  if (access === 'public') return '';
  if (access === 'authenticated') return 'Requires a caller, whatever their scopes.';
  const scopes = access.scopes.map((group) => group.map(mark)).filter((group) => group.length > 0);
  const noun = new Set(scopes.flat()).size > 1 ? 'scopes' : 'scope';
  return [
    scopes.length > 0 ? `Requires the ${noun} ${describeScopes(scopes)}.` : '',
    access.person ? 'Only for people, about themselves.' : '',
    access.acr || access.maxAge !== undefined ? signedIn(access) : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function signedIn({ acr, maxAge }: Demand): string {
  const how = acr ? ' with two factors' : '';
  const when = maxAge === undefined ? '' : ` within the last ${maxAge} seconds`;
  return `A person must have signed in${how}${when}.`;
}
