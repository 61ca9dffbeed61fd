import type { Locator } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';
import { composer, createOwner, newPage, onlineList, password, PASSWORD, openSettings, signIn } from '../people.ts';

const row = ({ messages }: Pick<Person, 'messages'>, text: string): Locator =>
  messages.getByRole('article').filter({ hasText: text });

async function deleteMessage(page: Person['page'], message: Locator): Promise<void> {
  await message.hover();
  await message.getByRole('button', { name: 'Delete message' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
}

test('deleting the message at the upper edge does not move the messages below it', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const tall = (name: string) => `${name}${'\n.'.repeat(12)}`;
  for (const name of ['one', 'two', 'three', 'four', 'five']) await ann.say(tall(name));
  await expect(bob.messages).toContainText('five');
  // All messages are from one author, so no author heading moves to the next message.
  await row(bob, 'three').evaluate((it) => {
    const log = it.closest('[role=log]')!;
    log.scrollTop += it.getBoundingClientRect().top + 60 - log.getBoundingClientRect().top;
  });
  await expect(bob.page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();
  const top = () => row(bob, 'four').evaluate((it) => Math.round(it.getBoundingClientRect().top));
  const before = await top();
  await deleteMessage(ann.page, row(ann, 'three'));
  await expect(row(bob, 'three')).toHaveCount(0);
  await expect.poll(top).toBe(before);
});

test('a message deleted offline disappears at once, and for everyone after reconnecting, even if the page was closed', async ({
  person,
  server,
}) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  for (const text of ['first', 'second thoughts', 'third']) await ann.say(text);
  await expect(bob.messages).toContainText('third');
  await server.kill();
  await expect(ann.page.getByText(/Reconnecting/).first()).toBeVisible();
  await deleteMessage(ann.page, row(ann, 'second'));
  await expect(ann.messages.getByRole('article')).toHaveText([/first/, /third/]);
  await expect(bob.messages).toContainText('second thoughts');
  await ann.page.close();
  await server.start();
  const page = await ann.context.newPage();
  await page.goto('/rooms/lobby');
  await expect(bob.messages.getByRole('article')).toHaveText([/first/, /third/]);
  await expect(page.getByRole('article')).toHaveText([/first/, /third/]);
});

test('a deleted message disappears for everyone, also after a reload', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  for (const text of ['first', 'second thoughts', 'third']) await ann.say(text);
  await expect(bob.messages).toContainText('third');
  await row(bob, 'second').hover();
  await expect(row(bob, 'second').getByRole('button', { name: 'Copy link' })).toBeVisible();
  await expect(row(bob, 'second').getByRole('button', { name: 'Delete message' })).toHaveCount(0);

  await row(ann, 'second').hover();
  await row(ann, 'second').getByRole('button', { name: 'Delete message' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'Delete message' });
  await expect(dialog).toContainText('second thoughts');
  await noViolations(ann.page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(row(ann, 'second')).toBeVisible();

  await deleteMessage(ann.page, row(ann, 'second'));
  await expect(ann.messages).toBeFocused();
  for (const { page, messages } of [ann, bob]) {
    await expect(messages.getByRole('article')).toHaveText([/first/, /third/]);
    await page.reload();
    await expect(messages.getByRole('article')).toHaveText([/first/, /third/]);
  }
  await bob.page.goto('/rooms/lobby/2');
  await expect(bob.page.getByRole('status').filter({ hasText: 'message' })).toHaveText(/doesn’t exist/);
  await ann.say('fourth');
  await expect(bob.messages.getByRole('article')).toHaveText([/first/, /third/, /fourth/]);
});

test('a message can be deleted with the keyboard', async ({ person }) => {
  const ann = await person('Ann');
  await ann.say('typo');
  // A message can be deleted only after it is sent.
  await expect(ann.messages.locator('[data-n]')).toHaveCount(1);
  await ann.messages.focus();
  await ann.page.keyboard.press('ArrowUp');
  await ann.page.keyboard.press('Delete');
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).press('Enter');
  await expect(ann.messages.getByRole('article')).toHaveCount(0);
});

test('a message deleted while a user was offline disappears when they reconnect', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await ann.say('hush-hush');
  await expect(bob.messages).toContainText('hush-hush');
  await bob.context.setOffline(true);
  await deleteMessage(ann.page, row(ann, 'hush-hush'));
  await ann.say('nothing');
  await bob.context.setOffline(false);
  await expect(bob.messages.getByRole('article')).toHaveText([/nothing/]);
});

test('an owner deletes another user’s message, and the audit log records it', async ({ browser, person, server }) => {
  const olga = await createOwner(browser, server, 'Olga');
  const eve = await person('Eve');
  await eve.say('spam');
  const messages = olga.getByRole('log');
  const spam = row({ messages }, 'spam');
  await spam.hover();
  await spam.getByRole('button', { name: 'Delete message' }).click();
  await expect(olga.getByRole('dialog')).toContainText('Delete this message from Eve for everyone?');
  await olga.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(eve.messages.getByRole('article')).toHaveCount(0);
  await olga.getByRole('link', { name: 'Admin' }).click();
  await olga.getByRole('navigation', { name: 'Admin sections' }).getByRole('link', { name: 'Audit log' }).click();
  await expect(olga.getByRole('list', { name: 'Audit log' })).toContainText('Olga deleted a message from a guest');
});

test('deleting an account deletes its messages and frees its name', async ({ browser, person, server }) => {
  const bob = await person('Bob');
  const page = await newPage(browser, { baseURL: server.url });
  const zoe = await person('Zoe');
  await zoe.say('hello from Zoe');
  const dialog = await openSettings(zoe, 'Account');
  await dialog.getByRole('button', { name: 'Create an account' }).click();
  await password(zoe.page).fill(PASSWORD);
  await zoe.page.keyboard.press('Enter');
  await expect(dialog.getByRole('status').filter({ hasText: 'Account created.' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Delete account' }).click();
  await expect(dialog).toContainText('every message you’ve written');
  await noViolations(zoe.page);
  await password(zoe.page).fill('wrong horse');
  await dialog.getByRole('button', { name: 'Delete account and messages' }).click();
  await expect(dialog).toContainText(/password/);
  await password(zoe.page).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Delete account and messages' }).click();

  await expect(zoe.page.getByRole('textbox', { name: 'Display name' })).toBeVisible();
  await expect(bob.messages.getByRole('article')).toHaveCount(0);
  await expect(onlineList(bob.page)).not.toContainText('Zoe');
  await page.goto('/');
  await signIn(page, 'Zoe');
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
  await page.goto('/');
  await page.getByRole('textbox', { name: 'Display name' }).fill('Zoe');
  await page.getByRole('button', { name: 'Join' }).click();
  await composer(page).waitFor();
  await expect(onlineList(bob.page)).toContainText('Zoe');
});
