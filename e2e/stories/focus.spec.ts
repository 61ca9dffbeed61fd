// Keys work wherever the focus is, and the focus is kept when the focused element disappears.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { openRoom, postLines } from '../rooms.ts';

// The tests send more lines at once than a server allows by default.
test.use({ serverArgs: ['--messages-burst', '500', '--frames-burst', '500'] });

const isBodyFocused = (page: Page) => page.evaluate(() => document.activeElement === document.body);

test('typing anywhere writes to the composer, and the message log has its own keys', async ({ person }) => {
  const ann = await person('Ann');
  // All lines fit in one page of history, so the first one is loaded.
  await postLines(ann, 40);
  const row = (n: number) => ann.messages.locator(`[data-n="${n}"]`);
  await expect(row(40)).toBeInViewport();

  await ann.page.getByRole('button', { name: 'Create room' }).focus();
  await ann.page.keyboard.type('hello');
  await expect(ann.composer).toHaveValue('hello');
  await ann.messages.focus();
  await ann.page.keyboard.press('ArrowUp');
  await expect(row(40)).toBeFocused();
  // A message's shortcut key is not typed into the composer.
  await ann.page.keyboard.press('u');
  await ann.page.keyboard.type('x');
  await expect(ann.composer).toBeFocused();
  await expect(ann.composer).toHaveValue('hellox');

  await ann.messages.focus();
  await ann.page.keyboard.press('Home');
  await expect(row(1)).toBeFocused();
  await ann.page.keyboard.press('End');
  await expect(row(40)).toBeFocused();
  await ann.page.keyboard.press('Escape');
  await expect(ann.composer).toBeFocused();

  await ann.page.getByRole('button', { name: 'Create room' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'Create room' });
  await dialog.getByRole('button', { name: 'Close' }).focus();
  await ann.page.keyboard.type('y');
  await ann.page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(ann.composer).toHaveValue('hellox');
});

test('the focus stays on a message while it is sent, and moves from a vanishing button to the composer', async ({ person }) => {
  const ann = await person('Ann');
  await openRoom(ann.page, 'tea');
  await ann.context.setOffline(true);
  await ann.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await ann.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await expect(ann.connection).toContainText(/offline|reconnecting/i);
  await ann.say('on its way');
  await ann.messages.focus();
  await ann.page.keyboard.press('ArrowUp');
  await expect(ann.messages.locator('.pending')).toBeFocused();
  await ann.context.setOffline(false);
  await expect(ann.messages.locator('[data-n]')).toBeFocused();

  const bob = await person('Bob');
  await postLines(bob, 60);
  await bob.messages.evaluate((log) => log.scrollTo({ top: 0 }));
  const jump = bob.page.getByRole('button', { name: 'Jump to latest' });
  await jump.press('Enter');
  await expect(jump).toBeHidden();
  await expect(bob.composer).toBeFocused();
});

test('a button that becomes disabled passes the focus to a field of its dialog', async ({ person }) => {
  const ann = await person('Ann');
  await ann.page.getByRole('button', { name: 'Create room' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'Create room' });
  await dialog.getByRole('textbox', { name: 'Room name' }).fill('tea');
  const open = dialog.getByRole('button', { name: /^(Create|Waiting to reconnect…)$/ });
  await open.focus();
  await ann.context.setOffline(true);
  await ann.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await expect(open).toBeDisabled();
  await expect(dialog.getByRole('textbox', { name: 'Room name' })).toBeFocused();
  expect(await isBodyFocused(ann.page)).toBe(false);
});

test('a single @ suggests all users', async ({ person }) => {
  const ann = await person('Ann');
  await person('Zoë');
  const bob = await person('Bob');
  await expect(bob.onlineList).toContainText('Zoë');
  await bob.composer.pressSequentially('hi @');
  const offered = bob.page.getByRole('listbox').getByRole('option');
  await expect(offered).toHaveText(['Ann', 'Zoë', /here/, /room/]);
  await bob.page.keyboard.press('Enter');
  await expect(bob.composer).toHaveValue('hi @Ann ');
  await expect(ann.onlineList).toContainText('Bob');
});
