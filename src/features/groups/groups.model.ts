/** Groups: shapes and limits. */
import { z } from 'zod';
import { nameKey } from '#features/users/users.model.ts';
import { id } from '#kernel/ids.ts';
import { declareScope } from '#kernel/scopes.ts';

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

/** The key may be longer than the name (one character can stand for many), and it is indexed. */
export const groupName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .refine(
    (value) => value.length <= 120 && nameKey(value).length <= 240,
    'must have at most 120 characters',
  )
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
  .describe('Unique in the tenant whatever its letter case.');

export const groupDescription = z
  .string()
  .trim()
  .max(500, 'must have at most 500 characters')
  .regex(
    /^(?:\P{Cc}|[\n\r\t])*$/u,
    'must not contain control characters other than line breaks and tabs',
  )
  .describe('What the group is for.');
