// What waits in a tab that is gone is sent by another tab of the same person, once.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const row = (page: Page, text: string) => page.getByRole('log').getByText(text, { exact: true });

/** A tab of a browser that is inside. */
async function tab(page: Page): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto('/rooms/lobby');
  await composer(other).waitFor();
  return other;
}

async function write(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
  await expect(row(page, text)).toBeVisible();
}

test('a closed tab’s messages are taken over by one of those that are left', async ({ person, server }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const [second, third] = [await tab(ann.page), await tab(ann.page)];
  await server.kill();
  await write(ann.page, 'from the first tab');
  await write(second, 'from the second tab');
  await expect(row(second, 'from the first tab')).toHaveCount(0);
  await ann.page.close();
  // One of the two, which shows it.
  await expect
    .poll(async () => (await row(second, 'from the first tab').count()) + (await row(third, 'from the first tab').count()))
    .toBe(1);
  await second.close();
  for (const text of ['from the first tab', 'from the second tab']) await expect(row(third, text)).toHaveCount(1);
  await server.start();
  for (const page of [bob.page, third]) await page.evaluate(() => dispatchEvent(new Event('online')));
  for (const page of [bob.page, third]) {
    for (const text of ['from the first tab', 'from the second tab']) await expect(row(page, text)).toHaveCount(1);
  }
  await expect(third.getByText('Waiting to reconnect…')).toHaveCount(0);
  await bob.say('a fence');
  await expect(row(third, 'a fence')).toBeVisible();
  await expect(bob.messages.locator('[data-n]')).toHaveCount(3);
});

test('a tab that crashes leaves its messages to another', async ({ person, server }) => {
  const ann = await person('Ann');
  const second = await tab(ann.page);
  await server.kill();
  await write(ann.page, 'before the crash');
  const browser = await ann.context.newCDPSession(ann.page);
  // It does not answer: the page is gone.
  void browser.send('Page.crash').catch(() => {});
  await expect(row(second, 'before the crash')).toBeVisible();
  await server.start();
  await second.evaluate(() => dispatchEvent(new Event('online')));
  await expect(second.locator('[data-n]')).toContainText('before the crash');
});
