/** What a command demands of whoever calls it. */
import type { Access } from '#kernel/access.ts';
import type { CommandDefinition } from './command.ts';

/** What is done to others is administration: it demands two factors of people. */
export function commandAccess({
  name,
  scope,
  maxAge,
  access,
}: Pick<CommandDefinition, 'name' | 'scope' | 'maxAge' | 'access'>): Access {
  if (access) return access;
  if (!scope) throw new Error(`command ${name} declares neither a scope nor its access`);
  return { scopes: [[scope]], acr: 'mfa', ...(maxAge === undefined ? {} : { maxAge }) };
}
