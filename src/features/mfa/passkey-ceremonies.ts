/** What both ceremonies have in common, and the answer to the first of them. */
import { verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import type { Context } from '#kernel/context.ts';
import { spendByHash } from './challenges.store.ts';
import { challengeIn, hashChallenge, registrationResponse } from './passkeys.model.ts';
import type { NewPasskey } from './passkeys.store.ts';

/** EdDSA, ES256 and RS256 (IANA COSE algorithms). */
export const ALGORITHMS = [-8, -7, -257];
/** What a person gets to find their key; the challenge lives longer. */
export const CEREMONY_MS = 300_000;

/** Who we are to a browser: told by the stored issuer, never by the request. */
export async function relyingParty(
  ctx: Context,
): Promise<{ readonly id: string; readonly origin: string; readonly name: string }> {
  const tenant = await getTenant(ctx, ctx.tenantId);
  const { hostname, origin } = new URL(tenant?.issuer ?? ctx.config.publicUrl);
  return { id: hostname, origin, name: tenant?.name ?? 'Signet' };
}

/**
 * The answer to `enrolPasskey` for this factor. Spends the challenge first, whatever comes of it. Null
 * when it is not what it must be. Not inside a transaction: what is spent must stay spent.
 */
export async function checkRegistration(
  ctx: Context,
  userId: string,
  factorId: string,
  answer: unknown,
): Promise<NewPasskey | null> {
  const response = registrationResponse.safeParse(answer).data;
  const challenge = response && challengeIn(response.response);
  if (!response || !challenge) return null;
  const asked = { userId, flowId: null, purpose: 'ENROL', kind: 'PASSKEY' } as const;
  const spent = await spendByHash(ctx, asked, hashChallenge(challenge));
  if (spent?.factorId !== factorId) return null;
  const site = await relyingParty(ctx);
  try {
    if (!isWithoutCertificates(response.response.attestationObject)) return null;
    const { verified, registrationInfo: info } = await verifyRegistrationResponse({
      response: { ...response, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified || info.credential.publicKey.length > MOST_KEY_BYTES) return null;
    return {
      credentialId: Buffer.from(info.credential.id, 'base64url'),
      publicKey: Buffer.from(info.credential.publicKey),
      counter: info.credential.counter,
      transports: response.response.transports,
      aaguid: info.aaguid,
      backupEligible: info.credentialDeviceType === 'multiDevice',
      backedUp: info.credentialBackedUp,
      userVerified: info.userVerified,
    };
  } catch (error) {
    ctx.log.info({ err: error, factor: factorId }, 'a new passkey was not accepted');
    return null;
  }
}

const MOST_KEY_BYTES = 2048;

/**
 * We ask for no attestation, which leaves these two forms. Certificates of others would be looked up
 * at addresses that they name themselves.
 */
function isWithoutCertificates(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(
    new Uint8Array(Buffer.from(attestationObject, 'base64url')),
  );
  const format = decoded.get('fmt');
  const statement = decoded.get('attStmt');
  return format === 'none' || (format === 'packed' && statement.get('x5c') === undefined);
}
