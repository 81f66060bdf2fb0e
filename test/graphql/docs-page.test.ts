/** The reference page: what it loads is ours, and its policy allows nothing else. */
import { expect, it } from 'vitest';
import { docsPage } from '#graphql/rest/docs-page.ts';

const page = docsPage({ path: '/docs', title: 'A & <b>', document: '/v1/openapi.json' });

it('loads only its own assets, all of which are there', () => {
  const loaded = [...page.html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
  const own = page.assets.map(({ path }) => path);
  expect(loaded.sort()).toEqual([...own, '/v1/openapi.json', 'data:,'].sort());
  for (const asset of page.assets) {
    expect(asset.path).toMatch(/^\/docs\//);
    expect(asset.headers['content-type']).toMatch(/^text\/(css|javascript); charset=utf-8$/);
    expect(asset.body().length).toBeGreaterThan(50);
    expect(asset.body()).toBe(asset.body());
  }
});

it('needs no inline script, inline style, eval or foreign origin', () => {
  const policy = page.headers['content-security-policy'];
  expect(policy).toMatch(/^default-src 'none'; /);
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(page.html).not.toMatch(/<style|style=|<script>|https?:/);
  expect(page.html).toContain('<title>A &amp; &lt;b&gt;</title>');
});

it('starts without the validator of another origin', () => {
  const start = page.assets.find(({ path }) => path === '/docs/start.js');
  const settings = /^SwaggerUIBundle\((.*)\);$/m.exec(String(start?.body()))?.[1] ?? '';
  expect(JSON.parse(settings)).toMatchObject({ url: '/v1/openapi.json', validatorUrl: null });
});
