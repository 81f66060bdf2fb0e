/** K11: what operators and their tools ask of a process, without a credential and without a secret. */
import { expect, test } from 'vitest';
import { anonymous } from '../kit/as.ts';
import { openHouse, startHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);
const get = (path: string) => send(house.url, { path });

test('K11 alive and ready are two questions', async () => {
  expect(await get('/livez')).toMatchObject({ status: 200, text: '{"live":true}' });
  expect(await get('/readyz')).toMatchObject({ status: 200, text: '{"ready":true,"problems":[]}' });
  expect((await get('/readyz')).headers['cache-control']).toBe('no-store');
});

test('K11 metrics are in the exposition format, and say what an operator asks', async () => {
  const tenant = await make.tenant();
  await make.user(tenant);
  await tenant.rest('POST', '/v1/users', { body: { email: 'nobody' } });
  await anonymous(house).gql('{ viewer { scopes } }');
  const { headers, text } = await get('/metrics');
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples = exposition(text);
  const value = (name: string, labels: Record<string, string> = {}) =>
    samples.find(
      (one) =>
        one.name === name && Object.entries(labels).every(([key, is]) => one.labels[key] === is),
    )?.value;
  expect(
    value('signet_command_seconds_count', { command: 'user.create', outcome: 'success' }),
  ).toBe(1);
  expect(
    value('signet_command_seconds_count', { command: 'user.create', outcome: 'refused' }),
  ).toBe(1);
  expect(value('signet_requests_total', { status: '422' })).toBe(1);
  expect(value('signet_requests_total', { status: '200' })).toBeGreaterThan(1);
  expect(value('signet_database_connections')).toBeGreaterThanOrEqual(1);
  expect(value('signet_database_waiting')).toBe(0);
  expect(value('signet_nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  // Names of things, never things: the number of series does not grow with what is stored.
  expect(text).not.toMatch(/(tenant|user|key)_[0-9a-z]{26}|[0-9a-f]{8}-[0-9a-f]{4}-/);
  expect(text).not.toContain(house.internalKey);
});

test('K11 only GET and HEAD are answered', async () => {
  expect((await send(house.url, { path: '/livez', method: 'HEAD' })).status).toBe(200);
  expect((await send(house.url, { path: '/livez', method: 'POST' })).status).toBe(404);
});

interface Sample {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** Parses Prometheus' text format 0.0.4; throws at a line that is none. */
function exposition(text: string): Sample[] {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\w+)$/.exec(line) ?? [];
    if (name) types.set(name, type);
    if (line.startsWith('#')) continue;
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!found) throw new Error(`no sample: ${line}`);
    const [, metric = '', inner = '', value = ''] = found;
    const family = metric.replace(/_(bucket|sum|count)$/, '');
    if (!types.has(metric) && !types.has(family)) throw new Error(`no type: ${line}`);
    const labels = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    samples.push({
      name: metric,
      labels: Object.fromEntries(labels.map(([, key, is]) => [key, is])),
      value: Number(value),
    });
  }
  return samples;
}

test('K11 with a port of its own for the platform, figures are told there and not in public', async () => {
  const split = await startHouse({ env: { PORT: '0', INTERNAL_PORT: '0' } });
  try {
    const status = async (origin: string, path: string) => (await send(origin, { path })).status;
    expect(await status(split.url, '/metrics')).toBe(404);
    expect(await status(split.internalUrl, '/metrics')).toBe(200);
    for (const origin of [split.url, split.internalUrl])
      expect(await status(origin, '/readyz')).toBe(200);
  } finally {
    await split.stop();
    await split.home.remove();
  }
});
