/** Commands: what happens around `run`, whoever calls. The commands here exist for this test only. */
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createGroup } from '#features/groups/groups.commands.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import {
  DomainError,
  Forbidden,
  InvalidInput,
  Unauthenticated,
  VersionMismatch,
} from '#kernel/errors.ts';
import { hooks } from '#kernel/hooks.ts';
import { id, newId } from '#kernel/ids.ts';
import { auditLog } from '../kit/audit-row.ts';
import { call, contextOf, unlisted } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse({ eventsAsPromised: false });
const acme = await makers(house).tenant();

class NoteRefused extends DomainError {
  static override readonly code = 'NOTE_REFUSED';
  static override readonly status = 409;
}

/** What `note` does beside writing its row; each test sets its own. */
let behave: (ctx: Context) => Promise<unknown> = async () => undefined;
const order: string[] = [];
afterEach(() => {
  behave = async () => undefined;
  order.length = 0;
});

const note = unlisted({
  name: 'test.note',
  summary: 'Writes a group.',
  scope: 'groups:write',
  severity: 'NOTICE',
  input: z.strictObject({
    text: z.string().min(1).describe('What to write.'),
    about: id('user').optional().describe('Whom it is about.'),
  }),
  errors: [NoteRefused, VersionMismatch],
  targets: (made: { id: string }) => [{ type: 'group', id: made.id }],
  refusedTargets: ({ about }) => (about ? [{ type: 'user', id: about }] : []),
  details: (_made, { text }) => ({ length: text.length }),
  prepare: async () => {
    order.push('prepare');
    return 'ready';
  },
  async run(ctx, { text }, ready) {
    order.push(`run ${ready}`);
    const groupId = newId();
    await ctx.db.query(
      'INSERT INTO groups (tenant_id, id, name, name_key) VALUES ($1, $2, $3, $3)',
      [ctx.tenantId, groupId, text],
    );
    await behave(ctx);
    return { id: groupId };
  },
});

/** A command inside a command: the inner one joins the outer transaction. */
const notes = unlisted({
  name: 'test.notes',
  summary: 'Writes several groups.',
  scope: 'groups:write',
  input: z.strictObject({ texts: z.array(z.string()).describe('What to write.') }),
  errors: [NoteRefused],
  targets: () => [],
  async run(ctx, { texts }) {
    for (const text of texts) await note(ctx, { text });
    await ctx.hooks.before(ctx, 'test.inside', {});
    return { count: texts.length };
  },
});

const context = (scopes: readonly string[] = ['groups:write']) =>
  contextOf(house, { tenantId: acme.uuid, scopes });
const written = async () =>
  (await rows<{ name: string }>(house, acme.uuid, 'SELECT name FROM groups ORDER BY id')).map(
    ({ name }) => name,
  );
const logged = async (ctx: Context) =>
  (await auditLog(house, acme.uuid, ctx.requestId)).map(({ type, result, reason }) =>
    [type, result, reason].filter(Boolean).join(' '),
  );

test('a command runs in its order: parse, prepare, then all in one transaction with its record', async () => {
  const ctx = await context();
  const made = await call(ctx, note, { text: 'first' });
  expect(order).toEqual(['prepare', 'run ready']);
  expect(await written()).toEqual(['first']);
  const [event] = await auditLog(house, acme.uuid, ctx.requestId);
  expect(event).toMatchObject({
    type: 'test.note',
    severity: 'NOTICE',
    details: { length: 5 },
    targets: [{ type: 'group', id: expect.stringMatching(/^group_/) }],
  });
  const outbox = await rows(
    house,
    acme.uuid,
    'SELECT type, tenant_id FROM outbox WHERE event_id = $1',
    [event?.id],
  );
  expect(outbox).toEqual([{ type: 'test.note', tenant_id: acme.uuid }]);
  expect(made.id).toMatch(/^[0-9a-f-]{36}$/);
});

test('who lacks the scope gets no further than that: nothing is parsed, prepared or told', async () => {
  const ctx = await context(['groups:read']);
  await expect(call(ctx, note, { nonsense: true })).rejects.toThrow(Forbidden);
  expect(order).toEqual([]);
  expect(await logged(ctx)).toEqual(['test.note REFUSED FORBIDDEN']);
  const stranger: Context = { ...ctx, actor: { ...ctx.actor, kind: 'anonymous' } };
  await expect(call(stranger, note, { text: 'x' })).rejects.toThrow(Unauthenticated);
});

test('a malformed input names every field, and is no event', async () => {
  const ctx = await context();
  const refused = await call(ctx, note, { text: '', about: 'group_x', extra: 1 } as never).catch(
    (e: unknown) => e,
  );
  expect(refused).toBeInstanceOf(InvalidInput);
  expect((refused as InvalidInput).fields.map(({ path }) => path)).toEqual(['text', 'about', '']);
  expect(await logged(ctx)).toEqual([]);
  expect(order).toEqual([]);
});

test('a hook refuses before anything is done, and its refusal is a row', async () => {
  const seen: unknown[] = [];
  const ctx: Context = {
    ...(await context()),
    hooks: hooks([
      async (_ctx, name, input) => void seen.push([name, input]),
      async () => {
        throw new NoteRefused('not today');
      },
    ]),
  };
  const before = await written();
  await expect(call(ctx, note, { text: 'hooked' })).rejects.toMatchObject({ code: 'NOTE_REFUSED' });
  expect([seen, order, await written()]).toEqual([[['test.note', { text: 'hooked' }]], [], before]);
  expect(await logged(ctx)).toEqual(['test.note REFUSED NOTE_REFUSED']);
});

test('a declared refusal undoes what was written and leaves its own row, with what it was about', async () => {
  const ctx = await context();
  const before = await written();
  behave = async () => {
    throw new NoteRefused('no');
  };
  const about = 'user_01h2xcejqtf2nbrexx3vqjhp41';
  await expect(call(ctx, note, { text: 'undone', about })).rejects.toMatchObject({ status: 409 });
  expect(await written()).toEqual(before);
  const [event] = await auditLog(house, acme.uuid, ctx.requestId);
  expect(event).toMatchObject({
    result: 'REFUSED',
    severity: 'WARNING',
    reason: 'NOTE_REFUSED',
    targets: [{ type: 'user', id: about }],
  });
});

test('K06 an error that was not declared is a bug: it answers as one, and leaves nothing', async () => {
  class Surprise extends DomainError {
    static override readonly code = 'SURPRISE';
    static override readonly status = 418;
  }
  const before = await written();
  for (const thrown of [
    new Surprise('inner text'),
    new TypeError('inner text'),
    'text',
    undefined,
  ]) {
    const ctx = await context();
    behave = () => Promise.reject(thrown);
    const failure = await call(ctx, note, { text: 'bug' }).then(
      () => 'done',
      (error: unknown) => error,
    );
    expect(failure).not.toBe('done');
    expect(failure instanceof DomainError).toBe(false);
    expect(await logged(ctx)).toEqual(['test.note FAILED INTERNAL']);
  }
  expect(await written()).toEqual(before);
});

test('a command inside a command joins its transaction: all of both, or nothing of either', async () => {
  const before = await written();
  const ctx = await context();
  await call(ctx, notes, { texts: ['one', 'two'] });
  expect(await written()).toEqual([...before, 'one', 'two']);
  expect((await logged(ctx)).sort()).toEqual([
    'test.note SUCCESS',
    'test.note SUCCESS',
    'test.notes SUCCESS',
  ]);
  let calls = 0;
  behave = async () => {
    calls += 1;
    if (calls === 2) throw new NoteRefused('the second');
  };
  const failing = await context();
  await expect(call(failing, notes, { texts: ['three', 'four'] })).rejects.toMatchObject({
    code: 'NOTE_REFUSED',
  });
  expect(await written()).toEqual([...before, 'one', 'two']);
  expect(await logged(failing)).toContain('test.notes REFUSED NOTE_REFUSED');
});

test('a part that failed cannot be committed by whoever swallows its error', async () => {
  const before = await written();
  const swallow = unlisted({
    name: 'test.swallow',
    summary: 'Goes on after a refusal.',
    scope: 'groups:write',
    input: z.strictObject({}),
    errors: [],
    targets: () => [],
    async run(ctx) {
      await note(ctx, { text: 'half' }).catch(() => undefined);
      return {};
    },
  });
  behave = async () => {
    throw new NoteRefused('no');
  };
  const ctx = await context();
  await expect(call(ctx, swallow, {})).rejects.toThrow();
  expect(await written()).toEqual(before);
  expect(await logged(ctx)).not.toContain('test.swallow SUCCESS');
});

test('a name is declared once', () => {
  expect(() => command(createGroup.definition as never)).toThrow('group.create is declared twice');
});
