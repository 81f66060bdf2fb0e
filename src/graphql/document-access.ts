/** Many demands as one: what a caller needs for everything that a document selects. */
import type { Access } from './access.ts';

/** Any one of the groups of the answer meets every demand; no group holds another. */
export function combinedAccess(demands: readonly Access[]): Access {
  const serious = demands.filter((access) => access !== 'public');
  if (serious.length === 0) return 'public';
  let groups: (readonly string[])[] = [[]];
  for (const access of serious) {
    if (access === 'authenticated') continue;
    groups = minimal(groups.flatMap((group) => access.scopes.map((other) => union(group, other))));
  }
  return groups.some((group) => group.length === 0) ? 'authenticated' : { scopes: groups };
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].sort();
}

/** Without the groups that ask for all that another asks for, and more. */
function minimal(groups: readonly (readonly string[])[]): (readonly string[])[] {
  const distinct = [...new Map(groups.map((group) => [group.join(' '), group])).values()];
  return distinct.filter(
    (group) =>
      !distinct.some((other) => other !== group && other.every((scope) => group.includes(scope))),
  );
}
