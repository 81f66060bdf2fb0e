/**
 * The catalogue of scopes: each room declares its own beside its model. What a command or a field
 * demands must stand here, which the schema build checks; roles, keys and consent screens offer it.
 */
const catalogue = new Map<string, string>();

/** `<noun>:read`, `<noun>:write` or a verb. The description is read by people who grant it. */
export function declareScope(name: string, description: string): void {
  if (!/^[a-z][a-z-]*:[a-z][a-z-]*$/.test(name))
    throw new Error(`${name} is not the name of a scope`);
  catalogue.set(name, description);
}

export function isScope(name: string): boolean {
  return catalogue.has(name);
}

/** Platform scopes exist only in the platform's own tenant and work only at its door. */
export function isPlatformScope(name: string): boolean {
  return name.startsWith('platform:');
}

export function allScopes(): readonly { readonly name: string; readonly description: string }[] {
  return [...catalogue]
    .map(([name, description]) => ({ name, description }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a tenant's own roles and keys may hold. */
export function tenantScopes(): readonly string[] {
  return allScopes()
    .map(({ name }) => name)
    .filter((name) => !isPlatformScope(name));
}
