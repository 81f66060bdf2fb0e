/** API resources: shapes and limits. */
import { z } from 'zod';
import { id } from '#kernel/ids.ts';
import { declareScope } from '#kernel/scopes.ts';
import { line } from '#kernel/text.ts';
import { parseUri } from '#kernel/uris.ts';

declareScope('resources:read', 'Read the APIs that tokens are made for');
declareScope('resources:write', 'Create, change and delete APIs that tokens are made for');

export interface ResourceScope {
  readonly name: string;
  readonly description: string;
}

export interface ResourceRow {
  readonly tenantId: string;
  readonly id: string;
  readonly identifier: string;
  readonly name: string;
  readonly tokenFormat: 'JWT' | 'OPAQUE';
  readonly tokenSeconds: number;
  readonly signingAlg: TokenAlg;
  readonly allowOffline: boolean;
  /** In the order of their names. */
  readonly scopes: readonly ResourceScope[];
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A new resource, as far as nothing else is said. */
export const DEFAULT_RESOURCE = {
  tokenFormat: 'JWT',
  tokenSeconds: 900,
  signingAlg: 'ES256',
  allowOffline: true,
} as const;

export const tokenAlg = z.enum(['RS256', 'ES256', 'EdDSA']).meta({
  id: 'TokenAlg',
  description: 'The algorithm that signs a token (RFC 7518, RFC 8037).',
});
export type TokenAlg = z.infer<typeof tokenAlg>;

export const tokenFormat = z.enum(['JWT', 'OPAQUE']).meta({
  id: 'TokenFormat',
  description:
    'JWT: the API reads its tokens itself (RFC 9068). OPAQUE: it asks about them (RFC 7662).',
});

export const resourceId = id('resource').describe('The API resource.');

export const resourceIdentifier = z
  .string()
  .max(255, 'must have at most 255 characters')
  .refine(
    (text) => parseUri(text) !== null,
    'must be an absolute URI without a fragment (RFC 8707), such as https://api.example.com',
  )
  .describe(
    'What clients ask for, and the `aud` of its tokens: an absolute URI. It never changes.',
  );

const scope = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[!#-[\]-~]{1,100}$/,
        'must have 1 to 100 printable ASCII characters without space, " and \\ (RFC 6749 section 3.3)',
      )
      .describe('What clients ask for, such as `orders:read`.'),
    description: line(200).describe('What it allows, in the words of the consent page.'),
  })
  .meta({ id: 'ResourceScopeInput', description: 'Something that may be done in an API.' });

/** What may be said of a resource beside its identifier. */
export const resourceSettings = {
  name: line(120).describe('The name to show.'),
  tokenFormat: tokenFormat.optional().describe('The form of its access tokens; JWT unless told.'),
  tokenSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .optional()
    .describe('Seconds that its access tokens live, 60 to 86400; 900 unless told.'),
  signingAlg: tokenAlg.optional().describe('What signs its tokens; ES256 unless told.'),
  allowOffline: z
    .boolean()
    .optional()
    .describe('Whether refresh tokens may bring tokens for it; true unless told.'),
  scopes: z
    .array(scope)
    .max(200, 'must hold at most 200 scopes')
    .refine(
      (scopes) => new Set(scopes.map(({ name }) => name)).size === scopes.length,
      'must not hold two scopes of one name',
    )
    .optional()
    .describe('All that may be done in it, at most 200; these take the place of earlier ones.'),
};
