/**
 * Finds a route by its path: exact, case-sensitive, one spelling only. A doubled or trailing slash,
 * a dot segment and any percent-encoding find nothing, so that limits by path cannot be evaded.
 */
import type { Route } from './route.ts';

export interface Match {
  /** By verb. */
  readonly routes: ReadonlyMap<string, Route>;
  /** The values of the path's parameters, in order. */
  readonly values: readonly string[];
}

interface Branch {
  readonly fixed: Map<string, Branch>;
  parameter: Branch | null;
  readonly routes: Map<string, Route>;
}

export type RouteTable = (path: string) => Match | null;

/**
 * `/internal/v1` serves every route, `/v1` those that are not the platform's own. Where both declare
 * one, the platform door answers with its own.
 */
export function routeTable(routes: readonly Route[], prefix: string): RouteTable {
  const root = branch();
  for (const route of served(routes, prefix)) {
    const end = grow(root, route.segments);
    const known = end.routes.get(route.rest.method);
    if (known && known.platformOnly === route.platformOnly)
      throw new Error(`${route.operation.name} and ${known.operation.name} have the same route`);
    end.routes.set(route.rest.method, route);
  }
  const start = `${prefix}/`;
  return (path) => {
    if (!path.startsWith(start) || path.includes('%')) return null;
    return find(root, path.slice(start.length).split('/'), 0, []);
  };
}

/** The platform's own last. */
export function served(routes: readonly Route[], prefix: string): readonly Route[] {
  const shared = routes.filter((route) => !route.platformOnly);
  if (!isPlatform(prefix)) return shared;
  return [...shared, ...routes.filter((route) => route.platformOnly)];
}

export function isPlatform(prefix: string): boolean {
  return prefix.startsWith('/internal/');
}

function find(
  at: Branch,
  segments: readonly string[],
  depth: number,
  values: readonly string[],
): Match | null {
  const segment = segments[depth];
  if (segment === undefined) return at.routes.size > 0 ? { routes: at.routes, values } : null;
  const fixed = at.fixed.get(segment);
  const found = fixed && find(fixed, segments, depth + 1, values);
  if (found) return found;
  if (!at.parameter || segment === '' || segment === '.' || segment === '..') return null;
  return find(at.parameter, segments, depth + 1, [...values, segment]);
}

function grow(root: Branch, segments: readonly string[]): Branch {
  let at = root;
  for (const segment of segments) {
    const parameter = segment.startsWith('{');
    const next = (parameter ? at.parameter : at.fixed.get(segment)) ?? branch();
    if (parameter) at.parameter = next;
    else at.fixed.set(segment, next);
    at = next;
  }
  return at;
}

function branch(): Branch {
  return { fixed: new Map(), parameter: null, routes: new Map() };
}
