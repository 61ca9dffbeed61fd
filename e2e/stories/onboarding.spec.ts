// The whole way of a newcomer, who reads nothing but the screen.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { about, admin, invite } from '../admin.ts';
import { composer, found, newcomer, online, password, PASSWORD, settings, signIn } from '../people.ts';
import { deliver, Service, shown, subscribesTo, turnOn } from '../push.ts';
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

test('a newcomer sets up a server, invites, talks in private on two devices, is pushed, and bans a troublemaker', async ({
  browser,
  server,
}) => {
  const olga = await found(browser, server, 'Olga');
  await admin(olga, 'Access');
  await olga.getByRole('radio', { name: 'Invited people' }).check();
  await olga.getByRole('button', { name: 'Save' }).click();
  await expect(olga.getByRole('status')).toHaveText('Settings saved.');

  // Two friends come by a link; one of them creates an account, to be there on her phone too.
  const link = await invite(olga, 'Unlimited');
  await olga.getByRole('link', { name: 'Back to chat' }).click();
  const arrives = async (name: string) => {
    const page = await newcomer(browser, { baseURL: server.url });
    await page.goto(link);
    await page.getByRole('textbox', { name: 'Display name' }).fill(name);
    await page.getByRole('button', { name: 'Join' }).click();
    await composer(page).waitFor();
    return page;
  };
  const bob = await arrives('Bob');
  const cleo = await arrives('Cleo');
  const dialog = await settings({ page: cleo }, 'Account');
  await dialog.getByRole('button', { name: 'Create an account' }).click();
  await password(cleo).fill(PASSWORD);
  await cleo.keyboard.press('Enter');
  await expect(dialog.getByRole('status').filter({ hasText: 'Account created.' })).toBeVisible();
  await cleo.keyboard.press('Escape');
  await expect(online(olga)).toContainText('Cleo');

  await openRoom(olga, 'den', { isPrivate: true });
  await olga.getByRole('heading', { level: 1, name: 'den' }).getByRole('button').click();
  const den = olga.getByRole('dialog', { name: /details$/ });
  await den.getByRole('button', { name: 'Add people' }).click();
  for (const name of ['Bob', 'Cleo']) await den.getByRole('checkbox', { name }).check();
  await den.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(den.getByRole('list', { name: 'Members' })).toContainText('Cleo');
  await olga.keyboard.press('Escape');

  // Read on the laptop, it is read on the phone.
  const phone = await newcomer(browser, { ...PHONE, baseURL: server.url });
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

  // With every page of hers closed, a push tells her.
  const service = await Service.open();
  await subscribesTo({ page: phone }, service);
  await phone.getByRole('button', { name: /^Rooms/ }).click();
  const worker = await turnOn({ page: phone });
  await cleo.context().close();
  await phone.goto('/healthz');
  await expect(online(olga)).not.toContainText('Cleo');
  await say(olga, '@Cleo are you there?');
  await deliver(phone, await service.next());
  await expect.poll(() => shown(worker)).toEqual([expect.objectContaining({ title: 'Olga in #den' })]);
  service.close();

  const eve = await arrives('Eve');
  await say(eve, 'buy my coins');
  await rooms(olga).getByRole('link', { name: 'lobby' }).click();
  const spam = log(olga).getByRole('article').filter({ hasText: 'coins' });
  await spam.hover();
  await spam.getByRole('button', { name: 'Delete message' }).click();
  await olga.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(log(bob).getByText('coins')).toHaveCount(0);
  const troublemaker = await about(olga, 'Eve');
  await troublemaker.getByRole('group', { name: 'Ban' }).getByRole('button', { name: 'Permanently' }).click();
  await troublemaker.getByRole('button', { name: 'Ban Eve' }).click();
  await expect(eve.getByRole('heading', { name: 'You’ve been banned from this server.' })).toBeVisible();
});
