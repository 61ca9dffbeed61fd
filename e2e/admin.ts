// The admin page and moderation, for stories.

import type { Page } from '@playwright/test';
import { expect } from './fixtures.ts';
import { online } from './people.ts';

/** Goes to a section of the admin page, from any page. */
export async function admin(page: Page, section: string): Promise<void> {
  if (!new URL(page.url()).pathname.startsWith('/admin')) await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('navigation', { name: 'Admin sections' }).getByRole('link', { name: section }).click();
}

/** Opens what may be done about somebody, from the list of those who are online. */
export async function about(page: Page, name: string) {
  await online(page).getByRole('button', { name: new RegExp(`^${name}`) }).click();
  const dialog = page.getByRole('dialog', { name });
  await expect(dialog).toBeVisible();
  return dialog;
}

export async function rules(page: Page, entrance: string): Promise<void> {
  await admin(page, 'Access');
  await page.getByRole('radio', { name: entrance }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toHaveText('Settings saved.');
}

export async function invite(page: Page, people: string): Promise<string> {
  await admin(page, 'Invites');
  await page.getByRole('group', { name: 'Max uses' }).getByText(people, { exact: true }).click();
  await page.getByRole('button', { name: 'Create invite link' }).click();
  const link = page.getByRole('textbox', { name: 'Invite link' });
  await expect(page.getByText('You won’t be able to see it again.')).toBeVisible();
  return link.inputValue();
}
