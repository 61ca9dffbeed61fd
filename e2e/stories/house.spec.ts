import type { Page } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { about, house, invite, rules } from '../house.ts';
import { composer, found, keep, newcomer, online, password, PASSWORD, settings, signIn } from '../people.ts';
import { openRoom } from '../rooms.ts';

test('whoever is put out sees it at once, hears nothing more and does not come back by themselves', async ({
  browser,
  person,
  server,
}) => {
  const ann = await found(browser, server, 'Ann');
  const bob = await person('Bob');
  await bob.say('hello');
  await expect(ann.getByRole('log')).toContainText('hello');

  const dialog = await about(ann, 'Bob');
  await dialog.getByRole('checkbox', { name: 'Also guests from the same address' }).check();
  await expect(dialog).toContainText('Otherwise a guest can come back under another name.');
  const out = dialog.getByRole('group', { name: 'Put out' });
  await out.getByRole('button', { name: '1 hour' }).click();
  await expect(dialog).toContainText('Put Bob out for 1 hour?');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  const sockets: string[] = [];
  bob.page.on('websocket', (socket) => sockets.push(socket.url()));
  await dialog.getByRole('button', { name: 'Put Bob out' }).click();
  // Both are on this machine.
  await expect(dialog.getByRole('alert')).toContainText("That address is a proxy's, or your own");
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByRole('checkbox', { name: 'Also guests from the same address' }).uncheck();
  await out.getByRole('button', { name: '1 hour' }).click();
  await dialog.getByRole('button', { name: 'Put Bob out' }).click();
  await expect(bob.page.getByRole('heading', { name: 'You were put out of this Snug.' })).toBeVisible();
  await noViolations(bob.page);
  await expect(dialog.getByRole('status')).toContainText('put out until');
  await ann.keyboard.press('Escape');
  await composer(ann).fill('psst');
  await composer(ann).press('Enter');
  await expect(ann.getByRole('log')).toContainText('psst');
  await bob.page.getByRole('button', { name: 'Try again' }).click();
  await expect(bob.page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await bob.page.goto('/rooms/lobby');
  await expect(bob.page.getByRole('heading', { name: 'You were put out of this Snug.' })).toBeVisible();
  await expect(bob.page.getByText('psst')).toHaveCount(0);
  // One, for the page that was loaded anew: to be told why.
  expect(sockets).toHaveLength(1);

  await house(ann, 'People');
  await ann.getByRole('searchbox', { name: 'Search people' }).fill('bo');
  await ann.getByRole('list', { name: 'People' }).getByRole('button', { name: /Bob.*put out until/ }).click();
  await ann.getByRole('dialog', { name: 'Bob' }).getByRole('button', { name: 'Let in again' }).click();
  await expect(ann.getByRole('dialog', { name: 'Bob' }).getByRole('status')).toHaveText('');
  await ann.keyboard.press('Escape');
  await bob.page.getByRole('button', { name: 'Try again' }).click();
  await expect(bob.messages).toContainText('psst');

  await house(ann, 'Record');
  await expect(ann.getByRole('list', { name: 'Record' }).getByRole('listitem')).toContainText([
    'Ann let Bob in again',
    'Ann put Bob out for 1 hour',
  ]);
  await ann.context().close();
});

test('where one has to be invited a stranger is told so, and comes in with a link', async ({
  browser,
  person,
  server,
}) => {
  const ann = await found(browser, server, 'Ann');
  const bob = await person('Bob');
  await rules(ann, 'Whoever is invited');
  // He was not put out; the rules are others now.
  await expect(bob.page.getByText('One comes in here by invitation.')).toBeVisible();
  await expect(bob.page.getByRole('textbox', { name: 'Nickname' })).toHaveCount(0);
  await noViolations(bob.page);
  const link = await invite(ann, '1');

  await bob.page.getByRole('button', { name: 'I have an invitation' }).click();
  const field = bob.page.getByRole('textbox', { name: 'Link of the invitation' });
  await expect(field).toBeFocused();
  await field.fill('https://example.org/');
  await bob.page.keyboard.press('Enter');
  await expect(bob.page.getByRole('alert').filter({ hasText: 'not the link of an invitation' })).toBeVisible();
  await field.fill(link);
  await bob.page.keyboard.press('Enter');
  await expect(bob.page.getByRole('heading', { name: 'You are invited' })).toBeVisible();
  await bob.page.getByRole('button', { name: 'Enter' }).click();
  await expect(composer(bob.page)).toBeVisible();

  const eve = await newcomer(browser);
  await eve.goto(link);
  await expect(eve).toHaveURL(`${server.url}/`);
  // Before she has filled in anything.
  await expect(eve.getByRole('alert').filter({ hasText: 'no longer good' })).toBeVisible();
  await expect(eve.getByRole('button', { name: 'Sign in' })).toBeVisible();

  const second = await invite(ann, 'Any number');
  const good = ann.getByRole('list', { name: 'Invitations that are good' }).getByRole('listitem');
  await expect(good).toHaveText(/By Ann.*for any number.*nobody yet/);
  await eve.goto(second);
  // The page that was open sees the link, and comes anew: what is written before that is gone.
  await expect(eve.getByRole('alert').filter({ hasText: 'no longer good' })).toBeHidden();
  await eve.getByRole('textbox', { name: 'Nickname' }).fill('Eve');
  await eve.getByRole('button', { name: 'Enter' }).click();
  await expect(composer(eve)).toBeVisible();
  await ann.reload();
  await expect(good).toHaveText(/has let in 1 person/);
  await good.getByRole('button', { name: 'Withdraw' }).click();
  const sure = ann.getByRole('dialog', { name: 'Withdraw' });
  await expect(sure).toContainText('the invitation that Ann made');
  await sure.getByRole('button', { name: 'Withdraw' }).click();
  await expect(ann.getByText('There is none at the moment.')).toBeVisible();
  await Promise.all([ann, eve].map((page) => page.context().close()));
});

test('where only members come in, an invitation is good for keeping a name', async ({ browser, server }) => {
  const ann = await found(browser, server, 'Ann');
  await rules(ann, 'Members only');
  const link = await invite(ann, '1');
  const bob = await newcomer(browser);
  await bob.goto(server.url);
  await expect(bob.getByText('Only members come in here.')).toBeVisible();
  await bob.goto(link);
  await keep(bob, 'Bob');
  await bob.reload();
  await expect(online(bob)).toContainText('Ann');
  const phone = await newcomer(browser);
  await phone.goto(server.url);
  await phone.getByRole('textbox', { name: 'Name', exact: true }).fill('Bob');
  await password(phone).fill(PASSWORD);
  await phone.keyboard.press('Enter');
  await expect(composer(phone)).toBeVisible();
  await Promise.all([ann, bob, phone].map((page) => page.context().close()));
});

test('a moderator is appointed and mutes somebody, and an owner remains', async ({ browser, person, server }) => {
  const ann = await found(browser, server, 'Ann');
  const bob = await newcomer(browser);
  await bob.goto(await invite(ann, '1'));
  await bob.getByRole('textbox', { name: 'Nickname' }).fill('Bob');
  await bob.getByRole('button', { name: 'Enter' }).click();
  await settings({ page: bob }, 'Account');
  await bob.getByRole('button', { name: 'Keep your name' }).click();
  await password(bob).fill(PASSWORD);
  await bob.keyboard.press('Enter');
  await expect(bob.getByRole('dialog').getByText('Your name is kept.')).toBeVisible();
  await bob.keyboard.press('Escape');
  await expect(bob.getByRole('link', { name: 'House' })).toHaveCount(0);

  await ann.getByRole('link', { name: 'Back to the rooms' }).click();
  let dialog = await about(ann, 'Bob');
  await dialog.getByRole('button', { name: 'Make a moderator' }).click();
  await expect(dialog.getByRole('heading')).toContainText('moderator');
  await ann.keyboard.press('Escape');
  await expect(online(ann).getByRole('listitem').filter({ hasText: 'Bob' })).toContainText('moderator');

  // It holds at once on his page, which has not been loaded anew.
  await bob.getByRole('link', { name: 'House' }).click();
  const parts = bob.getByRole('navigation', { name: 'Parts of the house' }).getByRole('link');
  await expect(parts).toHaveText(['People', 'Invitations']);
  await bob.goto(`${server.url}/house/rules`);
  await expect(bob.getByText('Only moderators and owners come in here.')).toHaveCount(0);
  await expect(bob.getByText('Only owners see this.')).toBeVisible();
  await bob.getByRole('link', { name: 'Back to the rooms' }).click();
  await expect(online(bob).getByRole('button', { name: /^Ann/ })).toHaveCount(0);

  const eve = await person('Eve');
  await expect(online(bob).getByRole('listitem').filter({ hasText: 'Eve' })).toContainText('guest');
  dialog = await about(bob, 'Eve');
  await dialog.getByRole('group', { name: 'Mute' }).getByRole('button', { name: '10 minutes' }).click();
  await expect(dialog.getByRole('status')).toContainText('may not speak until');
  await expect(eve.page.getByText(/^You’re muted until/)).toBeVisible();
  await expect(eve.composer).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Let speak again' }).click();
  await eve.say('but');
  await expect(bob.getByRole('log')).toContainText('but');

  await ann.reload();
  dialog = await about(ann, 'Ann');
  await dialog.getByRole('button', { name: 'Make a member' }).click();
  await expect(dialog).toContainText('Give up being an owner?');
  await dialog.getByRole('button', { name: 'Make a member' }).click();
  await expect(dialog.getByRole('alert').filter({ hasText: 'Somebody has to be the owner.' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await ann.keyboard.press('Escape');
  dialog = await about(ann, 'Bob');
  await dialog.getByRole('button', { name: 'Make an owner' }).click();
  await expect(dialog).toContainText('Make Bob an owner?');
  await dialog.getByRole('button', { name: 'Make an owner' }).click();
  await expect(dialog.getByRole('heading')).toContainText('owner');
  await expect(bob.getByRole('dialog', { name: 'Eve' })).toBeVisible();
  await Promise.all([ann, bob].map((page) => page.context().close()));
});

test('what is said while one is in the house is new in the room', async ({ browser, person, server }) => {
  const ann = await found(browser, server, 'Ann');
  const bob = await person('Bob');
  await bob.say('before');
  await expect(ann.getByRole('log')).toContainText('before');
  await house(ann, 'People');
  await bob.say('meanwhile');
  // She is still online there.
  await expect(bob.people).toContainText('Ann');
  await expect(bob.messages.getByText('sending')).toHaveCount(0);
  await ann.getByRole('link', { name: 'Back to the rooms' }).click();
  await expect(ann.getByRole('log').getByRole('separator', { name: 'New' })).toBeVisible();
  await ann.context().close();
});

/** Presses Tab until something called so has the focus. */
async function tabTo(page: Page, role: 'button' | 'link', name: string): Promise<void> {
  const wanted = page.getByRole(role, { name });
  await expect(wanted.first()).toBeVisible();
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluateAll((all) => all.some((it) => it === document.activeElement))) return;
  }
  throw new Error(`Tab never comes to ${name}.`);
}

test('a room is slowed down where it is told of, and who waits there speaks elsewhere', async ({
  browser,
  person,
  server,
}) => {
  const ann = await found(browser, server, 'Ann');
  const bob = await person('Bob');
  const lobby = (page: Page) => page.getByRole('heading', { level: 1, name: 'lobby' }).getByRole('button');
  await lobby(bob.page).click();
  await expect(bob.page.getByRole('dialog')).toContainText('What to tell me of this room');
  await expect(bob.page.getByRole('combobox')).toHaveCount(0);
  await bob.page.keyboard.press('Escape');

  await lobby(ann).click();
  const menu = ann.getByRole('dialog').getByRole('combobox', { name: 'Slow mode' });
  await expect(menu).toHaveValue('0');
  await noViolations(ann);
  await menu.selectOption('5 min');
  await expect(bob.connection).toHaveText('Slow: one message every 5 min');
  for (const text of ['one', 'two']) await bob.say(text);
  await expect(bob.messages).toContainText('slow mode: will be sent in');
  await expect(ann.getByRole('log')).toContainText('one');

  await openRoom(bob.page, 'den');
  await bob.say('as I like');
  await expect(bob.messages.locator('.row:not(.pending)')).toContainText('as I like');

  await menu.selectOption('Off');
  await expect(ann.getByRole('log')).toContainText('two');
  await ann.keyboard.press('Escape');
  await house(ann, 'Record');
  await expect(ann.getByRole('list', { name: 'Record' })).toContainText('slowed #lobby down to a message every 5 min');
  await ann.context().close();
});

test('what was done shows, though what was read before it arrives later', async ({ browser, person, server }) => {
  const ann = await found(browser, server, 'Ann');
  await person('Bob');
  const answers: (() => void)[] = [];
  await ann.route('**/api/users', async (route) => {
    const answer = await route.fetch();
    await new Promise<void>((release) => answers.push(release));
    await route.fulfill({ response: answer });
  });
  await online(ann).getByRole('button', { name: /^Bob/ }).click();
  const dialog = ann.getByRole('dialog', { name: 'Bob' });
  await expect.poll(() => answers.length).toBe(1);
  await dialog.getByRole('button', { name: '10 minutes' }).first().click();
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.();
  await expect(dialog.getByRole('status')).toContainText('may not speak until');
  const late = ann.waitForResponse('**/api/users');
  answers[0]?.();
  await (await late).finished();
  await expect(dialog.getByRole('status')).toContainText('may not speak until');
  await ann.context().close();
});

test('the keyboard alone keeps order', async ({ browser, person, server }) => {
  const page = await newcomer(browser);
  await page.goto(await server.ownerLink);
  await expect(page.getByRole('textbox', { name: 'Nickname' })).toBeFocused();
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
  await expect(dialog.getByRole('status')).toContainText('may not speak until');
  await expect(dialog.getByRole('status')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(online(page).getByRole('button', { name: /^Bob/ })).toBeFocused();

  await tabTo(page, 'link', 'House');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'House' })).toBeFocused();
  await tabTo(page, 'link', 'Invitations');
  await page.keyboard.press('Enter');
  await tabTo(page, 'button', 'Make an invitation');
  await page.keyboard.press('Enter');
  await tabTo(page, 'button', 'Copy');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  await tabTo(page, 'button', 'Withdraw');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Withdraw' })).toBeFocused();
  await page.context().close();
});

test('on a Chinese phone it is all there and nothing is wider than the screen', async ({ browser, person, server }) => {
  const looks = { locale: 'zh-CN', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const page = await newcomer(browser, looks);
  const fits = async () => expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.goto(await server.ownerLink);
  await expect(page.getByRole('heading', { name: '这里由你做主' })).toBeVisible();
  await page.getByRole('textbox', { name: '昵称' }).fill('小明');
  await page.getByLabel('密码', { exact: true }).fill('一二三四五六七八');
  await page.getByRole('button', { name: '开启这里' }).click();
  await page.getByRole('textbox', { name: '消息', exact: true }).waitFor();
  await person('Bob');
  await page.getByRole('button', { name: '2 人在线' }).click();
  await page.getByRole('list', { name: '在线的人' }).getByRole('button', { name: /^Bob/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Bob' });
  await dialog.getByRole('group', { name: '禁言' }).getByRole('button', { name: '1 小时' }).click();
  await expect(dialog.getByRole('status')).toContainText('禁言至');
  await noViolations(page);
  await fits();
  await dialog.getByRole('button', { name: '关闭' }).click();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: '房间' }).click();
  await page.getByRole('link', { name: '管理' }).click();
  for (const section of ['邀请', '规则', '记录', '人员']) {
    await page.getByRole('navigation', { name: '管理分区' }).getByRole('link', { name: section }).click();
    await expect(page.getByText('正在加载…')).toHaveCount(0);
    await noViolations(page);
    await fits();
  }
  await page.getByRole('navigation').getByRole('link', { name: '记录' }).click();
  await expect(page.getByRole('list', { name: '记录' })).toContainText('小明 将 Bob 禁言 1 小时');
  await page.context().close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing in the house, ${colorScheme}`, async ({ browser, person, server }) => {
    const owner = await found(browser, server, 'Ann');
    await owner.context().close();
    const ann = await newcomer(browser, { colorScheme });
    await ann.goto(server.url);
    await signIn(ann, 'Ann');
    await person('Bob');
    const dialog = await about(ann, 'Bob');
    await dialog.getByRole('group', { name: 'Put out' }).getByRole('button', { name: 'For good' }).click();
    await expect(dialog).toContainText('Put Bob out for good?');
    await noViolations(ann);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.getByRole('group', { name: 'Mute' }).getByRole('button', { name: '1 day' }).click();
    await expect(dialog.getByRole('status')).toContainText('may not speak');
    await noViolations(ann);
    await ann.keyboard.press('Escape');
    await invite(ann, '10');
    for (const section of ['Invitations', 'Rules', 'Record', 'People']) {
      await house(ann, section);
      await expect(ann.getByText('Loading…')).toHaveCount(0);
      await noViolations(ann);
    }
    await ann.context().close();
  });
}

test('an owner deletes a room before everybody who is in it, and it is on record', async ({ browser, person, server }) => {
  const ann = await found(browser, server, 'Ann');
  const bob = await person('Bob');
  await openRoom(bob.page, 'den');
  await bob.say('psst');
  await ann.goto('/rooms/den');
  await ann.getByRole('button', { name: 'Join' }).click();
  await expect(ann.getByRole('log')).toContainText('psst');

  await ann.getByRole('heading', { level: 1, name: 'den' }).getByRole('button').click();
  const dialog = ann.getByRole('dialog', { name: 'About this room' });
  await dialog.getByRole('button', { name: 'Delete room' }).click();
  await expect(dialog).toContainText('This cannot be undone.');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await noViolations(ann);
  await dialog.getByRole('button', { name: 'Delete it' }).click();
  const rooms = (page: Page) => page.getByRole('list', { name: 'Rooms' });
  for (const page of [ann, bob.page]) {
    await expect(rooms(page).getByRole('link', { name: 'den' })).toHaveCount(0);
    await expect(page.getByText('psst')).toHaveCount(0);
  }
  await ann.goto('/rooms/lobby');
  await house(ann, 'Record');
  await expect(ann.getByRole('main')).toContainText('deleted the room #den and its messages');
});

test('every place of the page is answered as a page, and what is none is not', async ({ request, server }) => {
  const status = async (path: string) => (await request.get(server.url + path)).status();
  for (const path of ['/', '/rooms', '/rooms/lobby', '/rooms/lobby/7', '/house', '/house/people'])
    expect(await status(path), path).toBe(200);
  for (const path of ['/houses', '/roomsy', '/tea', '/house.html']) expect(await status(path), path).toBe(404);
});
