import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { composer, createOwner, newPage, onlineList, password, openSettings, signIn } from '../people.ts';
import { Proxy } from '../proxy.ts';
import { Server } from '../server.ts';

async function joinAsGuest(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('textbox', { name: 'Display name' }).fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await composer(page).waitFor();
  await expect(onlineList(page)).toContainText(name);
}

async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log').getByText(text, { exact: true })).toHaveCount(1);
}

/** Returns the user id that the page has stored. */
const ownId = (page: Page) =>
  page.evaluate(() => JSON.parse(localStorage.getItem('snug.person') ?? 'null')?.chat_id as string | undefined);

test('a guest whose cookies are blocked can join, and keeps their identity', async ({ browser, server, person }) => {
  const ann = await person('Ann');
  const proxy = await Proxy.withoutCookies(server);
  try {
    const page = await newPage(browser);
    await joinAsGuest(page, proxy.url, 'Bob');
    await say(page, 'without a cookie');
    await expect(ann.messages.getByText('without a cookie', { exact: true })).toHaveCount(1);
    const before = await ownId(page);
    proxy.cut();
    await say(page, 'after a tunnel');
    await expect(ann.messages.getByText('after a tunnel', { exact: true })).toHaveCount(1);
    await page.reload();
    await composer(page).waitFor();
    await say(page, 'after a reload');
    expect(await ownId(page)).toBe(before);
    // HTTP requests are authenticated too, by the stored token.
    const status = await page.evaluate(async () => {
      const authorization = `Bearer ${localStorage.getItem('snug.credential')}`;
      return (await fetch('/api/rooms/lobby/messages?before=1', { headers: { authorization } })).status;
    });
    expect(status).toBe(200);
    await page.context().close();
  } finally {
    proxy.close();
  }
});

test('a guest whose browser has no storage can join', async ({ browser, server }) => {
  const proxy = await Proxy.withoutCookies(server);
  try {
    const page = await newPage(browser);
    await page.addInitScript(() => {
      const get = () => {
        throw new DOMException('storage is blocked', 'SecurityError');
      };
      Object.defineProperty(window, 'localStorage', { get });
    });
    await joinAsGuest(page, proxy.url, 'Bob');
    await say(page, 'hello');
    proxy.cut();
    await say(page, 'hello again');
    await expect(onlineList(page).getByRole('listitem')).toHaveCount(1);
    await page.context().close();
  } finally {
    proxy.close();
  }
});

test('registering and signing in explain that they require cookies', async ({ browser, server }) => {
  const olga = await createOwner(browser, server, 'Olga');
  const proxy = await Proxy.withoutCookies(server);
  try {
    const page = await newPage(browser);
    await page.goto(proxy.url);
    await signIn(page, 'Olga');
    await expect(page.getByRole('alert').filter({ hasText: 'blocks cookies' })).toBeVisible();
    await page.getByRole('button', { name: 'Continue as guest' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('Bob');
    await page.getByRole('button', { name: 'Join' }).click();
    await composer(page).waitFor();
    const dialog = await openSettings({ page }, 'Account');
    await dialog.getByRole('button', { name: 'Create an account' }).click();
    await password(page).fill('correct horse');
    await page.keyboard.press('Enter');
    await expect(dialog).toContainText('blocks cookies');
    await page.context().close();
  } finally {
    proxy.close();
    await olga.context().close();
  }
});

test('two Snug servers on one host do not sign each other’s users out', async ({ browser, server }) => {
  const other = await Server.run();
  try {
    const one = await createOwner(browser, server, 'Olga');
    const two = await one.context().newPage();
    await joinAsGuest(two, other.url, 'Guest');
    const guest = await ownId(two);
    await one.reload();
    await composer(one).waitFor();
    await expect(one.getByText('You’ve been signed out.')).toHaveCount(0);
    await expect(onlineList(one)).toContainText('Olga');
    await two.reload();
    await composer(two).waitFor();
    expect(await ownId(two)).toBe(guest);
    await one.context().close();
  } finally {
    await other.dispose();
  }
});
