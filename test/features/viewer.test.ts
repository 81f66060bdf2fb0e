/** The viewer: who calls, where, and what they may do there; a person's own data. */
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createUser } from '#features/users/users.commands.ts';
import { executeOperation } from '#graphql/execute.ts';
import { encodeId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { schema } from '../../src/app/schema.ts';
import { anonymous, operator } from '../kit/as.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

const VIEWER = '{ viewer { actor { kind id } tenant { id slug } scopes account { id } } }';

test('the viewer says who calls, where, and what they may do', async () => {
  const key = await make.apiKey(acme, ['users:read', 'audit:read']);
  const { data } = await key.gql(VIEWER);
  expect(data).toEqual({
    viewer: {
      actor: { kind: 'api-key', id: key.id },
      tenant: { id: acme.id, slug: acme.slug },
      scopes: ['audit:read', 'users:read'],
      account: null,
    },
  });
  const rest = await key.rest<{ actor: object; scopes: string[] }>('GET', '/v1/viewer');
  expect(rest.body.actor).toEqual({ kind: 'api-key', id: key.id });
  const platform = await operator(house).gql<{ viewer: { actor: object; tenant: object } }>(VIEWER);
  expect(platform.data?.viewer).toMatchObject({
    actor: { kind: 'internal', id: null },
    tenant: { id: encodeId('tenant', PLATFORM_TENANT_ID), slug: 'platform' },
  });
  expect((await anonymous(house).gql(VIEWER)).code).toBe('UNAUTHENTICATED');
});

test('a person acts with what their roles grant, and no more', async () => {
  const person = await make.user(acme);
  const ctx = await contextOf(house, { tenantId: acme.uuid, userId: person.uuid });
  const create = () => call(ctx, createUser, { email: 'by-person@example.com' });
  await expect(create()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await make.assign(acme, await make.role(acme, { scopes: ['users:write'] }), person);
  const again = await contextOf(house, { tenantId: acme.uuid, userId: person.uuid });
  expect(await call(again, createUser, { email: 'by-person@example.com' })).toMatchObject({
    tenantId: acme.uuid,
  });
});

test('a person reads their own account without any scope, and nobody else', async () => {
  const person = await make.user(acme, { displayName: 'Ada', locale: 'en-GB' });
  await make.assign(acme, await make.role(acme, { scopes: ['audit:read'] }), person);
  const ctx = await contextOf(house, { tenantId: acme.uuid, userId: person.uuid, scopes: [] });
  const read = (query: string) =>
    call(
      ctx,
      (context) => executeOperation(schema, { document: parse(query) }, context),
      undefined,
    );
  const fields = 'id email emailVerified displayName givenName familyName locale effectiveScopes';
  const { data } = await read(`{ viewer { actor { kind id } scopes account { ${fields} } } }`);
  expect(data).toEqual({
    viewer: {
      actor: { kind: 'user', id: person.id },
      scopes: [],
      account: {
        id: person.id,
        email: person.email,
        emailVerified: false,
        displayName: 'Ada',
        givenName: null,
        familyName: null,
        locale: 'en-GB',
        effectiveScopes: ['audit:read'],
      },
    },
  });
  const { errors } = await read(`{ user(id: "${person.id}") { id } }`);
  expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
});
