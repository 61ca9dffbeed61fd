// Messages waiting in a closed tab are sent once, by another tab of the same user.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const row = (page: Page, text: string) => page.getByRole('log').getByText(text, { exact: true });

/** Opens another tab in the same browser. */
async function openTab(page: Page): Promise<Page> {
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

test('one of the remaining tabs takes over the unsent messages of a closed tab', async ({ person, server }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const [second, third] = [await openTab(ann.page), await openTab(ann.page)];
  await server.kill();
  await write(ann.page, 'from the first tab');
  await write(second, 'from the second tab');
  await expect(row(second, 'from the first tab')).toHaveCount(0);
  await ann.page.close();
  // Exactly one of the two tabs shows it.
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

test('another tab takes over the unsent messages of a crashed tab', async ({ person, server }) => {
  const ann = await person('Ann');
  const second = await openTab(ann.page);
  await server.kill();
  await write(ann.page, 'before the crash');
  const browser = await ann.context.newCDPSession(ann.page);
  // The command never gets a response, because the page has crashed.
  void browser.send('Page.crash').catch(() => {});
  await expect(row(second, 'before the crash')).toBeVisible();
  await server.start();
  await second.evaluate(() => dispatchEvent(new Event('online')));
  await expect(second.locator('[data-n]')).toContainText('before the crash');
});
