/**
 * Owns the SDK's version: it follows from what changed in the contract. Whoever could call before
 * must be able to call after, or the version is a major one.
 */
import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import {
  buildSchema,
  type ConstDirectiveNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql';

export type Bump = 'none' | 'patch' | 'minor' | 'major';

export interface Contract {
  /** schema/schema.graphql. */
  readonly sdl: string;
  /** schema/operations.json: by name, the newest first. */
  readonly operations: Readonly<Record<string, readonly { readonly hash: string }[]>>;
}

interface ContractChange {
  readonly bump: Exclude<Bump, 'none'>;
  readonly message: string;
}

export interface Verdict {
  readonly bump: Bump;
  /** The weightiest first. */
  readonly changes: readonly ContractChange[];
}

const WEIGHT: readonly Bump[] = ['none', 'patch', 'minor', 'major'];

export async function requiredBump(before: Contract, after: Contract): Promise<Verdict> {
  const [old, next] = [buildSchema(before.sdl), buildSchema(after.sdl)];
  const changes = [
    ...(await diff(old, next)).map(judged),
    ...accessChanges(old, next),
    ...operationChanges(before.operations, after.operations),
  ].sort((a, b) => WEIGHT.indexOf(b.bump) - WEIGHT.indexOf(a.bump));
  return { bump: changes[0]?.bump ?? 'none', changes };
}

export function nextVersion(version: string, bump: Bump): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (bump === 'major') return `${major + 1}.0.0`;
  if (bump === 'minor') return `${major}.${minor + 1}.0`;
  return bump === 'patch' ? `${major}.${minor}.${patch + 1}` : version;
}

function judged({ criticality, type, message }: Change): ContractChange {
  if (criticality.level === CriticalityLevel.Breaking) return { bump: 'major', message };
  return { bump: /DESCRIPTION|DEPRECATION_REASON/.test(type) ? 'patch' : 'minor', message };
}

/** The inspector takes directives for decoration; ours decide who may read a field. */
function accessChanges(old: GraphQLSchema, next: GraphQLSchema): ContractChange[] {
  const after = scopeGroups(next);
  return [...scopeGroups(old)].flatMap(([field, groups]): ContractChange[] => {
    const now = after.get(field);
    if (now === undefined) return [];
    if (groups && !now)
      return [
        { bump: 'major', message: `${field} no longer requires scopes: its protection went` },
      ];
    const kept = (group: readonly string[]) =>
      now?.some((one) => one.every((scope) => group.includes(scope)));
    const lost = (groups ?? (now ? [[]] : [])).filter((group) => !kept(group));
    return lost.map((group) => ({
      bump: 'major',
      message: `${field} is refused to callers who hold ${group.join(' and ') || 'no scope'}`,
    }));
  });
}

/** By `Type.field`: the alternatives of `@requiresScopes`, null without it. */
function scopeGroups(schema: GraphQLSchema): Map<string, readonly (readonly string[])[] | null> {
  const types = Object.values(schema.getTypeMap());
  const owners = types.filter((type) => isObjectType(type) || isInterfaceType(type));
  const fields = owners.flatMap((type) =>
    Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field] as const),
  );
  return new Map(
    fields.map(([name, { astNode }]) => {
      const directive = astNode?.directives?.find((one) => one.name.value === 'requiresScopes');
      return [name, directive ? groupsOf(directive) : null];
    }),
  );
}

function groupsOf(directive: ConstDirectiveNode): string[][] {
  const scopes = directive.arguments?.find((argument) => argument.name.value === 'scopes');
  return scopes ? (valueFromASTUntyped(scopes.value) as string[][]) : [];
}

/** A name stands for one document: another one may select less than callers read. */
function operationChanges(
  old: Contract['operations'],
  next: Contract['operations'],
): ContractChange[] {
  const changes: ContractChange[] = [];
  for (const [name, [newest]] of Object.entries(old)) {
    const hash = next[name]?.[0]?.hash;
    if (!hash) changes.push({ bump: 'major', message: `Operation ${name} was removed` });
    else if (hash !== newest?.hash)
      changes.push({ bump: 'major', message: `Operation ${name} has another document` });
  }
  for (const name of Object.keys(next))
    if (!old[name]) changes.push({ bump: 'minor', message: `Operation ${name} was added` });
  return changes;
}
