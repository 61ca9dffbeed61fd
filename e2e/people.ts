// Accounts and settings, for stories.

import type { Browser, Locator, Page } from '@playwright/test';
import { expect, type Person, type Server } from './fixtures.ts';

export const PASSWORD = 'correct horse';

/** A page of a browser that has never been here. */
export async function newcomer(browser: Browser, looks: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  return (await browser.newContext({ locale: 'en-US', ...looks })).newPage();
}

/** Opens the owner's link and creates the owner's account. */
export async function found(browser: Browser, server: Pick<Server, 'url' | 'ownerLink'>, name: string): Promise<Page> {
  const page = await newcomer(browser, { baseURL: server.url });
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

/** Joins with a new account, where only members may join. */
export async function keep(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Display name' }).fill(name);
  await password(page).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await composer(page).waitFor();
}

/** Covered, it is no textbox to whoever listens. */
export const password = (page: Page) => page.getByLabel('Password', { exact: true });
export const composer = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
export const online = (page: Page) => page.getByRole('list', { name: 'Online' });

export type Section = 'Profile' | 'Notifications' | 'Security' | 'Appearance & language' | 'Account';

/** The settings dialog, at one of its sections. */
export async function settings({ page }: Pick<Person, 'page'>, section: Section = 'Profile') {
  await page.getByRole('button', { name: 'Profile & settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'Profile & settings' });
  await turnTo(dialog, section);
  return dialog;
}

/** Goes to another section of the settings. */
export async function turnTo(dialog: Locator, section: Section) {
  await dialog.getByRole('navigation').getByRole('button', { name: section }).click();
  // On a phone the way back is in the heading, too.
  await expect(dialog.getByRole('heading', { level: 2, name: new RegExp(`${section}$`) })).toBeInViewport();
}
