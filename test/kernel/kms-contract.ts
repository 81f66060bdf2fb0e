/** What every key service promises, tested in one way. */
import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import type { KeyWrapper } from '#kernel/crypto/key-provider.ts';
import { type KeyServiceOptions, keyProblem } from '#kernel/crypto/kms/key-service.ts';
import { Unavailable } from '#kernel/errors.ts';
import { createLog } from '#kernel/log.ts';
import { type FakeServer, type Otherwise, outboundTo } from './kms-server.ts';

export interface Subject {
  readonly fake: FakeServer;
  open(options?: Partial<KeyServiceOptions>): KeyWrapper;
  /** Makes the service (not who gives its credentials) answer this. */
  instead(said: Otherwise): void;
  readonly kid: RegExp;
  /** The variable that says where it is. */
  readonly address: string;
  /** Never to be seen in an error. */
  readonly secrets: readonly string[];
}

export const OWNER = Buffer.from('data key|0197a1|ü');
export const OTHER = Buffer.from('data key|0197a2|ü');

/** What the operator is told of a failure that is none of the wrapped key's; nobody is told a secret. */
export async function problem(
  failing: Promise<unknown>,
  secrets: readonly string[],
): Promise<{ line: string | undefined; retryAfter: number }> {
  const error = await refused(failing, secrets);
  expect(error).toBeInstanceOf(Unavailable);
  const { message, retryAfter } = error as Unavailable;
  expect(message).toBe('Keys cannot be used at the moment; try again shortly');
  return { line: keyProblem(error)?.message, retryAfter };
}

/** The same of a wrapped key that does not open. */
export async function broken(failing: Promise<unknown>, secrets: readonly string[]) {
  const error = await refused(failing, secrets);
  expect(error).toBeInstanceOf(SealBroken);
  return keyProblem(error)?.message;
}

async function refused(failing: Promise<unknown>, secrets: readonly string[]): Promise<unknown> {
  const error = await failing.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  let logged = '';
  const log = createLog(
    { level: 'error' },
    new Writable({
      write(line, _encoding, done) {
        logged += line;
        done();
      },
    }),
  );
  log.error({ err: error }, 'failed');
  const seen = inspect(error, { depth: null, showHidden: true }) + logged;
  expect(logged).toContain('failed');
  for (const secret of secrets) expect(seen).not.toContain(secret);
  return error;
}

export function keepsItsPromises(subject: () => Subject): void {
  const key = randomBytes(32);
  const secrets = () => [...subject().secrets, key.toString('base64')];

  test('K01 a data key opens for its owner only, and as it was wrapped only', async () => {
    const service = subject().open();
    const { kid, blob } = await service.wrap(key, OWNER);
    expect(kid).toMatch(subject().kid);
    expect(blob.includes(key)).toBe(false);
    expect(await service.unwrap({ kid, blob }, OWNER)).toEqual(key);
    expect(await broken(service.unwrap({ kid, blob }, OTHER), secrets())).toMatch(/does not open/);
    for (const place of [0, 20, blob.length - 4]) {
      const damaged = Buffer.from(blob);
      damaged[place] = (damaged[place] as number) ^ 1;
      await broken(service.unwrap({ kid, blob: damaged }, OWNER), secrets());
    }
  });

  test('one that is away, silent or cut off is told apart from one that refuses', async () => {
    const { fake, address, instead, open } = subject();
    const service = open({ timeoutMs: 150 });
    const wrapped = await service.wrap(key, OWNER);
    instead('silence');
    expect(await problem(service.unwrap(wrapped, OWNER), secrets())).toEqual({
      line: `${address}: cannot be reached: the request took more than 150 ms`,
      retryAfter: 5,
    });
    instead('cut');
    expect((await problem(service.wrap(key, OWNER), secrets())).line).toMatch(
      `${address}: cannot be reached: `,
    );
    await fake.close();
    for (const call of [service.wrap(key, OWNER), service.unwrap(wrapped, OWNER)])
      expect((await problem(call, secrets())).line).toMatch(
        `${address}: cannot be reached: connect ECONNREFUSED`,
      );
  });

  test('one that is throttled says when to come again, or we do', async () => {
    const { instead, open, address } = subject();
    const service = open();
    for (const [headers, retryAfter] of [
      [{ 'retry-after': '7' }, 7],
      [{ 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 5],
      [{}, 5],
    ] as const) {
      instead({ status: 429, headers, body: 'slow down' });
      expect(await problem(service.wrap(key, OWNER), secrets())).toEqual({
        line: `${address}: is busy (status 429)`,
        retryAfter,
      });
    }
    instead({ status: 503, body: '<html>' });
    expect((await problem(service.wrap(key, OWNER), secrets())).line).toBe(
      `${address}: is busy (status 503)`,
    );
  });

  test('an answer that is none is not believed', async () => {
    const { instead, open } = subject();
    const service = open();
    const wrapped = await service.wrap(key, OWNER);
    const short = Buffer.alloc(31).toString('base64');
    for (const body of [
      '',
      '<html>welcome</html>',
      'null',
      '[]',
      {},
      { Plaintext: short, plaintext: short, plaintextCrc32c: '0', data: { plaintext: short } },
      { Plaintext: 1, plaintext: 'not base64', data: { plaintext: null, ciphertext: 'x' } },
    ]) {
      instead({ status: 200, body });
      for (const call of [service.wrap(key, OWNER), service.unwrap(wrapped, OWNER)])
        await problem(call, secrets());
    }
    instead({ status: 200, body: 'x'.repeat(100_000) });
    expect((await problem(service.wrap(key, OWNER), secrets())).line).toMatch(
      /more than 65536 bytes/,
    );
    for (const status of [204, 302, 404, 418]) {
      instead({
        status,
        headers: { location: subject().fake.url },
        body: status === 204 ? '' : 'x',
      });
      await problem(service.unwrap(wrapped, OWNER), secrets());
    }
  });

  test('H05 it is reached at a private address only where that is allowed', async () => {
    const { fake, open } = subject();
    const closed = open({ outbound: outboundTo() });
    const { line } = await problem(closed.wrap(key, OWNER), secrets());
    expect(line).toMatch(/not among OUTBOUND_PORTS; name its host:port in KMS_ALLOW$/);
    expect(fake.asked).toEqual([]);
  });
}
