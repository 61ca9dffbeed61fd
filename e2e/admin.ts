// Helpers for the admin page and for moderation.

import type { Page } from '@playwright/test';
import { expect } from './fixtures.ts';
import { onlineList } from './people.ts';

/** Opens a section of the admin page, from any page. */
export async function openAdmin(page: Page, section: string): Promise<void> {
  if (!new URL(page.url()).pathname.startsWith('/admin')) await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('navigation', { name: 'Admin sections' }).getByRole('link', { name: section }).click();
}

/** Opens the moderation dialog of a user from the online list. */
export async function openPerson(page: Page, name: string) {
  await onlineList(page).getByRole('button', { name: new RegExp(`^${name}`) }).click();
  const dialog = page.getByRole('dialog', { name });
  await expect(dialog).toBeVisible();
  return dialog;
}

export async function setAccess(page: Page, joinPolicy: string): Promise<void> {
  await openAdmin(page, 'Access');
  await page.getByRole('radio', { name: joinPolicy }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toHaveText('Settings saved.');
}

export async function createInvite(page: Page, maxUses: string): Promise<string> {
  await openAdmin(page, 'Invites');
  await page.getByRole('group', { name: 'Max uses' }).getByText(maxUses, { exact: true }).click();
  await page.getByRole('button', { name: 'Create invite link' }).click();
  const link = page.getByRole('textbox', { name: 'Invite link' });
  await expect(page.getByText('You won’t be able to see it again.')).toBeVisible();
  return link.inputValue();
}
