// Limits for the bytes of a visit and for the page elements of a room. Both are counted, not timed.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { holdRest } from '../rest.ts';

/** Counts the bytes of a page's HTTP responses from now on, by URL. */
async function countBytes(page: Page): Promise<() => Map<string, number>> {
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

test('a first visit stays within its byte limits, and the next one downloads only the HTML', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  const first = await countBytes(page);
  // The second part of the program starts to load when the first part runs. Hold it until the name is typed without it.
  const rest = await holdRest(page);
  await page.goto('/');
  await page.getByRole('textbox', { name: 'Display name' }).fill('Ann');
  const bytes = new Map(first());
  expect([...bytes.keys()].filter((url) => url.endsWith('.wasm'))).toHaveLength(1);
  expect(sum(bytes), JSON.stringify([...bytes])).toBeLessThan(250 * 1024);
  await rest.release();
  expect(sum(first()), JSON.stringify([...first()])).toBeLessThan(625_000);

  const again = await context.newPage();
  const second = await countBytes(again);
  await again.goto('/');
  await again.getByRole('textbox', { name: 'Display name' }).waitFor();
  const files = [...second().keys()].filter((url) => !url.startsWith('/api/'));
  expect(files, 'all else is kept by the browser').toEqual(['/']);
  await context.close();
});

test.describe('in a busy room', () => {
  // The test sends more messages at once than a server allows by default.
  test.use({ serverArgs: ['--messages-burst', '1500', '--frames-burst', '1500', '--guest-bytes-burst', '1MiB', '--network-bytes-burst', '4MiB'] });

  test('the page keeps only the newest messages and drops older ones that it received', async ({ person }) => {
    const ann = await person('Ann');
    await ann.page.evaluate(async () => {
      const socket = new WebSocket(`ws://${location.host}/ws`);
      await new Promise((opened) => socket.addEventListener('open', opened));
      socket.send(JSON.stringify({ code: 'SAVE_USER_INFO', name: 'Log keeper' }));
      for (let n = 1; n <= 1000; n++) socket.send(JSON.stringify({ code: 'RECEIVE_MESSAGE', text: `line ${n}` }));
    });
    await expect(ann.messages.getByText('line 1000', { exact: true })).toBeInViewport();
    // 64 to 95 messages with at most 12 elements each, and the elements around them.
    const elements = () => ann.page.evaluate(() => document.getElementsByTagName('*').length);
    await expect.poll(elements).toBeLessThan(1_500);
    await expect(ann.messages.getByText('line 700', { exact: true })).toHaveCount(0);

    const oldLine = ann.messages.getByText('line 700', { exact: true });
    await expect(async () => {
      await ann.messages.evaluate((log) => log.scrollTo({ top: 0 }));
      await expect(oldLine).toHaveCount(1, { timeout: 500 });
    }).toPass();
  });
});
