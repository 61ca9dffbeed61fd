// What a visit costs, in bytes on the wire: counted, not timed.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

/** Counts what comes over HTTP for a page from now on. */
async function counted(page: Page): Promise<() => Map<string, number>> {
  const browser = await page.context().newCDPSession(page);
  const urls = new Map<string, string>();
  const bytes = new Map<string, number>();
  browser.on('Network.responseReceived', ({ requestId, response }) => {
    if (!response.fromDiskCache) urls.set(requestId, new URL(response.url).pathname);
  });
  browser.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    if (url) bytes.set(url, encodedDataLength);
  });
  await browser.send('Network.enable');
  return () => bytes;
}

const sum = (bytes: Map<string, number>) => [...bytes.values()].reduce((all, one) => all + one, 0);

test('a first visit stays within its bytes, and the next one brings the page’s frame alone', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  const first = await counted(page);
  await page.goto('/');
  await page.getByRole('textbox', { name: 'Nickname' }).waitFor();
  const bytes = first();
  expect([...bytes.keys()].some((url) => url.endsWith('.wasm'))).toBe(true);
  expect(sum(bytes), JSON.stringify([...bytes])).toBeLessThan(545_000);

  const again = await context.newPage();
  const second = await counted(again);
  await again.goto('/');
  await again.getByRole('textbox', { name: 'Nickname' }).waitFor();
  const files = [...second().keys()].filter((url) => !url.startsWith('/api/'));
  expect(files, 'all else is kept by the browser').toEqual(['/']);
  await context.close();
});
