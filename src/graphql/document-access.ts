/** Many demands as one: what a caller needs for everything that a document selects. */
import type { Access, Demand } from '#kernel/access.ts';

/** Any one of the groups of the answer meets every demand; no group holds another. */
export function combinedAccess(demands: readonly Access[]): Access {
  const serious = demands.filter((access) => access !== 'public');
  if (serious.length === 0) return 'public';
  const own = serious.filter((access) => access !== 'authenticated');
  let groups: (readonly string[])[] = [[]];
  for (const { scopes } of own)
    groups = minimal(groups.flatMap((group) => scopes.map((other) => union(group, other))));
  const more = authentication(own);
  const open = groups.some((group) => group.length === 0) && Object.keys(more).length === 0;
  return open ? 'authenticated' : { scopes: groups, ...more };
}

function authentication(demands: readonly Demand[]): Omit<Demand, 'scopes'> {
  const ages = demands.flatMap(({ maxAge }) => (maxAge === undefined ? [] : [maxAge]));
  return {
    ...(demands.some(({ person }) => person) ? { person: true } : {}),
    ...(demands.some(({ acr }) => acr) ? { acr: 'mfa' } : {}),
    ...(ages.length > 0 ? { maxAge: Math.min(...ages) } : {}),
  };
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
