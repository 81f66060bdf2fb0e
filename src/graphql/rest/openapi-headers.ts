/** The headers of answers, as components; kept when an answer refers to them. */
import type { JsonSchema } from './openapi-schemas.ts';

const HEADERS = {
  ETag: {
    description: 'The entity tag: its version in quotes.',
    schema: { type: 'string', examples: ['"3"'] },
  },
  Location: {
    description: 'Where the new resource stands.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  Link: {
    description: 'The next page, with `rel="next"`; absent on the last page (RFC 8288).',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'How many requests are left (`r`), and the seconds until there are more (`t`).',
    schema: { type: 'string', examples: ['"credential";r=599;t=60'] },
  },
  'Retry-After': {
    description: 'Seconds after which a retry makes sense.',
    schema: { type: 'integer', minimum: 0 },
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;

export type HeaderName = keyof typeof HEADERS;

export class Headers {
  private readonly used = new Set<string>();

  components(): JsonSchema {
    return Object.fromEntries(Object.entries(HEADERS).filter(([name]) => this.used.has(name)));
  }

  refer(names: readonly HeaderName[]): JsonSchema {
    for (const name of names) this.used.add(name);
    return Object.fromEntries(
      names.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
    );
  }
}
