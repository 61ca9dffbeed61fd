// The complete path of a new owner, with nothing but the information on the screen.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { openPerson, openAdmin, createInvite } from '../admin.ts';
import { composer, createOwner, newPage, onlineList, password, PASSWORD, openSettings, signIn } from '../people.ts';
import { deliver, PushService, notifications, subscribeTo, enablePush } from '../push.ts';
import { openRoom } from '../rooms.ts';

test.use({ serverArgs: ['--push-network', '127.0.0.0/8'] });

const rooms = (page: Page) => page.getByRole('list', { name: 'Rooms' });
const log = (page: Page) => page.getByRole('log');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(log(page).getByText(text, { exact: true })).toBeVisible();
}

test('a new owner invites friends, a member uses two devices and gets a push, and a spammer is banned', async ({
  browser,
  server,
}) => {
  const olga = await createOwner(browser, server, 'Olga');
  await openAdmin(olga, 'Access');
  await olga.getByRole('radio', { name: 'Invited people' }).check();
  await olga.getByRole('button', { name: 'Save' }).click();
  await expect(olga.getByRole('status')).toHaveText('Settings saved.');

  // Two friends join with an invite link. Cleo creates an account, to sign in on her phone too.
  const link = await createInvite(olga, 'Unlimited');
  await olga.getByRole('link', { name: 'Back to chat' }).click();
  const joinByInvite = async (name: string) => {
    const page = await newPage(browser, { baseURL: server.url });
    await page.goto(link);
    await page.getByRole('textbox', { name: 'Display name' }).fill(name);
    await page.getByRole('button', { name: 'Join' }).click();
    await composer(page).waitFor();
    return page;
  };
  const bob = await joinByInvite('Bob');
  const cleo = await joinByInvite('Cleo');
  const dialog = await openSettings({ page: cleo }, 'Account');
  await dialog.getByRole('button', { name: 'Create an account' }).click();
  await password(cleo).fill(PASSWORD);
  await cleo.keyboard.press('Enter');
  await expect(dialog.getByRole('status').filter({ hasText: 'Account created.' })).toBeVisible();
  await cleo.keyboard.press('Escape');
  await expect(onlineList(olga)).toContainText('Cleo');

  await openRoom(olga, 'den', { isPrivate: true });
  await olga.getByRole('heading', { level: 1, name: 'den' }).getByRole('button').click();
  const den = olga.getByRole('dialog', { name: /details$/ });
  await den.getByRole('button', { name: 'Add people' }).click();
  for (const name of ['Bob', 'Cleo']) await den.getByRole('checkbox', { name }).check();
  await den.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(den.getByRole('list', { name: 'Members' })).toContainText('Cleo');
  await olga.keyboard.press('Escape');

  // Messages read on one device are read on the other.
  const phone = await newPage(browser, { ...PHONE, baseURL: server.url });
  await phone.goto('/');
  await signIn(phone, 'Cleo');
  await composer(phone).waitFor();
  await rooms(cleo).getByRole('link', { name: 'den' }).click();
  await say(cleo, 'hello from the laptop');
  await rooms(cleo).getByRole('link', { name: 'lobby' }).click();
  await say(olga, 'just among us');
  await expect(rooms(cleo).getByRole('link', { name: /den.*1/ })).toBeVisible();
  await phone.getByRole('button', { name: /^Rooms/ }).click();
  await expect(rooms(phone).getByRole('link', { name: /den.*1/ })).toBeVisible();
  await rooms(phone).getByRole('link', { name: /den/ }).click();
  await expect(log(phone).getByText('just among us')).toBeVisible();
  await expect(rooms(cleo).getByRole('link', { name: /den.*1/ })).toHaveCount(0);
  await say(phone, 'and from the phone');
  await expect(log(olga).getByText('and from the phone')).toBeVisible();

  // When all of Cleo's pages are closed, she gets a push notification.
  const service = await PushService.open();
  await subscribeTo({ page: phone }, service);
  await phone.getByRole('button', { name: /^Rooms/ }).click();
  const worker = await enablePush({ page: phone });
  await cleo.context().close();
  await phone.goto('/healthz');
  await expect(onlineList(olga)).not.toContainText('Cleo');
  await say(olga, '@Cleo are you there?');
  await deliver(phone, await service.next());
  await expect.poll(() => notifications(worker)).toEqual([expect.objectContaining({ title: 'Olga in #den' })]);
  service.close();

  const eve = await joinByInvite('Eve');
  await say(eve, 'buy my coins');
  await rooms(olga).getByRole('link', { name: 'lobby' }).click();
  const spam = log(olga).getByRole('article').filter({ hasText: 'coins' });
  await spam.hover();
  await spam.getByRole('button', { name: 'Delete message' }).click();
  await olga.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(log(bob).getByText('coins')).toHaveCount(0);
  const troublemaker = await openPerson(olga, 'Eve');
  await troublemaker.getByRole('group', { name: 'Ban' }).getByRole('button', { name: 'Permanently' }).click();
  await troublemaker.getByRole('button', { name: 'Ban Eve' }).click();
  await expect(eve.getByRole('heading', { name: 'You’ve been banned from this server.' })).toBeVisible();
});
