/** The watch over a session, against a running Signet; time passes by hand at both ends. */
import { expect, onTestFinished, test } from 'vitest';
import {
  createClient,
  type SessionOver,
  type SessionState,
  type WatchOptions,
  type WatchTimers,
  watchSession,
} from '../../sdk/generated/sdk.ts';
import { type Browser, browser } from '../kit/browser.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { person, signedIn } from '../kit/people.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);

/** A tenant whose people are out after ten minutes without use, or after an hour. */
const short = await tenantOf({ sessionIdleSeconds: 600, sessionSeconds: 3600 });

async function tenantOf(policy: object): Promise<MadeTenant> {
  const tenant = await make.tenant();
  await run(tenant, 'updateSignInPolicy', 'signInPolicy { mfa }', policy);
  return tenant;
}

interface Waiting {
  readonly run: () => void;
  readonly at: number;
}

/** One tab. Its clock has nothing to do with the server's. */
function openTab(window: Browser, options: Partial<WatchOptions> = {}) {
  const heard: { what: string; value: SessionState | SessionOver | unknown }[] = [];
  const hear = (what: string) => (value: unknown) => void heard.push({ what, value });
  let waiting: Waiting | null = null;
  let armed = 0;
  let now = 0;
  const timers: WatchTimers = {
    setTimeout(run, ms) {
      armed += 1;
      waiting = { run, at: now + ms };
      return waiting;
    },
    clearTimeout(timer) {
      if (timer === waiting) waiting = null;
    },
    now: () => now,
  };
  let asked = 0;
  const client = createClient({
    url: house.url,
    session: true,
    fetch: (...call) => {
      asked += 1;
      return window.fetch(...call);
    },
    retry: { attempts: 1 },
  });
  const watch = watchSession(client, {
    onWarning: hear('warning'),
    onExpired: hear('expired'),
    onExtended: hear('extended'),
    onError: hear('error'),
    timers,
    ...options,
  });
  onTestFinished(() => watch.stop());
  return {
    watch,
    heard,
    names: () => heard.map(({ what }) => what),
    asked: () => asked,
    waiting: () => waiting,
    /** It has been told what it asked, and waits again; or it is over. */
    settled: (after = 0) => until(() => (armed > after && waiting) || over(heard)),
    /** Lets its clock run on; what is due is run. */
    async pass(seconds: number) {
      now += seconds * 1000;
      if (!waiting || waiting.at > now) return;
      const due = waiting;
      waiting = null;
      void due.run();
      await until(() => waiting || over(heard));
    },
  };
}

const over = (heard: readonly { what: string }[]) => heard.some(({ what }) => what === 'expired');

/** Time for the server and these tabs, in steps in which something may be due. */
async function pass(seconds: number, ...tabs: readonly ReturnType<typeof openTab>[]) {
  for (let passed = 0; passed < seconds; passed += 5) {
    house.clock.advance(5_000);
    for (const tab of tabs) await tab.pass(5);
  }
}

async function window(tenant = short): Promise<Browser> {
  return signedIn(house, tenant, await person(house, make, tenant));
}

test('C03 warns once before the idle end, which watching does not put off, and tells of it', async () => {
  const tab = openTab(await window());
  await tab.settled();
  await pass(475, tab);
  expect(tab.names()).toEqual([]);
  await pass(10, tab);
  expect(tab.heard).toEqual([
    {
      what: 'warning',
      value: expect.objectContaining({
        endsBy: 'IDLE',
        canRefresh: true,
        acr: 'pwd',
        amr: ['pwd'],
      }),
    },
  ]);
  const secondsLeft = (tab.heard[0]?.value as SessionState | undefined)?.secondsLeft;
  expect(secondsLeft).toBeGreaterThan(110);
  expect(secondsLeft).toBeLessThanOrEqual(120);
  await pass(120, tab);
  expect(tab.heard.slice(1)).toEqual([{ what: 'expired', value: { reason: 'IDLE' } }]);
  expect(tab.waiting()).toBeNull();
  // Ten minutes of looking once a minute, and four times a minute after the warning.
  expect(tab.asked()).toBeLessThan(24);
  expect(await tab.watch.refresh()).toBeNull();
});

test('refresh puts the idle end off, and the other tabs see it', async () => {
  const shared = await window();
  const [here, there] = [openTab(shared), openTab(shared)];
  await Promise.all([here.settled(), there.settled()]);
  await pass(485, here, there);
  expect([here.names(), there.names()]).toEqual([['warning'], ['warning']]);
  const state = await here.watch.refresh();
  expect(state).toMatchObject({ endsBy: 'IDLE', secondsLeft: 600 });
  await until(() => there.names().includes('extended'));
  await pass(400, here, there);
  expect([here.names(), there.names()]).toEqual([
    ['warning', 'extended'],
    ['warning', 'extended'],
  ]);
  await pass(85, here, there);
  expect(there.names()).toEqual(['warning', 'extended', 'warning']);
});

test('use by anything of the page takes a warning away', async () => {
  const shared = await window();
  const tab = openTab(shared);
  await tab.settled();
  await pass(490, tab);
  await shared.gql('{ viewer { scopes } }');
  await pass(20, tab);
  expect(tab.names()).toEqual(['warning', 'extended']);
});

test('the absolute end is told apart: refreshing does not help', async () => {
  const tenant = await tenantOf({ sessionIdleSeconds: 600, sessionSeconds: 600 });
  const tab = openTab(await window(tenant), { warningSeconds: 300 });
  await tab.settled();
  await pass(310, tab);
  const [warning] = tab.heard;
  expect(warning?.value).toMatchObject({ endsBy: 'ABSOLUTE', canRefresh: false });
  expect((await tab.watch.refresh())?.secondsLeft).toBeLessThan(300);
  await pass(300, tab);
  expect(tab.heard.slice(1)).toEqual([{ what: 'expired', value: { reason: 'ABSOLUTE' } }]);
});

test('C04 a session that was ended elsewhere is told of at the next look, in every tab', async () => {
  const ada = await person(house, make, short);
  const shared = await signedIn(house, short, ada);
  const [here, there] = [openTab(shared), openTab(shared, { checkSeconds: 3_000 })];
  await Promise.all([here.settled(), there.settled()]);
  await run(short, 'endUserSessions', 'endedIds', { userId: ada.id });
  await pass(65, here);
  expect(here.heard).toEqual([{ what: 'expired', value: { reason: 'ENDED' } }]);
  await until(() => over(there.heard));
  expect(there.heard).toEqual([{ what: 'expired', value: { reason: 'ENDED' } }]);
});

test('another person in the same browser is the end of the first one’s session', async () => {
  const shared = await window();
  const tab = openTab(shared);
  await tab.settled();
  const next = await window();
  for (const [name, value] of next.cookies) shared.cookies.set(name, value);
  await pass(65, tab);
  expect(tab.heard).toEqual([{ what: 'expired', value: { reason: 'ENDED' } }]);
});

test('a server that is away ends no session; it is asked until it says so', async () => {
  const shared = await window();
  const lost = { ...shared, fetch: () => Promise.reject(new TypeError('fetch failed')) };
  const line = { ...shared };
  const tab = openTab(line as Browser);
  await tab.settled();
  Object.assign(line, lost);
  await pass(200, tab);
  expect(new Set(tab.names())).toEqual(new Set(['error']));
  expect(tab.heard[0]?.value).toMatchObject({ code: 'NETWORK_ERROR' });
  await expect(tab.watch.refresh()).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  await pass(500, tab);
  expect(new Set(tab.names())).toEqual(new Set(['error']));
  Object.assign(line, { fetch: shared.fetch });
  await pass(60, tab);
  expect(tab.heard.at(-1)).toEqual({ what: 'expired', value: { reason: 'IDLE' } });
});

test('a page that nobody sees looks only when it must, and at once when it is back', async () => {
  const page = Object.assign(new EventTarget(), { hidden: true });
  Object.defineProperty(globalThis, 'document', { value: page, configurable: true });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, 'document'));
  const tab = openTab(await window());
  await tab.settled();
  await pass(475, tab);
  expect(tab.asked()).toBe(1);
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  await until(() => tab.asked() === 2);
  await tab.settled();
  await pass(10, tab);
  expect(tab.names()).toEqual(['warning']);
});

test('nothing is heard after stop, not even what was asked before it', async () => {
  const tab = openTab(await window());
  tab.watch.stop();
  const other = openTab(await window());
  await other.settled();
  other.watch.stop();
  await pass(700, tab, other);
  expect([tab.names(), other.names()]).toEqual([[], []]);
  expect(await other.watch.refresh()).toBeNull();
});

test('where nobody is signed in it is over at once', async () => {
  const tab = openTab(browser(house));
  await until(() => over(tab.heard));
  expect(tab.heard).toEqual([{ what: 'expired', value: { reason: 'ENDED' } }]);
});
