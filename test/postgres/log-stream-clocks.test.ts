/** X07 K07: leases go by the database's clock, whatever an instance takes the time to be. */
import { afterAll, expect, test } from 'vitest';
import { makeStream } from '../features/streamed.ts';
import { fixedClock } from '../kit/clock.ts';
import { openHouse, startHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';

const receiver = await openReceiver();
const env = { OUTBOUND_ALLOW: receiver.host };
const house = await openHouse({ env });
afterAll(() => receiver.close());
const make = makers(house);

test.each([3_600_000, -3_600_000])(
  'X07 K07 an instance whose clock is %i ms off takes no stream that another is at',
  async (skewMs) => {
    const acme = await make.tenant();
    const [held, free] = [`/held${skewMs}`, `/free${skewMs}`];
    receiver.answer(({ path }) => (path.startsWith(held) ? () => undefined : 200));
    await makeStream(acme, receiver.url(held), { startAt: 'BEGINNING' });
    const asked = () =>
      receiver.received.map(({ path }) => path).filter((path) => path.startsWith(held));
    await until(() => asked().length === 1);
    const clock = fixedClock();
    clock.advance(skewMs);
    const wrong = await startHouse({ env, clock, home: house.home });
    try {
      // The one looks with a wrong clock and keeps what it took with a wrong clock, the other looks again.
      const sent = async () =>
        (await wrong.services.metrics.text()).includes(
          'signet_log_stream_attempts_total{kind="HTTP",outcome="delivered"}',
        );
      // Each is at some.
      const other = await make.tenant();
      for (let n = 0; n < 6; n += 1)
        await makeStream(other, receiver.url(`${held}/${n}`), { startAt: 'BEGINNING' });
      let n = 0;
      await until(async () => {
        n += 1;
        if (n % 20 === 1)
          await makeStream(acme, receiver.url(`${free}/${n}`), { startAt: 'BEGINNING' });
        return n > 100 && asked().length >= 7 && sent();
      });
      expect(asked().toSorted()).toEqual([...new Set(asked())].toSorted());
    } finally {
      await wrong.stop();
    }
  },
);
