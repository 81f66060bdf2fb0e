/** What a browser answers for an authenticator, as far as it is read, and no larger than it can be. */
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Base64url without padding, of at most so many bytes. */
const bytes = (most: number) =>
  z
    .string()
    .max(Math.ceil((most * 4) / 3))
    .regex(/^[\w-]+$/);

const TRANSPORTS = ['usb', 'nfc', 'ble', 'smart-card', 'hybrid', 'internal', 'cable'] as const;

export type Transport = (typeof TRANSPORTS)[number];

/** Web Authentication, section 4: a credential id has at most 1023 bytes. */
const credential = { id: bytes(1023), rawId: bytes(1023), type: z.literal('public-key') };

export const registrationResponse = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: bytes(4096),
    attestationObject: bytes(16_384),
    transports: z
      .array(z.string().max(32))
      .max(16)
      .transform((given) => TRANSPORTS.filter((one) => given.includes(one)))
      .default([]),
  }),
});

export const authenticationResponse = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: bytes(4096),
    authenticatorData: bytes(4096),
    signature: bytes(1024),
    userHandle: bytes(64).nullish(),
  }),
});

export type AuthenticationResponse = z.output<typeof authenticationResponse>;

const clientData = z.object({
  challenge: z.string().regex(/^[\w-]{43}$/),
  // Our pages are in no frame of another origin.
  crossOrigin: z.literal(false).optional(),
});

/** The challenge that the browser says it was given; null when it says nothing that can be read. */
export function challengeIn(response: { readonly clientDataJSON: string }): string | null {
  try {
    const text = Buffer.from(response.clientDataJSON, 'base64url').toString();
    return clientData.safeParse(JSON.parse(text)).data?.challenge ?? null;
  } catch {
    return null;
  }
}

/** What is stored of a challenge: it has 256 random bits. */
export function hashChallenge(challenge: string): string {
  return createHash('sha256').update(challenge).digest('base64url');
}

/** Opaque, and no personal data: the uuid's bytes. */
export function userHandle(userId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(userId.replaceAll('-', ''), 'hex'));
}
