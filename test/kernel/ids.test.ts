import { expect, test } from 'vitest';
import { z } from 'zod';
import { decodeId, encodeId, ID_TYPES, id, newId, typeOfId } from '#kernel/ids.ts';

// The valid vectors of the TypeID 0.3 specification.
const VECTORS = [
  ['00000000-0000-0000-0000-000000000000', '00000000000000000000000000'],
  ['00000000-0000-0000-0000-000000000001', '00000000000000000000000001'],
  ['00000000-0000-0000-0000-00000000000a', '0000000000000000000000000a'],
  ['00000000-0000-0000-0000-000000000010', '0000000000000000000000000g'],
  ['00000000-0000-0000-0000-000000000020', '00000000000000000000000010'],
  ['ffffffff-ffff-ffff-ffff-ffffffffffff', '7zzzzzzzzzzzzzzzzzzzzzzzzz'],
  ['0110c853-1d09-52d8-d73e-1194e95b5f19', '0123456789abcdefghjkmnpqrs'],
  ['01890a5d-ac96-774b-bcce-b302099a8057', '01h455vb4pex5vsknk084sn02q'],
] as const;

test.each(VECTORS)('a uuid %s is written as %s and read back', (uuid, digits) => {
  expect(encodeId('user', uuid)).toBe(`user_${digits}`);
  expect(decodeId('user', `user_${digits}`)).toBe(uuid);
});

test('every new id survives its text form, whatever its type', () => {
  for (const type of ID_TYPES) {
    const uuid = newId();
    const text = encodeId(type, uuid);
    expect(decodeId(type, text)).toBe(uuid);
    expect(typeOfId(text)).toBe(type);
  }
});

test('ids of one process are UUIDv7, distinct, and sort as they were made, in both forms', () => {
  const ids = Array.from({ length: 20_000 }, () => newId());
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  const texts = ids.map((uuid) => encodeId('event', uuid));
  expect(texts.toSorted()).toEqual(texts);
  for (const uuid of ids) {
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

const GOOD = 'user_01h455vb4pex5vsknk084sn02q';

test.each([
  ['another type', 'group_01h455vb4pex5vsknk084sn02q'],
  ['no prefix', '01h455vb4pex5vsknk084sn02q'],
  ['upper case', GOOD.toUpperCase()],
  ['an upper-case digit', 'user_01H455vb4pex5vsknk084sn02q'],
  ['more than 128 bits', 'user_8zzzzzzzzzzzzzzzzzzzzzzzzz'],
  ['a digit that Crockford reads as another', 'user_0lh455vb4pex5vsknk084sn02q'],
  ['too short', GOOD.slice(0, -1)],
  ['too long', `${GOOD}0`],
  ['a space', ` ${GOOD.slice(1)}`],
  ['a digit that is none', 'user_01h455vb4pex5vsknk084sn02é'],
  ['a character beyond the table', 'user_01h455vb4pex5vsknk084sn02\u{1f600}'.slice(0, 31)],
  ['a uuid', '01890a5d-ac96-774b-bcce-b302099a8057'],
  ['nothing', ''],
])('an id with %s is none', (_, text) => {
  expect(decodeId('user', text)).toBeNull();
});

test('an id in an input becomes its uuid; a wrong one is told which type is wanted', () => {
  const shape = z.object({ userId: id('user') });
  expect(shape.parse({ userId: GOOD }).userId).toBe('01890a5d-ac96-774b-bcce-b302099a8057');
  const refused = shape.safeParse({ userId: 'group_01h455vb4pex5vsknk084sn02q' });
  expect(refused.error?.issues).toMatchObject([
    { path: ['userId'], message: 'must be a user id (user_...)' },
  ]);
  expect(shape.shape.userId.meta()).toMatchObject({ graphql: 'ID' });
});

test('what is no uuid is not encoded', () => {
  expect(() => encodeId('user', 'nonsense-that-is-as-long-as-a-uuid--')).toThrow(TypeError);
});
