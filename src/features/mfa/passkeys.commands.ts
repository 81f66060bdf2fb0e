/**
 * Passkeys and hardware keys (W3C Web Authentication, level 3): as a second factor, and alone, where
 * the authenticator must have verified the person. Each belongs to our own origin and to one person.
 *
 * Options for signing in name no person and no key before the person is known: there is nothing in
 * them that could tell whether somebody has an account.
 */
import { randomBytes } from 'node:crypto';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import { UserNotFound } from '#features/users/users.errors.ts';
import { getUser } from '#features/users/users.queries.ts';
import type { Context } from '#kernel/context.ts';
import { type ChallengePurpose, putChallenge, spendByHash } from './challenges.store.ts';
import { addPending } from './factors.store.ts';
import { FactorNotFound } from './mfa.errors.ts';
import type { Right, Wrong } from './mfa.model.ts';
import { ALGORITHMS, CEREMONY_MS, relyingParty } from './passkey-ceremonies.ts';
import {
  type AuthenticationResponse,
  authenticationResponse,
  challengeIn,
  hashChallenge,
  userHandle,
} from './passkeys.model.ts';
import { advanceCounter, findPasskey, type KnownPasskey, passkeysOf } from './passkeys.store.ts';

export interface EnrolledPasskey {
  readonly factorId: string;
  /** For `navigator.credentials.create`, in the JSON form of the specification. */
  readonly options: PublicKeyCredentialCreationOptionsJSON;
}

/** Adds a factor that waits for its authenticator. Throws `UserNotFound` or `TooManyFactors`. */
export async function enrolPasskey(
  ctx: Context,
  userId: string,
  name: string,
): Promise<EnrolledPasskey> {
  const [user, site, known] = await Promise.all([
    getUser(ctx, userId),
    relyingParty(ctx),
    passkeysOf(ctx, userId),
  ]);
  if (!user) throw new UserNotFound();
  const challenge = randomBytes(32);
  const options = await generateRegistrationOptions({
    rpName: site.name,
    rpID: site.id,
    userID: userHandle(userId),
    userName: user.email,
    userDisplayName: user.displayName ?? user.email,
    challenge: new Uint8Array(challenge),
    timeout: CEREMONY_MS,
    attestationType: 'none',
    excludeCredentials: known.map(descriptor),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  return ctx.db.transaction(async () => {
    const factorId = await addPending(ctx, { userId, kind: 'PASSKEY', name, secret: null });
    const asked = { userId, flowId: null, purpose: 'ENROL', kind: 'PASSKEY' } as const;
    await putChallenge(ctx, { ...asked, factorId, hash: hashChallenge(options.challenge) });
    return { factorId, options };
  });
}

/** For whom, in which sign-in, and what for. */
export interface PasskeyAsked {
  /** Null: whoever has a passkey here; it must then have verified them. */
  readonly userId: string | null;
  /** Null for a person who is signed in. */
  readonly flowId: string | null;
  readonly purpose: Exclude<ChallengePurpose, 'ENROL'>;
}

/** For `navigator.credentials.get`. Throws `FactorNotFound` for a person who has no passkey. */
export async function passkeyOptions(
  ctx: Context,
  asked: PasskeyAsked,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { userId } = asked;
  const [site, known] = await Promise.all([
    relyingParty(ctx),
    userId === null ? null : passkeysOf(ctx, userId),
  ]);
  if (known?.length === 0) throw new FactorNotFound();
  const options = await generateAuthenticationOptions({
    rpID: site.id,
    challenge: new Uint8Array(randomBytes(32)),
    timeout: CEREMONY_MS,
    userVerification: userId === null ? 'required' : 'preferred',
    ...(known ? { allowCredentials: known.map(descriptor) } : {}),
  });
  const hash = hashChallenge(options.challenge);
  await putChallenge(ctx, { ...asked, kind: 'PASSKEY', factorId: null, hash });
  return options;
}

export interface RightPasskey extends Right {
  readonly factorId: string;
  readonly userId: string;
  /** Whether the authenticator knew the person: then it is two factors in one. */
  readonly userVerified: boolean;
}

/** The browser's answer. Spends the challenge first, whatever comes of it. */
export async function verifyPasskey(
  ctx: Context,
  asked: PasskeyAsked,
  answer: unknown,
): Promise<RightPasskey | Wrong> {
  const response = authenticationResponse.safeParse(answer).data;
  const challenge = response && challengeIn(response.response);
  if (!response || !challenge) return WRONG;
  const spent = await spendByHash(ctx, { ...asked, kind: 'PASSKEY' }, hashChallenge(challenge));
  if (!spent) return { ok: false, reason: 'SPENT' };
  const passkey = await findPasskey(ctx, Buffer.from(response.id, 'base64url'));
  if (!passkey || !isOwner(asked, passkey, response)) return WRONG;
  const shown = await checkSignature(ctx, { asked, passkey, response, challenge });
  if (!shown) return WRONG;
  if (!(await advanceCounter(ctx, passkey.id, shown))) return { ok: false, reason: 'COPIED' };
  return {
    ok: true,
    userId: passkey.userId,
    factorId: passkey.id,
    userVerified: shown.userVerified,
    // A key that can be backed up can leave its hardware.
    amr: [passkey.backupEligible ? 'swk' : 'hwk', 'user'],
  };
}

const WRONG: Wrong = { ok: false, reason: 'WRONG' };

/** Web Authentication, section 7.2, step 6. */
function isOwner(
  { userId }: PasskeyAsked,
  passkey: KnownPasskey,
  { response }: AuthenticationResponse,
): boolean {
  if (userId !== null && userId !== passkey.userId) return false;
  const own = Buffer.from(userHandle(passkey.userId)).toString('base64url');
  // An authenticator that was named its key may leave out whose it is.
  return response.userHandle == null ? userId !== null : response.userHandle === own;
}

interface Shown {
  readonly counter: number;
  readonly backedUp: boolean;
  readonly userVerified: boolean;
}

/** Null unless origin, type, flags and signature are what they must be. */
async function checkSignature(
  ctx: Context,
  {
    asked,
    passkey,
    response,
    challenge,
  }: {
    readonly asked: PasskeyAsked;
    readonly passkey: KnownPasskey;
    readonly response: AuthenticationResponse;
    readonly challenge: string;
  },
): Promise<Shown | null> {
  const site = await relyingParty(ctx);
  const { userHandle: handle, ...own } = response.response;
  try {
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      response: {
        ...response,
        response: { ...own, ...(handle == null ? {} : { userHandle: handle }) },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      requireUserVerification: asked.userId === null,
      // The counter is compared where it is stored, once the signature is known to be good.
      credential: {
        ...descriptor(passkey),
        publicKey: new Uint8Array(passkey.publicKey),
        counter: 0,
      },
    });
    // Section 7.2, step 19: a key that could not leave its hardware still cannot.
    const eligible = info.credentialDeviceType === 'multiDevice';
    if (!verified || eligible !== passkey.backupEligible) return null;
    const { newCounter: counter, credentialBackedUp: backedUp, userVerified } = info;
    return { counter, backedUp, userVerified };
  } catch (error) {
    ctx.log.info({ err: error, factor: passkey.id }, 'a passkey was not accepted');
    return null;
  }
}

function descriptor({ credentialId, transports }: KnownPasskey) {
  return { id: credentialId.toString('base64url'), transports };
}
