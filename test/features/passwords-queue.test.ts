/** How much is hashed at once, how much may wait, and who leaves. */
import { expect, test } from 'vitest';
import { hashingQueue } from '#kernel/crypto/hashing-queue.ts';
import { Unavailable } from '#kernel/errors.ts';

/** Work that ends when it is told to, and tells when it began. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const piece = { begun: false, end: resolve, fail: reject, run: () => promise };
  piece.run = () => {
    piece.begun = true;
    return promise;
  };
  return piece;
}

/** One at a time, and one hundred milliseconds of expected work may wait: five pieces. */
const narrow = () => hashingQueue({ width: 1, patienceMs: 100, expectedMs: 20 });

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

test('no more than the width run at once, and the others follow in their order', async () => {
  const queue = hashingQueue({ width: 2, patienceMs: 1000, expectedMs: 20 });
  const pieces = Array.from({ length: 5 }, work);
  const order: number[] = [];
  const ends = pieces.map((piece, index) =>
    queue.run(piece.run).then(() => {
      order.push(index);
    }),
  );
  const begun = () => pieces.map((piece) => piece.begun);
  expect(begun()).toEqual([true, true, false, false, false]);
  pieces[1]?.end('');
  await turnOfTheLoop();
  expect(begun()).toEqual([true, true, true, false, false]);
  pieces[0]?.end('');
  pieces[2]?.end('');
  await turnOfTheLoop();
  expect(begun()).toEqual([true, true, true, true, true]);
  pieces[3]?.end('');
  pieces[4]?.end('');
  await Promise.all(ends);
  expect(order).toEqual([1, 0, 2, 3, 4]);
});

test('X19 beyond the bound the answer is 503 with Retry-After, at once and without any work', async () => {
  const queue = narrow();
  const running = work();
  const ends = [queue.run(running.run)];
  for (let waiting = 0; waiting < 5; waiting += 1) ends.push(queue.run(async () => 'waited'));
  const refused = work();
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  const busy = await queue.run(refused.run).catch((error: unknown) => error);
  expect(busy).toBeInstanceOf(Unavailable);
  expect(busy).toMatchObject({ status: 503, code: 'UNAVAILABLE', retryAfter: 1 });
  expect([turned, refused.begun]).toEqual([false, false]);
  expect(running.begun).toBe(true);
  running.end('ran');
  expect(await Promise.all(ends)).toEqual(['ran', ...Array(5).fill('waited')]);
  expect(await queue.run(async () => 'again')).toBe('again');
});

test('whoever was let in by a queue before is not refused here, and takes no other places', async () => {
  const queue = narrow();
  const running = work();
  const ends = [queue.run(running.run)];
  for (let waiting = 0; waiting < 5; waiting += 1) ends.push(queue.run(async () => 'waited'));
  const admitted = work();
  ends.push(queue.admitted.run(admitted.run));
  await expect(queue.run(async () => '')).rejects.toBeInstanceOf(Unavailable);
  expect(admitted.begun).toBe(false);
  running.end('ran');
  admitted.end('admitted');
  expect(await Promise.all(ends)).toEqual(['ran', ...Array(5).fill('waited'), 'admitted']);
});

test('the bound follows what the work really takes', async () => {
  const queue = hashingQueue({ width: 1, patienceMs: 10, expectedMs: 1 });
  await queue.run(() => new Promise((resolve) => setTimeout(resolve, 200)));
  const running = work();
  const end = queue.run(running.run);
  // What was expected is forgotten: nothing is worth waiting for, and what runs still runs.
  await expect(queue.run(async () => '')).rejects.toBeInstanceOf(Unavailable);
  running.end('ran');
  expect(await end).toBe('ran');
});

test('who gives up leaves the queue and makes room', async () => {
  const queue = narrow();
  const running = work();
  const first = queue.run(running.run);
  const leaver = new AbortController();
  const left = work();
  const leaving = queue.run(left.run, leaver.signal);
  const staying = [1, 2, 3, 4].map((n) => queue.run(async () => n));
  await expect(queue.run(async () => 0)).rejects.toBeInstanceOf(Unavailable);
  leaver.abort(new Error('gone'));
  await expect(leaving).rejects.toThrow('gone');
  staying.push(queue.run(async () => 5));
  running.end('');
  expect(await Promise.all([first, ...staying])).toEqual(['', 1, 2, 3, 4, 5]);
  expect(left.begun).toBe(false);
});

test('who has given up before is not let in; what has begun runs on', async () => {
  const queue = narrow();
  const idle = work();
  await expect(queue.run(idle.run, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  expect(idle.begun).toBe(false);
  const controller = new AbortController();
  const running = work();
  const end = queue.run(running.run, controller.signal);
  controller.abort();
  running.end('done');
  expect(await end).toBe('done');
});

test('work that fails gives its place on', async () => {
  const queue = narrow();
  const failing = work();
  const failed = queue.run(failing.run);
  const next = queue.run(async () => 'next');
  failing.fail(new Error('no memory'));
  await expect(failed).rejects.toThrow('no memory');
  expect(await next).toBe('next');
});
