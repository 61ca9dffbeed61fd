import type { Page } from '@playwright/test';
import { expect, test, type Person } from '../fixtures.ts';
import { heading, openRoom } from '../rooms.ts';

const row = ({ messages }: Person, n: number) => messages.locator(`[data-n="${n}"]`);

/** Sends a message and waits until the log shows it. */
async function say(person: Person, n: number, text: string) {
  await person.say(text);
  await expect(row(person, n)).toContainText(text);
}

async function rename(page: Page, from: string, to: string) {
  await page.getByRole('heading', { level: 1 }).getByRole('button', { name: from }).click();
  const dialog = page.getByRole('dialog', { name: 'Room details' });
  await dialog.getByRole('button', { name: 'Edit name and topic' }).click();
  await dialog.getByRole('textbox', { name: 'Room name' }).fill(to);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(heading(page, to)).toBeVisible();
  await page.keyboard.press('Escape');
}

/** Returns the permanent link of a message, which is on its time. */
const linkOf = (person: Person, n: number) => row(person, n).getByRole('link').first().getAttribute('href');

test('an old room name leads to the renamed room, and message links never lead to another room', async ({ person }) => {
  const ann = await person('Ann');
  const { page } = ann;
  await openRoom(page, 'tea');
  await say(ann, 1, 'the old words');
  const link = await linkOf(ann, 1);
  expect(link).toMatch(/^\/rooms\/[0-9a-f-]{36}\/1$/);
  await rename(page, 'tea', 'tea-time');
  await expect(page).toHaveURL(/\/rooms\/tea-time$/);

  await page.goto('/rooms/tea');
  await expect(page).toHaveURL(/\/rooms\/tea-time$/);
  await expect(row(ann, 1)).toContainText('the old words');

  // Another room takes the old name. The name now leads to it, but message links still lead to the first room.
  await openRoom(page, 'tea');
  await say(ann, 1, 'words of another room');
  const other = await linkOf(ann, 1);
  await page.goto('/rooms/tea');
  await expect(row(ann, 1)).toContainText('words of another room');
  for (const old of [link!, '/rooms/tea/1', '/rooms/tea-time/1']) {
    await page.goto(old);
    await expect(heading(page, 'tea-time')).toBeVisible();
    await expect(row(ann, 1)).toContainText('the old words');
    await expect(page).toHaveURL(new RegExp(`${link}$`));
  }
  await page.goto(other!);
  await expect(heading(page, 'tea')).toBeVisible();
  await expect(row(ann, 1)).toContainText('words of another room');

  // Sending a message jumps to the newest, at the room's own URL.
  await say(ann, 2, 'and more');
  await expect(page).toHaveURL(/\/rooms\/tea$/);
});

test('a link to a renamed room offers to join it, and then shows the message', async ({ person }) => {
  const ann = await person('Ann');
  await openRoom(ann.page, 'tea');
  await say(ann, 1, 'is the kettle on?');
  const link = await linkOf(ann, 1);
  await rename(ann.page, 'tea', 'tea-time');
  const bob = await person('Bob');
  await bob.page.goto('/rooms/tea');
  await expect(bob.page).toHaveURL(/\/rooms\/tea-time$/);
  await expect(heading(bob.page, 'tea-time')).toBeVisible();
  await bob.page.goto(link!);
  // The page shows the room's name, not its id from the URL.
  await expect(heading(bob.page, 'tea-time')).toBeVisible();
  await bob.page.getByRole('button', { name: 'Join' }).click();
  await expect(row(bob, 1)).toContainText('is the kettle on?');
  await bob.page.goto(`/rooms/${crypto.randomUUID()}/1`);
  await expect(bob.page.getByText('This link doesn’t lead to a room you can open.')).toBeVisible();
});

test('the URL of an archived room tells a user who is not a member that it is archived', async ({ person }) => {
  const ann = await person('Ann');
  await openRoom(ann.page, 'tea');
  await say(ann, 1, 'kept words');
  await ann.page.getByRole('heading', { level: 1 }).getByRole('button', { name: 'tea' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'Room details' });
  await dialog.getByRole('button', { name: 'Archive room' }).click();
  await dialog.getByRole('button', { name: 'Archive room' }).click();
  await expect(ann.page.getByText('This room is archived and read-only.')).toBeVisible();
  const bob = await person('Bob');
  for (const path of ['/rooms/tea', '/rooms/tea/1']) {
    await bob.page.goto(path);
    await expect(bob.page.getByText('#tea is archived')).toBeVisible();
    await expect(bob.page.getByRole('button', { name: 'Join' })).toHaveCount(0);
    await expect(bob.page.getByRole('link', { name: 'Go to the lobby' })).toBeVisible();
  }
});
