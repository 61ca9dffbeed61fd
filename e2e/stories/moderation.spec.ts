import type { Page } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { openPerson, openAdmin, createInvite, setAccess } from '../admin.ts';
import { composer, createOwner, register, newPage, onlineList, password, PASSWORD, openSettings, signIn } from '../people.ts';
import { openRoom } from '../rooms.ts';

test('a banned user is told at once, gets no more messages and does not reconnect automatically', async ({
  browser,
  person,
  server,
}) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  await bob.say('hello');
  await expect(ann.getByRole('log')).toContainText('hello');

  const dialog = await openPerson(ann, 'Bob');
  await dialog.getByRole('checkbox', { name: 'Also ban guests from the same IP address' }).check();
  await expect(dialog).toContainText('Otherwise a guest can rejoin under a different name.');
  const banGroup = dialog.getByRole('group', { name: 'Ban' });
  await banGroup.getByRole('button', { name: '1 hour' }).click();
  await expect(dialog).toContainText('Ban Bob for 1 hour?');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  const sockets: string[] = [];
  bob.page.on('websocket', (socket) => sockets.push(socket.url()));
  await dialog.getByRole('button', { name: 'Ban Bob' }).click();
  // Both browsers have the same IP address.
  await expect(dialog.getByRole('alert')).toContainText('That IP address belongs to a proxy');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByRole('checkbox', { name: 'Also ban guests from the same IP address' }).uncheck();
  await banGroup.getByRole('button', { name: '1 hour' }).click();
  await dialog.getByRole('button', { name: 'Ban Bob' }).click();
  await expect(bob.page.getByRole('heading', { name: 'You’ve been banned from this server.' })).toBeVisible();
  await noViolations(bob.page);
  await expect(dialog.getByRole('status')).toContainText('banned until');
  await ann.keyboard.press('Escape');
  await composer(ann).fill('psst');
  await composer(ann).press('Enter');
  await expect(ann.getByRole('log')).toContainText('psst');
  await bob.page.getByRole('button', { name: 'Try again' }).click();
  await expect(bob.page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await bob.page.goto('/rooms/lobby');
  await expect(bob.page.getByRole('heading', { name: 'You’ve been banned from this server.' })).toBeVisible();
  await expect(bob.page.getByText('psst')).toHaveCount(0);
  // One connection, of the reloaded page, to learn the reason.
  expect(sockets).toHaveLength(1);

  await openAdmin(ann, 'Members');
  await ann.getByRole('searchbox', { name: 'Search members' }).fill('bo');
  await ann.getByRole('list', { name: 'Members' }).getByRole('button', { name: /Bob.*banned until/ }).click();
  await ann.getByRole('dialog', { name: 'Bob' }).getByRole('button', { name: 'Unban' }).click();
  await expect(ann.getByRole('dialog', { name: 'Bob' }).getByRole('status')).toHaveText('');
  await ann.keyboard.press('Escape');
  await bob.page.getByRole('button', { name: 'Try again' }).click();
  await expect(bob.messages).toContainText('psst');

  await openAdmin(ann, 'Audit log');
  await expect(ann.getByRole('list', { name: 'Audit log' }).getByRole('listitem')).toContainText([
    'Ann unbanned Bob',
    'Ann banned Bob for 1 hour',
  ]);
  await ann.context().close();
});

test('an invite-only server says so, and a guest joins with an invite link', async ({
  browser,
  person,
  server,
}) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  await setAccess(ann, 'Invited people');
  // Bob is not banned: the join policy has changed.
  await expect(bob.page.getByText('This server is invite-only.')).toBeVisible();
  await expect(bob.page.getByRole('button', { name: 'Join', exact: true })).toHaveCount(0);
  await noViolations(bob.page);
  const link = await createInvite(ann, '1');

  await bob.page.getByRole('button', { name: 'I have an invite link' }).click();
  const field = bob.page.getByRole('textbox', { name: 'Invite link' });
  await expect(field).toBeFocused();
  await field.fill('https://example.org/');
  await bob.page.keyboard.press('Enter');
  await expect(bob.page.getByRole('alert').filter({ hasText: 'a valid invite link' })).toBeVisible();
  await field.fill(link);
  await bob.page.keyboard.press('Enter');
  await expect(bob.page.getByRole('heading', { name: 'You’ve been invited' })).toBeVisible();
  await bob.page.getByRole('button', { name: 'Join' }).click();
  await expect(composer(bob.page)).toBeVisible();

  const eve = await newPage(browser);
  await eve.goto(link);
  await expect(eve).toHaveURL(`${server.url}/`);
  // The alert is visible before Eve fills in anything.
  await expect(eve.getByRole('alert').filter({ hasText: 'has expired or was already used' })).toBeVisible();
  await expect(eve.getByRole('button', { name: 'Sign in' })).toBeVisible();

  const second = await createInvite(ann, 'Unlimited');
  const activeInvites = ann.getByRole('list', { name: 'Active invites' }).getByRole('listitem');
  await expect(activeInvites).toHaveText(/Created by Ann.*unlimited uses.*not used yet/);
  await eve.goto(second);
  // The open page notices the new link and reloads, so wait before typing.
  await expect(eve.getByRole('alert').filter({ hasText: 'has expired or was already used' })).toBeHidden();
  await eve.getByRole('textbox', { name: 'Display name' }).fill('Eve');
  await eve.getByRole('button', { name: 'Join' }).click();
  await expect(composer(eve)).toBeVisible();
  await ann.reload();
  await expect(activeInvites).toHaveText(/used by 1 person/);
  await activeInvites.getByRole('button', { name: 'Revoke' }).click();
  const confirmation = ann.getByRole('dialog', { name: 'Revoke' });
  await expect(confirmation).toContainText('Ann’s invite');
  await confirmation.getByRole('button', { name: 'Revoke' }).click();
  await expect(ann.getByText('No active invites.')).toBeVisible();
  await Promise.all([ann, eve].map((page) => page.context().close()));
});

test('on a members-only server an invite link leads to creating an account', async ({ browser, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  await setAccess(ann, 'Members only');
  const link = await createInvite(ann, '1');
  const bob = await newPage(browser);
  await bob.goto(server.url);
  await expect(bob.getByText('This server is for members only.')).toBeVisible();
  await bob.goto(link);
  await register(bob, 'Bob');
  await bob.reload();
  await expect(onlineList(bob)).toContainText('Ann');
  const phone = await newPage(browser);
  await phone.goto(server.url);
  await phone.getByRole('textbox', { name: 'Display name' }).fill('Bob');
  await password(phone).fill(PASSWORD);
  await phone.keyboard.press('Enter');
  await expect(composer(phone)).toBeVisible();
  await Promise.all([ann, bob, phone].map((page) => page.context().close()));
});

test('a new moderator can mute a guest, and the last owner cannot step down', async ({ browser, person, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await newPage(browser);
  await bob.goto(await createInvite(ann, '1'));
  await bob.getByRole('textbox', { name: 'Display name' }).fill('Bob');
  await bob.getByRole('button', { name: 'Join' }).click();
  await openSettings({ page: bob }, 'Account');
  await bob.getByRole('button', { name: 'Create an account' }).click();
  await password(bob).fill(PASSWORD);
  await bob.keyboard.press('Enter');
  await expect(bob.getByRole('dialog').getByText('Account created.')).toBeVisible();
  await bob.keyboard.press('Escape');
  await expect(bob.getByRole('link', { name: 'Admin' })).toHaveCount(0);

  await ann.getByRole('link', { name: 'Back to chat' }).click();
  let dialog = await openPerson(ann, 'Bob');
  await dialog.getByRole('button', { name: 'Make a moderator' }).click();
  await expect(dialog.getByRole('heading')).toContainText('moderator');
  await ann.keyboard.press('Escape');
  await expect(onlineList(ann).getByRole('listitem').filter({ hasText: 'Bob' })).toContainText('moderator');

  // The new role takes effect at once on Bob's page, without a reload.
  await bob.getByRole('link', { name: 'Admin' }).click();
  const sections = bob.getByRole('navigation', { name: 'Admin sections' }).getByRole('link');
  await expect(sections).toHaveText(['Members', 'Invites']);
  await bob.goto(`${server.url}/admin/access`);
  await expect(bob.getByText('Only moderators and owners can see this page.')).toHaveCount(0);
  await expect(bob.getByText('Only owners can see this.')).toBeVisible();
  await bob.getByRole('link', { name: 'Back to chat' }).click();
  await expect(onlineList(bob).getByRole('button', { name: /^Ann/ })).toHaveCount(0);

  const eve = await person('Eve');
  await expect(onlineList(bob).getByRole('listitem').filter({ hasText: 'Eve' })).toContainText('guest');
  dialog = await openPerson(bob, 'Eve');
  await dialog.getByRole('group', { name: 'Mute' }).getByRole('button', { name: '10 minutes' }).click();
  await expect(dialog.getByRole('status')).toContainText('muted until');
  await expect(eve.page.getByText(/^You’re muted until/)).toBeVisible();
  await expect(eve.composer).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Unmute' }).click();
  await eve.say('but');
  await expect(bob.getByRole('log')).toContainText('but');

  await ann.reload();
  dialog = await openPerson(ann, 'Ann');
  await dialog.getByRole('button', { name: 'Make a member' }).click();
  await expect(dialog).toContainText('Step down as owner?');
  await dialog.getByRole('button', { name: 'Make a member' }).click();
  await expect(dialog.getByRole('alert').filter({ hasText: 'There must be at least one owner.' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await ann.keyboard.press('Escape');
  dialog = await openPerson(ann, 'Bob');
  await dialog.getByRole('button', { name: 'Make an owner' }).click();
  await expect(dialog).toContainText('Make Bob an owner?');
  await dialog.getByRole('button', { name: 'Make an owner' }).click();
  await expect(dialog.getByRole('heading')).toContainText('owner');
  await expect(bob.getByRole('dialog', { name: 'Eve' })).toBeVisible();
  await Promise.all([ann, bob].map((page) => page.context().close()));
});

test('messages that arrive while an owner is on the admin page are unread in the room', async ({ browser, person, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  await bob.say('before');
  await expect(ann.getByRole('log')).toContainText('before');
  await openAdmin(ann, 'Members');
  await bob.say('meanwhile');
  // Ann is still online.
  await expect(bob.onlineList).toContainText('Ann');
  await expect(bob.messages.getByText('Sending…')).toHaveCount(0);
  await ann.getByRole('link', { name: 'Back to chat' }).click();
  await expect(ann.getByRole('log').getByRole('separator', { name: 'New' })).toBeVisible();
  await ann.context().close();
});

/** Presses Tab until an element with this role and name has the focus. */
async function tabTo(page: Page, role: 'button' | 'link', name: string): Promise<void> {
  const wanted = page.getByRole(role, { name });
  await expect(wanted.first()).toBeVisible();
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluateAll((all) => all.some((it) => it === document.activeElement))) return;
  }
  throw new Error(`Tab never comes to ${name}.`);
}

test('an owner sets slow mode in the room details, and a user who has to wait can post in other rooms', async ({
  browser,
  person,
  server,
}) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  const lobby = (page: Page) => page.getByRole('heading', { level: 1, name: 'lobby' }).getByRole('button');
  await lobby(bob.page).click();
  await expect(bob.page.getByRole('dialog')).toContainText('Notifications');
  await expect(bob.page.getByRole('combobox')).toHaveCount(0);
  await bob.page.keyboard.press('Escape');

  await lobby(ann).click();
  const menu = ann.getByRole('dialog').getByRole('combobox', { name: 'Slow mode' });
  await expect(menu).toHaveValue('0');
  await noViolations(ann);
  await menu.selectOption('5 min');
  await expect(bob.connection).toHaveText('Slow mode: one message every 5 min');
  for (const text of ['one', 'two']) await bob.say(text);
  await expect(bob.messages).toContainText('Slow mode: sends in');
  await expect(ann.getByRole('log')).toContainText('one');

  await openRoom(bob.page, 'den');
  await bob.say('as I like');
  await expect(bob.messages.locator('.row:not(.pending)')).toContainText('as I like');

  await menu.selectOption('Off');
  await expect(ann.getByRole('log')).toContainText('two');
  await ann.keyboard.press('Escape');
  await openAdmin(ann, 'Audit log');
  await expect(ann.getByRole('list', { name: 'Audit log' })).toContainText('set slow mode in #lobby to 5 min');
  await ann.context().close();
});

test('a late response with an older state does not hide a mute', async ({ browser, person, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  await person('Bob');
  const answers: (() => void)[] = [];
  await ann.route('**/api/users', async (route) => {
    const answer = await route.fetch();
    await new Promise<void>((release) => answers.push(release));
    await route.fulfill({ response: answer });
  });
  await onlineList(ann).getByRole('button', { name: /^Bob/ }).click();
  const dialog = ann.getByRole('dialog', { name: 'Bob' });
  await expect.poll(() => answers.length).toBe(1);
  await dialog.getByRole('button', { name: '10 minutes' }).first().click();
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.();
  await expect(dialog.getByRole('status')).toContainText('muted until');
  const late = ann.waitForResponse('**/api/users');
  answers[0]?.();
  await (await late).finished();
  await expect(dialog.getByRole('status')).toContainText('muted until');
  await ann.context().close();
});

test('moderation and invites work with the keyboard alone', async ({ browser, person, server }) => {
  const page = await newPage(browser);
  await page.goto(await server.ownerLink);
  await expect(page.getByRole('textbox', { name: 'Display name' })).toBeFocused();
  await page.keyboard.type('Ann');
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(composer(page)).toBeFocused();
  await person('Bob');
  await tabTo(page, 'button', 'Bob');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Bob' });
  await tabTo(page, 'button', '10 minutes');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('status')).toContainText('muted until');
  await expect(dialog.getByRole('status')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(onlineList(page).getByRole('button', { name: /^Bob/ })).toBeFocused();

  await tabTo(page, 'link', 'Admin');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Admin' })).toBeFocused();
  await tabTo(page, 'link', 'Invites');
  await page.keyboard.press('Enter');
  await tabTo(page, 'button', 'Create invite link');
  await page.keyboard.press('Enter');
  await tabTo(page, 'button', 'Copy');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  await tabTo(page, 'button', 'Revoke');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Revoke' })).toBeFocused();
  await page.context().close();
});

test('on a Chinese phone moderation works and nothing is wider than the screen', async ({ browser, person, server }) => {
  const options = { locale: 'zh-CN', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const page = await newPage(browser, options);
  const fits = async () => expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.goto(await server.ownerLink);
  await expect(page.getByRole('heading', { name: '设置你的服务器' })).toBeVisible();
  await page.getByRole('textbox', { name: '昵称' }).fill('小明');
  await page.getByLabel('密码', { exact: true }).fill('一二三四五六七八');
  await page.getByRole('button', { name: '创建所有者账号' }).click();
  await page.getByRole('textbox', { name: '消息', exact: true }).waitFor();
  await person('Bob');
  await page.getByRole('button', { name: '2 人在线' }).click();
  await page.getByRole('list', { name: '在线用户' }).getByRole('button', { name: /^Bob/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Bob' });
  await dialog.getByRole('group', { name: '禁言' }).getByRole('button', { name: '1 小时' }).click();
  await expect(dialog.getByRole('status')).toContainText('禁言至');
  await noViolations(page);
  await fits();
  await dialog.getByRole('button', { name: '关闭' }).click();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: '房间' }).click();
  await page.getByRole('link', { name: '管理' }).click();
  for (const section of ['邀请', '访问权限', '审计日志', '成员']) {
    await page.getByRole('navigation', { name: '管理分区' }).getByRole('link', { name: section }).click();
    await expect(page.getByText('正在加载…')).toHaveCount(0);
    await noViolations(page);
    await fits();
  }
  await page.getByRole('navigation').getByRole('link', { name: '审计日志' }).click();
  await expect(page.getByRole('list', { name: '审计日志' })).toContainText('小明 将 Bob 禁言 1 小时');
  await page.context().close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violations on the admin page, ${colorScheme}`, async ({ browser, person, server }) => {
    const owner = await createOwner(browser, server, 'Ann');
    await owner.context().close();
    const ann = await newPage(browser, { colorScheme });
    await ann.goto(server.url);
    await signIn(ann, 'Ann');
    await person('Bob');
    const dialog = await openPerson(ann, 'Bob');
    await dialog.getByRole('group', { name: 'Ban' }).getByRole('button', { name: 'Permanently' }).click();
    await expect(dialog).toContainText('Ban Bob permanently?');
    await noViolations(ann);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.getByRole('group', { name: 'Mute' }).getByRole('button', { name: '1 day' }).click();
    await expect(dialog.getByRole('status')).toContainText('muted until');
    await noViolations(ann);
    await ann.keyboard.press('Escape');
    await createInvite(ann, '10');
    for (const section of ['Invites', 'Access', 'Audit log', 'Members']) {
      await openAdmin(ann, section);
      await expect(ann.getByText('Loading…')).toHaveCount(0);
      await noViolations(ann);
    }
    await ann.context().close();
  });
}

test('an owner deletes a room for all its members, and the audit log records it', async ({ browser, person, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  await openRoom(bob.page, 'den');
  await bob.say('psst');
  await ann.goto('/rooms/den');
  await ann.getByRole('button', { name: 'Join' }).click();
  await expect(ann.getByRole('log')).toContainText('psst');

  await ann.getByRole('heading', { level: 1, name: 'den' }).getByRole('button').click();
  const dialog = ann.getByRole('dialog', { name: 'Room details' });
  await dialog.getByRole('button', { name: 'Delete room' }).click();
  await expect(dialog).toContainText('This can’t be undone.');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await noViolations(ann);
  await dialog.getByRole('button', { name: 'Delete permanently' }).click();
  const rooms = (page: Page) => page.getByRole('list', { name: 'Rooms' });
  for (const page of [ann, bob.page]) {
    await expect(rooms(page).getByRole('link', { name: 'den' })).toHaveCount(0);
    await expect(page.getByText('psst')).toHaveCount(0);
  }
  await ann.goto('/rooms/lobby');
  await openAdmin(ann, 'Audit log');
  await expect(ann.getByRole('main')).toContainText('deleted the room #den and its messages');
});

test('the server answers each URL of the page with the page, and other URLs with 404', async ({ request, server }) => {
  const status = async (path: string) => (await request.get(server.url + path)).status();
  for (const path of ['/', '/rooms', '/rooms/lobby', '/rooms/lobby/7', '/admin', '/admin/members'])
    expect(await status(path), path).toBe(200);
  for (const path of ['/admins', '/roomsy', '/tea', '/admin.html']) expect(await status(path), path).toBe(404);
});
