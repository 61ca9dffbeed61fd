// Dialogs and drawers: how they close, and that closing loses no input.

import type { Page } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';
import { openSettings, openSection } from '../people.ts';
import { heading, openRoom } from '../rooms.ts';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

async function openCreateRoom(page: Page) {
  await page.getByRole('button', { name: 'Create room' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create room' });
  await expect(dialog.getByRole('textbox', { name: 'Room name' })).toBeFocused();
  return dialog;
}

const drawer = ({ page }: Person) => page.getByRole('dialog', { name: 'Rooms' });

test('a click outside closes a dialog, but a text selection that ends outside does not', async ({ person }) => {
  const { page } = await person('Ann');
  const dialog = await openCreateRoom(page);
  const topic = dialog.getByRole('textbox', { name: 'Topic' });
  await topic.fill('What we drink');
  const box = (await topic.boundingBox())!;
  const at = box.y + box.height / 2;
  for (const [from, to] of [[box.x + 90, 20], [20, box.x + 90]] as const) {
    await page.mouse.move(from, at);
    await page.mouse.down();
    await page.mouse.move(to, at);
    await page.mouse.up();
    await expect(topic).toHaveValue('What we drink');
    await expect(topic).toBeVisible();
  }
  await topic.fill('');
  await page.mouse.click(20, at);
  await expect(dialog).toBeHidden();
});

test('a dialog with unsaved input asks before it closes, whichever way it is closed', async ({ person }) => {
  const { page } = await person('Ann');
  const dialog = await openCreateRoom(page);
  const name = dialog.getByRole('textbox', { name: 'Room name' });
  await name.fill('tea');
  const ways = {
    Escape: () => page.keyboard.press('Escape'),
    'a press beside it': () => page.mouse.click(20, 20),
    'its button': () => dialog.getByRole('button', { name: 'Close' }).click(),
    Back: () => page.goBack(),
  };
  for (const [way, close] of Object.entries(ways)) {
    await close();
    await expect(dialog.getByText('Discard changes?'), way).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Keep editing' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(name).toBeVisible();
    await expect(name).toHaveValue('tea');
  }
  await name.focus();
  // Escape twice in a row: some browsers then close the dialog by themselves.
  await page.keyboard.press('Escape');
  await noViolations(page);
  await page.keyboard.press('Escape');
  await expect(name).toBeFocused();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Create room' })).toBeFocused();

  // A dialog does not ask if nothing was changed or the changes are saved.
  await openCreateRoom(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  const settingsDialog = await openSettings({ page });
  await settingsDialog.getByRole('textbox', { name: 'Display name' }).fill('Anna');
  await openSection(settingsDialog, 'Account');
  await page.keyboard.press('Escape');
  await expect(settingsDialog.getByText('Discard changes?')).toBeVisible();
  await page.keyboard.press('Escape');
  await openSection(settingsDialog, 'Profile');
  await expect(settingsDialog.getByRole('textbox', { name: 'Display name' })).toHaveValue('Anna');
  await settingsDialog.getByRole('button', { name: 'Save' }).click();
  await expect(settingsDialog).toBeHidden();
});

test('on a phone Back closes dialogs and drawers first, and then goes back', async ({ person }) => {
  const ann = await person('Ann', PHONE);
  const { page } = ann;
  const rooms = page.getByRole('button', { name: /^Rooms/ });
  await rooms.click();
  await openRoom(page, 'den');
  await expect(drawer(ann)).toHaveCount(0);

  await rooms.click();
  await page.getByRole('button', { name: 'Profile & settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'Profile & settings' });
  await dialog.getByRole('button', { name: 'Account', exact: true }).click();
  await expect(dialog.getByRole('heading', { name: 'Account' })).toBeVisible();
  await page.goBack();
  await expect(dialog.getByRole('button', { name: 'Account', exact: true })).toBeFocused();
  await page.goBack();
  await expect(dialog).toHaveCount(0);
  await expect(drawer(ann)).toBeVisible();
  await page.goBack();
  await expect(drawer(ann)).toHaveCount(0);
  await expect(rooms).toBeFocused();
  await expect(heading(page, 'den')).toBeVisible();

  // A drawer that was closed in another way, or by a reload, leaves no history entry.
  await rooms.click();
  await page.keyboard.press('Escape');
  await expect(drawer(ann)).toHaveCount(0);
  await rooms.click();
  await expect(drawer(ann)).toBeVisible();
  await page.reload();
  await expect(heading(page, 'den')).toBeVisible();
  await page.goBack();
  await expect(heading(page, 'lobby')).toBeVisible();
});

test('Back from the sign-in form leads to the form for guests', async ({ page, server }) => {
  await page.goto(`${server.url}/healthz`);
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('textbox', { name: 'Display name' })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/healthz$/);
});

for (const [width, height] of [[740, 360], [360, 225], [320, 256]] as const) {
  test(`at ${width} by ${height} everything is reachable, and nothing overlaps`, async ({ person }) => {
    const ann = await person('Ann', { viewport: { width, height } });
    const { page } = ann;
    await ann.say('Is there a cup left?');
    await expect(ann.messages).toContainText('Is there a cup left?');
    await expect(ann.composer).toBeInViewport({ ratio: 1 });
    await page.getByRole('button', { name: /^Rooms/ }).click();
    const names = ['lobby', 'Browse rooms', 'Create room', 'New direct message', 'Profile & settings'];
    const parts = names.map((name) =>
      drawer(ann).getByRole('link', { name }).or(drawer(ann).getByRole('button', { name })),
    );
    let bottom = 0;
    for (const part of parts) {
      await part.scrollIntoViewIfNeeded();
      // A trial click fails if another element covers this one.
      await part.click({ trial: true });
      const top = await part.evaluate((it) => it.getBoundingClientRect().top + it.closest('.panel')!.scrollTop);
      expect(top).toBeGreaterThanOrEqual(bottom - 40);
      bottom = top;
    }
    await parts.at(-1)!.click();
    const dialog = page.getByRole('dialog', { name: 'Profile & settings' });
    if (width < 640) await dialog.getByRole('button', { name: 'Profile' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click({ trial: true });
    await expect(dialog.getByRole('button', { name: 'Close' })).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
}

test('arrow keys and Enter select a search result, and a search without results offers to create a room', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await openRoom(bob.page, 'tea');
  await openRoom(bob.page, 'tea-time');
  const { page } = ann;
  await page.getByRole('button', { name: 'Browse rooms' }).click();
  const dialog = page.getByRole('dialog');
  const field = dialog.getByRole('searchbox');
  await field.fill('tea');
  await expect(dialog.getByRole('listitem')).toHaveCount(2);
  await expect(dialog.locator('#directory')).toHaveAttribute('aria-busy', 'false');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(field).toHaveAttribute('aria-activedescendant', 'picked');
  await expect(dialog.locator('#picked')).toHaveAccessibleName('Join #tea-time');
  await noViolations(page);
  await page.keyboard.press('Enter');
  await expect(heading(page, 'tea-time')).toBeVisible();

  await page.getByRole('button', { name: 'Browse rooms' }).click();
  await field.fill('Coffee House');
  await dialog.getByRole('button', { name: 'Clear search' }).click();
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('');
  await field.fill('Coffee House');
  await dialog.getByRole('button', { name: 'Create room' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Room name' })).toHaveValue('Coffee House');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(heading(page, 'coffee-house')).toBeVisible();

  await page.getByRole('button', { name: 'New direct message' }).click();
  await page.keyboard.type('bo');
  await expect(dialog.getByRole('listitem')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('Selected: Bob');
  await expect(field).toHaveValue('');
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Bob')).toBeVisible();
});
