/** The credential is in nothing that could be logged. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ClientOptions, createUser, isSignetError } from '../../sdk/generated/sdk.ts';
import { clientOf, failure, lost, SECRET, settle, VARIABLES } from './told-fetch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the credential', () => {
  const shown = (value: unknown) =>
    [String(value), inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value)].join(
      '\n',
    );

  test('is in no client and in no error', async () => {
    const { client } = clientOf([lost(), failure('UNAUTHENTICATED', 401)], {
      retry: { attempts: 1 },
    });
    expect(shown(client)).not.toContain(SECRET);
    for (let n = 0; n < 2; n += 1) {
      const { value } = await settle(createUser(client, VARIABLES));
      expect(isSignetError(value)).toBe(true);
      expect(shown(value)).not.toContain(SECRET);
    }
  });

  test.each([
    ['a line break', { apiKey: `${SECRET}\n` }],
    ['nothing', { apiKey: '' }],
    ['a password in the url', { url: `https://me:${SECRET}@id.example.com`, apiKey: 'sgnt_a' }],
    ['an url that is none', { url: `id.example.com/${SECRET}`, apiKey: 'sgnt_a' }],
    ['two of them', { apiKey: SECRET, token: SECRET }],
    ['none', { apiKey: undefined }],
  ])('is refused without being repeated: %s', (_what, options) => {
    const make = () => clientOf([], options as Partial<ClientOptions>);
    expect(make).toThrow(TypeError);
    try {
      make();
    } catch (error) {
      expect(shown(error)).not.toContain(SECRET);
    }
  });

  test('from a function is checked as well', async () => {
    const options = { apiKey: undefined, token: () => `${SECRET}\n` } as Partial<ClientOptions>;
    const { value } = await settle(createUser(clientOf([], options).client, VARIABLES));
    expect(value).toBeInstanceOf(TypeError);
    expect(shown(value)).not.toContain(SECRET);
  });
});
