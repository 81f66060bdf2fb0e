/** The audit log: every change and every refusal is one row, whole, unchangeable and provable. */
import { expect, test } from 'vitest';
import { allCommands } from '#kernel/commands/command.ts';
import { leafHash } from '#kernel/events/event.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { anonymous, type Caller, operator } from '../kit/as.ts';
import { type AuditRow, auditLog, recordOf } from '../kit/audit-row.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { mutationDocument } from '../kit/mutate.ts';
import { openRegistration, registered } from '../kit/registration.ts';
import { rows } from '../kit/stored.ts';
import { send } from '../kit/wire.ts';
import { type Step, streamSteps } from './stream-steps.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

/** One mutation as one request: what came of it, and the rows that it left in the tenant's log. */
async function did(caller: Caller, mutation: string, input: object, selection = '__typename') {
  const answer = await caller.gql<Record<string, { code?: string; [field: string]: unknown }>>(
    mutationDocument(mutation, selection),
    { input },
  );
  const requestId = answer.headers['x-request-id'];
  const outcome = answer.data?.[mutation];
  return {
    outcome,
    code: outcome?.code ?? answer.code,
    requestId,
    log: await auditLog(house, acme.uuid, requestId),
  };
}

test('K02 every command writes exactly its row: who, what, when, where, on what, how it ended', async () => {
  const user = await make.user(acme);
  const group = await make.group(acme);
  const role = await make.role(acme);
  const key = await make.apiKey(acme, ['users:read']);
  const session = await make.session(acme, user);
  const doomed = {
    user: await make.user(acme),
    group: await make.group(acme),
    role: await make.role(acme),
  };
  const [client, spare] = [await make.client(acme), await make.client(acme)];
  const [resource, unused] = [await make.resource(acme), await make.resource(acme)];
  const consent = await make.consent(acme, user, client);
  const c = { id: client.id };
  await openRegistration(acme);
  const initial = await make.initialAccessToken(acme);
  const selfMade = { id: (await registered(house, acme, initial.token)).client_id };
  const [u, g, r] = [{ id: user.id }, { id: group.id }, { id: role.id }];
  const [userRole, groupUser] = [
    { roleId: r.id, userId: u.id },
    { groupId: g.id, userId: u.id },
  ];
  const steps: Step[] = [
    ['user.create', 'createUser', { email: 'new@example.com' }, [/^user_/]],
    ['user.update', 'updateUser', { ...u, displayName: 'New' }, [u.id]],
    ['user.suspend', 'suspendUser', u, [u.id]],
    ['user.activate', 'activateUser', u, [u.id]],
    ['user.delete', 'deleteUser', { id: doomed.user.id }, [doomed.user.id]],
    ['group.create', 'createGroup', { name: 'New' }, [/^group_/]],
    ['group.update', 'updateGroup', { ...g, description: 'x' }, [g.id]],
    ['group.add-member', 'addGroupMember', groupUser, [g.id, u.id]],
    ['group.remove-member', 'removeGroupMember', groupUser, [g.id, u.id]],
    ['group.delete', 'deleteGroup', { id: doomed.group.id }, [doomed.group.id]],
    ['role.create', 'createRole', { name: 'New', scopes: [] }, [/^role_/]],
    ['role.update', 'updateRole', { ...r, scopes: [] }, [r.id]],
    ['role.assign', 'assignRole', userRole, [r.id, u.id]],
    ['role.unassign', 'unassignRole', userRole, [r.id, u.id]],
    ['role.delete', 'deleteRole', { id: doomed.role.id }, [doomed.role.id]],
    ['api-key.create', 'createApiKey', { name: 'New', scopes: ['users:read'] }, [/^key_/]],
    ['api-key.rotate', 'rotateApiKey', { id: key.id }, [key.id]],
    ['api-key.revoke', 'revokeApiKey', { id: key.id }, [key.id]],
    ['session.end', 'endSession', { id: session.id }, [session.id]],
    ['session.end-all', 'endUserSessions', { userId: u.id }, [u.id]],
    ['password.require-reset', 'requirePasswordReset', u, [u.id]],
    ['user.unlock', 'unlockUser', u, [u.id]],
    ['invitation.create', 'inviteUser', { email: 'invited@example.com' }, [/^user_/]],
    ['invitation.resend', 'resendInvitation', u, [u.id]],
    ['sign-in-policy.update', 'updateSignInPolicy', { maxSessions: 5 }, [acme.id]],
    ['client.create', 'createClient', { name: 'New', type: 'SERVICE' }, [/^client_/]],
    ['client.update', 'updateClient', { ...c, name: 'Renamed' }, [c.id]],
    ['client.rotate-secret', 'rotateClientSecret', c, [c.id]],
    ['client.disable', 'disableClient', c, [c.id]],
    ['client.enable', 'enableClient', c, [c.id]],
    ['client.delete', 'deleteClient', { id: spare.id }, [spare.id]],
    ['client-registration-policy.update', 'updateClientRegistrationPolicy', {}, [acme.id]],
    ['initial-access-token.create', 'createInitialAccessToken', { name: 'x' }, [/^initialtoken_/]],
    ['initial-access-token.revoke', 'revokeInitialAccessToken', { id: initial.id }, [initial.id]],
    ['client-registration.end', 'endClientRegistration', selfMade, [selfMade.id]],
    [
      'resource.create',
      'createResource',
      { identifier: 'https://x.y', name: 'New' },
      [/^resource_/],
    ],
    ['resource.update', 'updateResource', { id: resource.id, name: 'Renamed' }, [resource.id]],
    ['resource.delete', 'deleteResource', { id: unused.id }, [unused.id]],
    ['consent.revoke', 'revokeConsent', { id: consent.id }, [consent.id, u.id, c.id]],
    ['signing-key.rotate', 'rotateSigningKeys', { alg: 'EdDSA' }, [/^signingkey_/, /^signingkey_/]],
    ['signing-key-policy.update', 'updateSigningKeyPolicy', { rotationDays: 30 }, [acme.id]],
    ...(await streamSteps(acme)),
    [
      'mfa.import-totp',
      'importTotpSecrets',
      { items: [{ userId: u.id, secret: 'c2l4dGVlbiBieXRlcyAhIQ==' }] },
      [/^factor_/, u.id],
    ],
    ['mfa.revoke', 'revokeFactors', { userId: u.id }, [/^(factor|user)_/, /^(factor|user)_/]],
  ];
  // One change, of which two kinds of readers want to know.
  const also: Record<string, string[]> = { 'invitation.create': ['user.create'] };
  for (const [type, mutation, input, targets] of steps) {
    house.clock.advance(1_000);
    const { code, log, requestId } = await did(acme, mutation, input);
    expect([type, code]).toEqual([type, undefined]);
    const { severity = 'INFO' } =
      allCommands().find((c) => c.definition.name === type)?.definition ?? {};
    expect(log.slice(1).map((row) => row.type)).toEqual(also[type] ?? []);
    expect(log.slice(0, 1)).toEqual([
      expect.objectContaining({
        tenant_id: acme.uuid,
        type,
        severity,
        result: 'SUCCESS',
        reason: null,
        occurred_at: house.clock.now(),
        actor_kind: 'api-key',
        actor_id: acme.keyId,
        request_id: requestId,
        targets: targets.map((id) => ({
          type: expect.any(String),
          id: typeof id === 'string' ? id : expect.stringMatching(id),
        })),
      }),
    ]);
    expect(leafHash(recordOf(log[0] as AuditRow))).toEqual(log[0]?.leaf_hash);
  }
  const platform = [
    'tenant.activate',
    'tenant.create',
    'tenant.delete',
    'tenant.suspend',
    'tenant.update',
  ];
  // What people do for themselves is closed to keys.
  const own = allCommands().flatMap(({ definition: { name, access } }) =>
    typeof access === 'object' && access.person ? [name] : [],
  );
  // Called by a protocol alone (test/protocols/registration.test.ts).
  const ofProtocols = ['client.register'];
  const tested = [...own, ...steps.map(([type]) => type), ...platform, ...ofProtocols].sort();
  expect(allCommands().map((c) => c.definition.name)).toEqual(tested);
});

test('K02 what the platform does to a tenant stands in both logs', async () => {
  const platform = operator(house);
  const tenant = await make.tenant();
  const { id } = tenant;
  const steps: [string, string, object][] = [
    ['tenant.update', 'updateTenant', { id, name: 'Renamed' }],
    ['tenant.suspend', 'suspendTenant', { id }],
    ['tenant.activate', 'activateTenant', { id }],
    ['tenant.delete', 'deleteTenant', { id }],
  ];
  for (const [type, mutation, input] of steps) {
    const { code, requestId } = await did(platform, mutation, input);
    expect([type, code]).toEqual([type, undefined]);
    const both = [
      ...(await auditLog(house, tenant.uuid, requestId)),
      ...(await auditLog(house, PLATFORM_TENANT_ID, requestId)),
    ];
    expect(both.map((row) => [row.tenant_id, row.type, row.actor_kind, row.targets])).toEqual(
      [tenant.uuid, PLATFORM_TENANT_ID].map((t) => [t, type, 'internal', [{ type: 'tenant', id }]]),
    );
    for (const row of both) expect(leafHash(recordOf(row))).toEqual(row.leaf_hash);
  }
});

test('a refusal is a row of its own, though nothing else of the command is kept', async () => {
  const taken = await make.user(acme);
  const group = await make.group(acme);
  const low = await make.apiKey(acme, ['users:write', 'groups:write']);
  const user = [{ type: 'user', id: taken.id }];
  const version = { id: taken.id, version: 9 };
  const refusals: [Caller, string, object, string, string, object[]][] = [
    [acme, 'createUser', { email: taken.email }, 'user.create', 'EMAIL_TAKEN', []],
    [acme, 'updateUser', version, 'user.update', 'VERSION_MISMATCH', user],
    [
      acme,
      'removeGroupMember',
      { groupId: group.id, userId: taken.id },
      'group.remove-member',
      'NOT_A_MEMBER',
      [{ type: 'group', id: group.id }, ...user],
    ],
    [low, 'createApiKey', { name: 'x', scopes: ['audit:read'] }, 'api-key.create', 'FORBIDDEN', []],
    [low, 'deleteRole', { id: (await make.role(acme)).id }, 'role.delete', 'FORBIDDEN', []],
  ];
  for (const [caller, mutation, input, type, reason, targets] of refusals) {
    const { code, log } = await did(caller, mutation, input);
    expect([type, code]).toEqual([type, reason]);
    expect(log.map((row) => [row.type, row.result, row.severity, row.reason, row.targets])).toEqual(
      [[type, 'REFUSED', 'WARNING', reason, targets]],
    );
    expect(leafHash(recordOf(log[0] as AuditRow))).toEqual(log[0]?.leaf_hash);
  }
  const bad = await did(acme, 'createUser', { email: 'nonsense' });
  expect([bad.code, bad.log]).toEqual(['INVALID_INPUT', []]);
});

test('K02 refusals of strangers are counted: one row a minute, address and reason', async () => {
  const stranger = anonymous(house);
  for (let n = 0; n < 5; n += 1) await did(stranger, 'createUser', { email: 'x@example.com' });
  for (let n = 0; n < 3; n += 1)
    await send(house.url, {
      path: '/v1/users',
      headers: { authorization: `Bearer nonsense-${n}` },
    });
  const counted = () =>
    rows<{ type: string; reason: string; details: object; actor_kind: string }>(
      house,
      PLATFORM_TENANT_ID,
      "SELECT type, reason, details, actor_kind FROM audit_events WHERE actor_kind = 'anonymous' ORDER BY type",
    );
  expect(await counted()).toEqual([]);
  await house.services.refusals.flush();
  const once = await counted();
  expect(once).toEqual([
    {
      type: 'credential.verify',
      reason: 'UNAUTHENTICATED',
      details: { count: 3 },
      actor_kind: 'anonymous',
    },
    {
      type: 'user.create',
      reason: 'UNAUTHENTICATED',
      details: { count: 5 },
      actor_kind: 'anonymous',
    },
  ]);
  await house.services.refusals.flush();
  expect(await counted()).toEqual(once);
});
