/** Debian's Chromium, without a screen; every test has a profile of its own. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { type House, openHouse } from '../kit/house.ts';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** It must not look for anything outside of this machine. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Until the end of the test file. */
export async function openChromium(): Promise<Browser> {
  if (!existsSync(CHROMIUM))
    throw new Error(`${CHROMIUM} is not there; install it or set CHROMIUM`);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  afterAll(() => browser.close());
  return browser;
}

/** A house whose links lead to where it listens: passkeys belong to an origin. */
export async function openLocalHouse(): Promise<House> {
  const port = String(await freePort());
  return openHouse({ env: { PORT: port, PUBLIC_URL: `http://localhost:${port}` } });
}

/** A page in a profile of its own; what its console complains of fails the test. */
export async function openPage(
  browser: Browser,
  house: House,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const baseURL = house.services.config.publicUrl;
  const context = await browser.newContext({ baseURL, locale: 'en', ...options });
  context.setDefaultTimeout(8_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(line.text());
  });
  return { page, complaints };
}

/** Touches and knows its user, as a phone does. */
export async function addAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
}

/** One that nobody listens at just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
