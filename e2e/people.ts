// Names that are kept, for stories.

import type { Browser, Locator, Page } from '@playwright/test';
import { expect, type Person, type Server } from './fixtures.ts';

export const PASSWORD = 'correct horse';

/** A page of a browser that has never been here. */
export async function newcomer(browser: Browser, looks: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  return (await browser.newContext({ locale: 'en-US', ...looks })).newPage();
}

/** Opens the owner's link and founds the place. */
export async function found(browser: Browser, server: Pick<Server, 'url' | 'ownerLink'>, name: string): Promise<Page> {
  const page = await newcomer(browser, { baseURL: server.url });
  await page.goto(await server.ownerLink);
  await page.getByRole('textbox', { name: 'Nickname' }).fill(name);
  await password(page).fill(PASSWORD);
  await page.getByRole('button', { name: 'Found this place' }).click();
  await composer(page).waitFor();
  return page;
}

export async function signIn(page: Page, name: string, secret = PASSWORD): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await password(page).fill(secret);
  await page.keyboard.press('Enter');
}

/** Comes in under a name that is kept from now on, where that is asked for. */
export async function keep(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Nickname' }).fill(name);
  await password(page).fill(PASSWORD);
  await page.getByRole('button', { name: 'Enter' }).click();
  await composer(page).waitFor();
}

/** Covered, it is no textbox to whoever listens. */
export const password = (page: Page) => page.getByLabel('Password', { exact: true });
export const composer = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
export const online = (page: Page) => page.getByRole('list', { name: 'People online' });

export type Section = 'Profile' | 'Notifications' | 'Security' | 'Appearance and language' | 'Account';

/** The dialog behind one's own card, at one of its sections. */
export async function settings({ page }: Pick<Person, 'page'>, section: Section = 'Profile') {
  await page.getByRole('button', { name: 'You and settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'You and settings' });
  await turnTo(dialog, section);
  return dialog;
}

/** Goes to another section of the settings. */
export async function turnTo(dialog: Locator, section: Section) {
  await dialog.getByRole('navigation').getByRole('button', { name: section }).click();
  // On a phone the way back is in the heading, too.
  await expect(dialog.getByRole('heading', { level: 2, name: new RegExp(`${section}$`) })).toBeInViewport();
}
