/** Groups: shapes and limits. */
import { id } from '#kernel/ids.ts';
import { declareScope } from '#kernel/scopes.ts';
import { line, lines } from '#kernel/text.ts';

declareScope('groups:read', 'Read groups and who is in them');
declareScope('groups:write', 'Create, change and delete groups, and change who is in them');

/** What reads answer: the columns that may be shown, under their GraphQL names. */
export interface GroupRow {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const groupId = id('group').describe('The group.');

export const groupName = line(120).describe('Unique in the tenant whatever its letter case.');

export const groupDescription = lines(500).describe('What the group is for.');
