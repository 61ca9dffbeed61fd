// Helpers for accounts and settings.

import type { Browser, Locator, Page } from '@playwright/test';
import { expect, type Person, type Server } from './fixtures.ts';

export const PASSWORD = 'correct horse';

/** Opens a page in a new browser context, without cookies or storage. */
export async function newPage(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  return (await browser.newContext({ locale: 'en-US', ...options })).newPage();
}

/** Opens the owner link and creates the owner account. */
export async function createOwner(browser: Browser, server: Pick<Server, 'url' | 'ownerLink'>, name: string): Promise<Page> {
  const page = await newPage(browser, { baseURL: server.url });
  await page.goto(await server.ownerLink);
  await page.getByRole('textbox', { name: 'Display name' }).fill(name);
  await password(page).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create owner account' }).click();
  await composer(page).waitFor();
  return page;
}

export async function signIn(page: Page, name: string, secret = PASSWORD): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('textbox', { name: 'Display name' }).fill(name);
  await password(page).fill(secret);
  await page.keyboard.press('Enter');
}

/** Creates an account on the join page of a members-only server. */
export async function register(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Display name' }).fill(name);
  await password(page).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await composer(page).waitFor();
}

/** A password field has no `textbox` role while its value is hidden, so the label identifies it. */
export const password = (page: Page) => page.getByLabel('Password', { exact: true });
export const composer = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
export const onlineList = (page: Page) => page.getByRole('list', { name: 'Online' });

export type Section = 'Profile' | 'Notifications' | 'Security' | 'Appearance & language' | 'Account';

/** Opens the settings dialog at a section. */
export async function openSettings({ page }: Pick<Person, 'page'>, section: Section = 'Profile') {
  await page.getByRole('button', { name: 'Profile & settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'Profile & settings' });
  await openSection(dialog, section);
  return dialog;
}

/** Switches to another section of the settings dialog. */
export async function openSection(dialog: Locator, section: Section) {
  await dialog.getByRole('navigation').getByRole('button', { name: section }).click();
  // On a phone the heading also contains the back button.
  await expect(dialog.getByRole('heading', { level: 2, name: new RegExp(`${section}$`) })).toBeInViewport();
}
