/** What a caller says of a destination, checked by the shapes of its kind. */
import type { z } from 'zod';
import { type FieldProblem, InvalidInput } from '#kernel/errors.ts';
import type { DestinationKind } from './destination.ts';
import { DESTINATIONS } from './destination-kinds.ts';
import { newWebhookSecret } from './standard-webhooks.connector.ts';

/** Throws InvalidInput, with paths below `settings`. */
export function checkedSettings(kind: DestinationKind, settings: unknown): unknown {
  return checked(DESTINATIONS[kind].settings, settings, 'settings');
}

/** The same below `secrets`. */
export function checkedSecrets(kind: DestinationKind, secrets: unknown): unknown {
  return checked(DESTINATIONS[kind].secrets, secrets, 'secrets');
}

/** A stream of signed webhooks makes its secret itself, unless it is given one. */
export function withNewSecret(
  kind: DestinationKind,
  secrets: Readonly<Record<string, unknown>>,
): { readonly secrets: Readonly<Record<string, unknown>>; readonly made: string | null } {
  if (kind !== 'STANDARD_WEBHOOKS' || 'secret' in secrets) return { secrets, made: null };
  const made = newWebhookSecret();
  return { secrets: { ...secrets, secret: made }, made };
}

function checked(schema: z.ZodType, value: unknown, path: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidInput(
    result.error.issues.map(
      (issue): FieldProblem => ({
        path: [path, ...issue.path].join('.'),
        message: issue.message,
      }),
    ),
  );
}
