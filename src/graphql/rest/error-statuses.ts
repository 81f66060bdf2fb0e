/** One table of codes and statuses, printed from the error classes; the REST door knows no other. */
import { allErrors, type ErrorClass } from '#kernel/commands/command.ts';
import * as kernelErrors from '#kernel/errors.ts';

/** The kernel's errors, and all that a command declares. */
export function errorClasses(): readonly ErrorClass[] {
  const known = Object.values<unknown>(kernelErrors).filter(isConcrete);
  const declared = allErrors();
  return [...new Set([...known, ...declared])];
}

/** Stable code -> HTTP status; a code that is not in it is a fault of ours. */
export function errorStatuses(
  classes: readonly ErrorClass[] = errorClasses(),
): ReadonlyMap<string, number> {
  // Complaints of graphql-js about a document's variables, its text, and what it means.
  const statuses = new Map([
    ['INTERNAL', 500],
    ['BAD_USER_INPUT', 400],
    ['GRAPHQL_PARSE_FAILED', 400],
    ['GRAPHQL_VALIDATION_FAILED', 400],
  ]);
  for (const { code, status } of classes) {
    const known = statuses.get(code);
    if (known !== undefined && known !== status)
      throw new Error(`${code} is declared with the statuses ${known} and ${status}`);
    statuses.set(code, status);
  }
  return statuses;
}

/** The classes without a code of their own are bases of others. */
function isConcrete(value: unknown): value is ErrorClass {
  return (
    typeof value === 'function' &&
    value.prototype instanceof kernelErrors.DomainError &&
    (value as ErrorClass).code !== kernelErrors.DomainError.code
  );
}
