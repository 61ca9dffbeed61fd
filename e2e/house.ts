// The house and who keeps order in it, for stories.

import type { Page } from '@playwright/test';
import { expect } from './fixtures.ts';
import { online } from './people.ts';

/** Goes to a part of the house, from wherever one is inside. */
export async function house(page: Page, section: string): Promise<void> {
  if (!new URL(page.url()).pathname.startsWith('/admin')) await page.getByRole('link', { name: 'House' }).click();
  await page.getByRole('navigation', { name: 'Parts of the house' }).getByRole('link', { name: section }).click();
}

/** Opens what may be done about somebody, from the list of those who are online. */
export async function about(page: Page, name: string) {
  await online(page).getByRole('button', { name: new RegExp(`^${name}`) }).click();
  const dialog = page.getByRole('dialog', { name });
  await expect(dialog).toBeVisible();
  return dialog;
}

export async function rules(page: Page, entrance: string): Promise<void> {
  await house(page, 'Rules');
  await page.getByRole('radio', { name: entrance }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toHaveText('The rules are saved.');
}

export async function invite(page: Page, people: string): Promise<string> {
  await house(page, 'Invitations');
  await page.getByRole('group', { name: 'For how many' }).getByText(people, { exact: true }).click();
  await page.getByRole('button', { name: 'Make an invitation' }).click();
  const link = page.getByRole('textbox', { name: 'Link of the invitation' });
  await expect(page.getByText('It is shown only now.')).toBeVisible();
  return link.inputValue();
}
