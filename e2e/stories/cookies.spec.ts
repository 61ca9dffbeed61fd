import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { composer, found, newcomer, online, password, settings, signIn } from '../people.ts';
import { Proxy } from '../proxy.ts';
import { Server } from '../server.ts';

async function enter(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('textbox', { name: 'Display name' }).fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await composer(page).waitFor();
  await expect(online(page)).toContainText(name);
}

async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log').getByText(text, { exact: true })).toHaveCount(1);
}

/** Who has said it, as their client knows them. */
const me = (page: Page) =>
  page.evaluate(() => JSON.parse(localStorage.getItem('snug.person') ?? 'null')?.chat_id as string | undefined);

test('a guest whose cookies are blocked comes in, and stays who they are', async ({ browser, server, person }) => {
  const ann = await person('Ann');
  const between = await Proxy.forgetful(server);
  try {
    const page = await newcomer(browser);
    await enter(page, between.url, 'Bob');
    await say(page, 'without a cookie');
    await expect(ann.messages.getByText('without a cookie', { exact: true })).toHaveCount(1);
    const before = await me(page);
    between.cut();
    await say(page, 'after a tunnel');
    await expect(ann.messages.getByText('after a tunnel', { exact: true })).toHaveCount(1);
    await page.reload();
    await composer(page).waitFor();
    await say(page, 'after a reload');
    expect(await me(page)).toBe(before);
    // What is asked over HTTP knows them, too: an own message can be deleted.
    const answers = await page.evaluate(async () => {
      const authorization = `Bearer ${localStorage.getItem('snug.credential')}`;
      return (await fetch('/api/rooms/lobby/messages?before=1', { headers: { authorization } })).status;
    });
    expect(answers).toBe(200);
    await page.context().close();
  } finally {
    between.close();
  }
});

test('a guest whose browser stores nothing at all comes in', async ({ browser, server }) => {
  const between = await Proxy.forgetful(server);
  try {
    const page = await newcomer(browser);
    await page.addInitScript(() => {
      const get = () => {
        throw new DOMException('storage is blocked', 'SecurityError');
      };
      Object.defineProperty(window, 'localStorage', { get });
    });
    await enter(page, between.url, 'Bob');
    await say(page, 'hello');
    between.cut();
    await say(page, 'hello again');
    await expect(online(page).getByRole('listitem')).toHaveCount(1);
    await page.context().close();
  } finally {
    between.close();
  }
});

test('whoever wants to create an account or to sign in is told that it needs cookies', async ({ browser, server }) => {
  const olga = await found(browser, server, 'Olga');
  const between = await Proxy.forgetful(server);
  try {
    const page = await newcomer(browser);
    await page.goto(between.url);
    await signIn(page, 'Olga');
    await expect(page.getByRole('alert').filter({ hasText: 'blocks cookies' })).toBeVisible();
    await page.getByRole('button', { name: 'Continue as guest' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('Bob');
    await page.getByRole('button', { name: 'Join' }).click();
    await composer(page).waitFor();
    const dialog = await settings({ page }, 'Account');
    await dialog.getByRole('button', { name: 'Create an account' }).click();
    await password(page).fill('correct horse');
    await page.keyboard.press('Enter');
    await expect(dialog).toContainText('blocks cookies');
    await page.context().close();
  } finally {
    between.close();
    await olga.context().close();
  }
});

test('two Snugs on one host do not sign one another out', async ({ browser, server }) => {
  const other = await Server.run();
  try {
    const one = await found(browser, server, 'Olga');
    const two = await one.context().newPage();
    await enter(two, other.url, 'Guest');
    const guest = await me(two);
    await one.reload();
    await composer(one).waitFor();
    await expect(one.getByText('You’ve been signed out.')).toHaveCount(0);
    await expect(online(one)).toContainText('Olga');
    await two.reload();
    await composer(two).waitFor();
    expect(await me(two)).toBe(guest);
    await one.context().close();
  } finally {
    await other.dispose();
  }
});
