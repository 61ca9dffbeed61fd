// What is open over the page: how it closes, and that nothing typed in it is lost by that.

import type { Page } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';
import { settings, turnTo } from '../people.ts';
import { heading, openRoom } from '../rooms.ts';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

async function newRoom(page: Page) {
  await page.getByRole('button', { name: 'Create room' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create room' });
  await expect(dialog.getByRole('textbox', { name: 'Room name' })).toBeFocused();
  return dialog;
}

const drawer = ({ page }: Person) => page.getByRole('dialog', { name: 'Rooms' });

test('a selection that ends outside closes no dialog, a press beside it does', async ({ person }) => {
  const { page } = await person('Ann');
  const dialog = await newRoom(page);
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

test('what is typed in a dialog is asked for before it is lost, whichever way it would close', async ({ person }) => {
  const { page } = await person('Ann');
  const dialog = await newRoom(page);
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
  // Twice without anything between: some browsers then close it by themselves.
  await page.keyboard.press('Escape');
  await noViolations(page);
  await page.keyboard.press('Escape');
  await expect(name).toBeFocused();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Create room' })).toBeFocused();

  // Nothing is asked where nothing was changed, or what was changed is saved.
  await newRoom(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  const mine = await settings({ page });
  await mine.getByRole('textbox', { name: 'Display name' }).fill('Anna');
  await turnTo(mine, 'Account');
  await page.keyboard.press('Escape');
  await expect(mine.getByText('Discard changes?')).toBeVisible();
  await page.keyboard.press('Escape');
  await turnTo(mine, 'Profile');
  await expect(mine.getByRole('textbox', { name: 'Display name' })).toHaveValue('Anna');
  await mine.getByRole('button', { name: 'Save' }).click();
  await expect(mine).toBeHidden();
});

test('on a phone Back closes what is open first, and then leads back', async ({ person }) => {
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

  // What was closed otherwise leaves nothing behind, nor does a reload.
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

test('Back from signing in leads to where one comes in as a guest', async ({ page, server }) => {
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
  test(`at ${width} by ${height} everything is within reach, and nothing lies over anything`, async ({ person }) => {
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
      // It is pressed itself, and not what lies over it.
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

test('the arrows and Enter choose among what is found, and a search that finds nothing begins a room', async ({ person }) => {
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
