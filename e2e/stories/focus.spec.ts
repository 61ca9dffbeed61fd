// Keys go somewhere, whatever has the focus, and the focus stays somewhere, whatever goes.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { openRoom, talk } from '../rooms.ts';

// More lines by one person at once than a server allows by default.
test.use({ serverArgs: ['--messages-burst', '500', '--frames-burst', '500'] });

const onPage = (page: Page) => page.evaluate(() => document.activeElement === document.body);

test('whoever begins to type anywhere writes a message, and the log has keys of its own', async ({ person }) => {
  const ann = await person('Ann');
  // One page of history has them all, so that the first is loaded.
  await talk(ann, 40);
  const row = (n: number) => ann.messages.locator(`[data-n="${n}"]`);
  await expect(row(40)).toBeInViewport();

  await ann.page.getByRole('button', { name: 'Create room' }).focus();
  await ann.page.keyboard.type('hello');
  await expect(ann.composer).toHaveValue('hello');
  await ann.messages.focus();
  await ann.page.keyboard.press('ArrowUp');
  await expect(row(40)).toBeFocused();
  // A letter that a message has a use for is not written.
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

test('the focus goes with a message when it is sent, and to the field from a button that goes', async ({ person }) => {
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
  await talk(bob, 60);
  await bob.messages.evaluate((log) => log.scrollTo({ top: 0 }));
  const jump = bob.page.getByRole('button', { name: 'Jump to latest' });
  await jump.press('Enter');
  await expect(jump).toBeHidden();
  await expect(bob.composer).toBeFocused();
});

test('a button that cannot be pressed any more gives the focus to what is around it', async ({ person }) => {
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
  expect(await onPage(ann.page)).toBe(false);
});

test('an @ by itself offers everybody', async ({ person }) => {
  const ann = await person('Ann');
  await person('Zoë');
  const bob = await person('Bob');
  await expect(bob.people).toContainText('Zoë');
  await bob.composer.pressSequentially('hi @');
  const offered = bob.page.getByRole('listbox').getByRole('option');
  await expect(offered).toHaveText(['Ann', 'Zoë', /here/, /room/]);
  await bob.page.keyboard.press('Enter');
  await expect(bob.composer).toHaveValue('hi @Ann ');
  await expect(ann.people).toContainText('Bob');
});
