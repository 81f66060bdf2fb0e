/**
 * The Pothos plugin behind `access` and `tenancy`: a type or field without a declaration fails the
 * schema build, declarations become directives of the printed SDL, and every resolver is wrapped.
 */
import SchemaBuilder, {
  BasePlugin,
  type PothosOutputFieldConfig,
  PothosSchemaError,
  type PothosTypeConfig,
  type SchemaTypes,
} from '@pothos/core';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { type Access, refusal, requirement } from '#kernel/access.ts';
import type { Context } from '#kernel/context.ts';
import { NotFound } from '#kernel/errors.ts';
import { type FieldAccess, isVisible, type Tenancy } from './access.ts';

interface TypeAccess {
  access?: Access;
  tenancy?: Tenancy;
}

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      access: AccessPlugin<Types>;
    }
    export interface ObjectTypeOptions<Types extends SchemaTypes, Shape> extends TypeAccess {}
    export interface InterfaceTypeOptions<Types extends SchemaTypes, Shape> extends TypeAccess {}
    export interface QueryTypeOptions<Types extends SchemaTypes> extends TypeAccess {}
    export interface MutationTypeOptions<Types extends SchemaTypes> extends TypeAccess {}
    export interface SubscriptionTypeOptions<Types extends SchemaTypes> extends TypeAccess {}
    export interface FieldOptions<
      Types extends SchemaTypes,
      ParentShape,
      Type,
      Nullable,
      Args,
      ResolveShape,
      ResolveReturnShape,
    > {
      access?: Access;
      /** The node type whose access a structural type (a connection) inherits. */
      accessOf?: string;
      command?: string;
    }
  }
}

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;
interface FieldOptionsRead {
  access?: Access;
  accessOf?: string;
  command?: string;
}

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);

export class AccessPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  private readonly problems: string[] = [];

  override onTypeConfig(type: PothosTypeConfig): PothosTypeConfig {
    const declared = type.pothosOptions as TypeAccess;
    if ((type.kind === 'Object' || type.kind === 'Interface') && !declared.tenancy)
      this.problems.push(`type ${type.name}: no tenancy ('global' or { tenant: '<property>' })`);
    if (!('description' in type && type.description) && !ROOTS.has(type.name))
      this.problems.push(`type ${type.name}: no description`);
    return type;
  }

  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>) {
    const own = this.ownAccess(field);
    const where = `${field.parentType}.${field.name}`;
    if (!own) this.problems.push(`field ${where}: no access`);
    if (!field.description) this.problems.push(`field ${where}: no description`);
    if (!own) return field;
    const { command } = field.pothosOptions as FieldOptionsRead;
    const all = [own, ...this.returnedAccess(field)].filter((a) => a !== 'public');
    const access: FieldAccess = { all: distinct(all), ...(command ? { command } : {}) };
    return {
      ...field,
      description: [field.description, requirement(own)].filter(Boolean).join('\n\n'),
      extensions: { ...field.extensions, ...directives(own), access },
    };
  }

  override wrapResolve(
    resolve: Resolver<Types>,
    field: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> {
    const guard = this.guard(field);
    const leave = this.leave(field);
    if (!guard && !leave) return resolve;
    return (parent, args, context, info) => {
      const ctx = context as Context;
      guard?.(parent, ctx);
      const value = resolve(parent, args, context, info);
      if (!leave) return value;
      return isPromise(value) ? value.then((v) => leave(v, ctx)) : leave(value, ctx);
    };
  }

  override wrapSubscribe(
    subscribe: Resolver<Types> | undefined,
    field: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> | undefined {
    const guard = this.guard(field);
    if (!guard || !subscribe) return subscribe;
    return (parent, args, ctx, info) => {
      guard(parent, ctx as Context);
      return subscribe(parent, args, ctx, info);
    };
  }

  override afterBuild(schema: GraphQLSchema): GraphQLSchema {
    if (this.problems.length > 0)
      throw new PothosSchemaError(`Not declared:\n - ${[...new Set(this.problems)].join('\n - ')}`);
    return schema;
  }

  private typeOptions(name: string): TypeAccess {
    return this.buildCache.getTypeConfig(name).pothosOptions as TypeAccess;
  }

  private ownAccess(field: PothosOutputFieldConfig<Types>): Access | undefined {
    return (
      (field.pothosOptions as FieldOptionsRead).access ?? this.typeOptions(field.parentType).access
    );
  }

  /** The object type that the field hands out: itself, an item of a list, a node of a connection. */
  private returned(
    field: PothosOutputFieldConfig<Types>,
  ): { name: string; type: TypeAccess } | null {
    const { accessOf } = field.pothosOptions as FieldOptionsRead;
    if (accessOf) return { name: accessOf, type: this.typeOptions(accessOf) };
    const type = field.type.kind === 'List' ? field.type.type : field.type;
    if (type.kind !== 'Object') return null;
    const config = this.buildCache.getTypeConfig(type.ref);
    return { name: config.name, type: config.pothosOptions as TypeAccess };
  }

  private returnedAccess(field: PothosOutputFieldConfig<Types>): Access[] {
    const access = this.returned(field)?.type.access;
    return access ? [access] : [];
  }

  private guard(
    field: PothosOutputFieldConfig<Types>,
  ): ((parent: unknown, ctx: Context) => void) | null {
    const own = this.ownAccess(field) ?? 'public';
    const demands = distinct([own, ...this.returnedAccess(field)].filter((a) => a !== 'public'));
    const tenancy = this.typeOptions(field.parentType).tenancy ?? 'global';
    if (demands.length === 0 && tenancy === 'global') return null;
    const where = `${field.parentType}.${field.name}`;
    // A list asks the same of the same caller once an item: who was let pass is let pass.
    let passed: Context['actor'] | null = null;
    return (parent, ctx) => {
      if (passed !== ctx.actor) {
        for (const access of demands) {
          const refused = refusal(access, ctx, where);
          if (refused) throw refused;
        }
        passed = ctx.actor;
      }
      if (tenancy !== 'global' && !isVisible(tenancy, parent, ctx))
        throw new NotFound(field.parentType);
    };
  }

  /** Another tenant's object becomes null before `__typename` or any of its fields can be read. */
  private leave(
    field: PothosOutputFieldConfig<Types>,
  ): ((value: unknown, ctx: Context) => unknown) | null {
    const returned = this.returned(field);
    const tenancy = returned?.type.tenancy ?? 'global';
    if (!returned || tenancy === 'global' || (field.pothosOptions as FieldOptionsRead).accessOf)
      return null;
    const { name } = returned;
    if (field.type.kind === 'List')
      return (value, ctx) => {
        for (const item of (value ?? []) as unknown[])
          if (item && !isVisible(tenancy, item, ctx)) throw new NotFound(name);
        return value;
      };
    const nullable = field.type.nullable;
    return (value, ctx) => {
      if (value === null || value === undefined || isVisible(tenancy, value, ctx)) return value;
      if (nullable) return null;
      throw new NotFound(name);
    };
  }
}

/** Object form: the array form prints as `@0(name: ...)`. */
function directives(access: Access): object {
  if (access === 'public') return {};
  if (access === 'authenticated') return { directives: { authenticated: {} } };
  const { scopes, person, ...authentication } = access;
  const scoped = scopes.some((group) => group.length > 0);
  return {
    directives: {
      ...(scoped ? { requiresScopes: { scopes } } : { authenticated: {} }),
      ...(person ? { requiresPerson: {} } : {}),
      ...(Object.keys(authentication).length > 0 ? { requiresAuthentication: authentication } : {}),
    },
  };
}

function distinct(list: readonly Access[]): Access[] {
  return [...new Map(list.map((access) => [JSON.stringify(access), access])).values()];
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

SchemaBuilder.registerPlugin('access', AccessPlugin);
