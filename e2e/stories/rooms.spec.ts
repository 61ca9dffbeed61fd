import type { Locator } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';
import { heading, openRoom } from '../rooms.ts';

const rooms = ({ page }: Person): Locator => page.getByRole('list', { name: 'Rooms' });
const room = (person: Person, name: string): Locator => rooms(person).getByRole('link', { name });

async function join(person: Person, search: string, name: string): Promise<void> {
  const { page } = person;
  await page.getByRole('button', { name: 'Browse rooms' }).click();
  const dialog = page.getByRole('dialog', { name: 'Browse rooms' });
  await dialog.getByRole('searchbox', { name: 'Search rooms' }).fill(search);
  await dialog.getByRole('button', { name: `Join #${name}`, exact: true }).click();
  await expect(dialog).toBeHidden();
}

test('users create, find and join a room and chat in it, and messages in other rooms are counted as unread', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await ann.page.getByRole('button', { name: 'Create room' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'Create room' });
  await dialog.getByRole('textbox', { name: 'Room name' }).fill('tea/time');
  await expect(dialog).toContainText('letters, digits');
  await dialog.getByRole('textbox', { name: 'Room name' }).fill('Tea Time');
  await expect(dialog).toContainText('Will be saved as #tea-time');
  await dialog.getByRole('textbox', { name: 'Topic' }).fill('What we drink');
  await ann.page.keyboard.press('Enter');
  await expect(heading(ann.page, 'tea-time')).toBeVisible();
  await expect(ann.composer).toBeFocused();
  await expect(ann.page).toHaveURL(/\/rooms\/tea-time$/);
  await expect(ann.page.getByRole('main')).toContainText('What we drink');
  await expect(room(ann, 'tea-time')).toHaveAttribute('aria-current', 'page');
  await expect(ann.onlineList.getByRole('listitem')).toHaveCount(1);

  await join(bob, 'drink', 'tea-time');
  await expect(heading(bob.page, 'tea-time')).toBeVisible();
  await expect(bob.composer).toBeFocused();
  await expect(ann.onlineList).toContainText('Bob');
  await bob.say('Is there a cup left?');
  await expect(ann.messages).toContainText('Is there a cup left?');
  await ann.say('Two.');
  await expect(bob.messages).toContainText(/Is there a cup left\?[\s\S]*Two\./);

  await room(ann, 'lobby').click();
  await expect(ann.messages).not.toContainText('Two.');
  await bob.say('One is gone.');
  await bob.say('Now the other one.');
  await expect(room(ann, 'tea-time')).toHaveAccessibleName(/2 new/);
  await expect(ann.page).toHaveTitle('• #lobby · Snug');
  await room(ann, 'tea-time').click();
  await expect(ann.messages.getByRole('separator', { name: 'New' })).toBeVisible();
  await expect(room(ann, 'tea-time')).not.toHaveAccessibleName(/new/);
  await expect(ann.page).toHaveTitle('#tea-time · Snug');

  await ann.page.reload();
  await expect(ann.messages).toContainText('Now the other one.');
  await expect(room(ann, 'tea-time')).toHaveAttribute('aria-current', 'page');
});

test('the dialog refuses a room name that is taken and accepts another one', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await openRoom(ann.page, 'books');
  await bob.page.getByRole('button', { name: 'Create room' }).click();
  const dialog = bob.page.getByRole('dialog', { name: 'Create room' });
  await dialog.getByRole('textbox', { name: 'Room name' }).fill('Books');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Room name' })).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByRole('textbox', { name: 'Room name' }).fill('Books 2');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(heading(bob.page, 'books-2')).toBeVisible();
});

test('each room keeps its scroll position and draft, and back and forward switch between rooms', async ({ person }) => {
  const ann = await person('Ann');
  await openRoom(ann.page, 'den');
  const lines = Array.from({ length: 8 }, (_, n) => `line ${n + 1}\n\n\n\n.`);
  for (const line of lines) await ann.say(line);
  await expect(ann.messages.getByText('Sending…')).toHaveCount(0);
  const first = ann.messages.getByText('line 2');
  await ann.messages.evaluate((log) => log.scrollTo({ top: 320 }));
  await expect(ann.page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();
  const before = await first.boundingBox();
  await ann.composer.fill('half a tho');

  await room(ann, 'lobby').click();
  await expect(ann.composer).toHaveValue('');
  await ann.composer.fill('another');
  await ann.page.goBack();
  await expect(heading(ann.page, 'den')).toBeVisible();
  await expect(ann.composer).toHaveValue('half a tho');
  await expect(async () => expect((await first.boundingBox())?.y).toBeCloseTo(before!.y, 0)).toPass();
  await ann.page.goForward();
  await expect(heading(ann.page, 'lobby')).toBeVisible();
  await expect(ann.composer).toHaveValue('another');

  await ann.page.keyboard.press('Alt+ArrowDown');
  await expect(heading(ann.page, 'den')).toBeVisible();
  await ann.page.keyboard.press('Alt+ArrowUp');
  await expect(heading(ann.page, 'lobby')).toBeVisible();
});

test('on a Mac the Alt+arrow keys move the caret in the composer and do not switch rooms', async ({ person }) => {
  const ann = await person('Ann');
  await ann.page.addInitScript(() => Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' }));
  await ann.page.reload();
  await openRoom(ann.page, 'den');
  await ann.composer.fill('half a tho');
  await ann.composer.press('Alt+ArrowUp');
  // If the page had switched rooms, the message would appear there.
  await ann.composer.press('Enter');
  await expect(ann.messages).toContainText('half a tho');
  await expect(heading(ann.page, 'den')).toBeVisible();
  await ann.composer.press('Alt+ArrowUp');
  await expect(heading(ann.page, 'lobby')).toBeVisible();
});

test('during an outage messages wait in their own room, and dialogs show that they wait', async ({
  person,
  server,
}) => {
  const ann = await person('Ann');
  await openRoom(ann.page, 'den');
  await ann.say('before');
  await expect(ann.messages.getByText('Sending…')).toHaveCount(0);
  await server.kill();
  await ann.say('written in the tunnel');
  await expect(ann.messages).toContainText('Waiting to reconnect…');
  await room(ann, 'lobby').click();
  await expect(heading(ann.page, 'lobby')).toBeVisible();
  await expect(ann.messages).not.toContainText('written in the tunnel');
  await ann.page.getByRole('button', { name: 'Create room' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'Create room' });
  await dialog.getByRole('textbox', { name: 'Room name' }).fill('attic');
  await expect(dialog.getByRole('button', { name: 'Waiting to reconnect…' })).toBeDisabled();

  await server.start();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(heading(ann.page, 'attic')).toBeVisible();
  await room(ann, 'den').click();
  await expect(ann.messages.getByText('written in the tunnel', { exact: true })).toHaveCount(1);
  await expect(ann.messages).not.toContainText('Waiting to reconnect…');
});

test('leaving a room asks for confirmation, leads to the lobby, and takes effect in every tab', async ({ person }) => {
  const ann = await person('Ann');
  await openRoom(ann.page, 'den', { topic: 'Where it is warm' });
  const second = await ann.context.newPage();
  await second.goto('/rooms/den');
  await expect(second.getByRole('textbox', { name: 'Message' })).toBeVisible();

  await heading(ann.page, 'den').getByRole('button').click();
  const dialog = ann.page.getByRole('dialog', { name: 'Room details' });
  await expect(dialog).toContainText('Where it is warm');
  await dialog.getByRole('button', { name: 'Leave room' }).click();
  await expect(dialog).toContainText('you can rejoin any time');
  await dialog.getByRole('button', { name: 'Leave room' }).click();
  for (const page of [ann.page, second]) {
    await expect(page.getByRole('heading', { level: 1, name: 'lobby' })).toBeVisible();
    await expect(page).toHaveURL(/\/rooms\/lobby$/);
    await expect(page.getByRole('status')).toHaveText('You left #den.');
    await expect(page.getByRole('list', { name: 'Rooms' }).getByRole('link')).toHaveCount(1);
  }
});

test('an unsent message in a room left on another device is not lost', async ({ browser, person, server }) => {
  const ann = await person('Ann');
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openRoom(ann.page, 'den');
  const phone = await ann.onAnotherDevice(browser);
  await room(phone, 'den').click();
  await expect(heading(phone.page, 'den')).toBeVisible();
  await server.kill();
  await ann.say('written in the tunnel');
  await expect(ann.messages).toContainText('Waiting to reconnect…');
  await ann.page.goto('about:blank');
  await server.start();
  await phone.page.evaluate(() => dispatchEvent(new Event('online')));
  await heading(phone.page, 'den').getByRole('button').click();
  const dialog = phone.page.getByRole('dialog', { name: 'Room details' });
  await dialog.getByRole('button', { name: 'Leave room' }).click();
  await dialog.getByRole('button', { name: 'Leave room' }).click();
  await expect(heading(phone.page, 'lobby')).toBeVisible();
  await phone.context.close();

  await ann.page.goto('/');
  const bar = ann.page.getByRole('alert').filter({ hasText: 'You’re no longer in that room' });
  await expect(bar).toContainText('written in the tunnel');
  await noViolations(ann.page);
  await bar.getByRole('button', { name: 'Copy text' }).click();
  await expect.poll(() => ann.page.evaluate(() => navigator.clipboard.readText())).toBe('written in the tunnel');
  await ann.page.reload();
  await bar.getByRole('button', { name: 'Delete' }).click();
  await expect(bar).toHaveCount(0);
  await ann.page.reload();
  await expect(ann.page.getByText('You haven’t joined this room.')).toBeVisible();
  await expect(bar).toHaveCount(0);
});

test('a room URL leads to the join page and then offers to join the room, or says that it doesn’t exist', async ({
  browser,
  person,
  server,
}) => {
  const ann = await person('小明', { locale: 'zh-CN' });
  await ann.page.getByRole('button', { name: '创建房间' }).click();
  await ann.page.getByRole('textbox', { name: '房间名' }).fill('茶馆');
  await ann.page.getByRole('button', { name: '创建', exact: true }).click();
  await expect(heading(ann.page, '茶馆')).toBeVisible();
  await ann.say('水开了');

  const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
  await page.goto(`${server.url}/rooms/${encodeURIComponent('茶馆')}`);
  await page.getByRole('textbox', { name: 'Display name' }).fill('Bob');
  await page.getByRole('button', { name: 'Join' }).click();
  const main = page.getByRole('main');
  await expect(main).toContainText('1 member');
  await expect(main).toContainText('You haven’t joined this room.');
  await expect(page.getByRole('textbox', { name: 'Message' })).toHaveCount(0);
  await main.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('log')).toContainText('水开了');
  await expect(page.getByRole('link', { name: '茶馆' })).toHaveAttribute('aria-current', 'page');

  await page.goto(`${server.url}/rooms/nowhere`);
  await expect(main).toContainText('#nowhere doesn’t exist, or you don’t have access.');
  await main.getByRole('link', { name: 'Go to the lobby' }).click();
  await expect(page).toHaveURL(/\/rooms\/lobby$/);
  await page.goto(`${server.url}/rooms`);
  await expect(page).toHaveURL(/\/rooms\/lobby$/);
  await page.context().close();
});

test('on a phone the room list is in a drawer, and its button shows the number of new messages', async ({ person }) => {
  const ann = await person('Ann', { viewport: { width: 360, height: 740 }, hasTouch: true });
  const bob = await person('Bob');
  await openRoom(bob.page, 'den');
  const roomsButton = ann.page.getByRole('button', { name: /^Rooms/ });
  await expect(rooms(ann)).not.toBeInViewport();
  await roomsButton.click();
  await expect(rooms(ann)).toBeInViewport();
  await expect(ann.page.getByRole('button', { name: 'Close' })).toBeFocused();
  await join(ann, '', 'den');
  await expect(heading(ann.page, 'den')).toBeVisible();
  await expect(rooms(ann)).not.toBeInViewport();
  await expect(roomsButton).toBeFocused();

  await roomsButton.click();
  await room(ann, 'lobby').click();
  await expect(heading(ann.page, 'lobby')).toBeVisible();
  await expect(rooms(ann)).not.toBeInViewport();
  await bob.say('psst');
  await expect(roomsButton).toHaveAccessibleName(/1 new/);
  await roomsButton.click();
  await ann.page.keyboard.press('Escape');
  await expect(rooms(ann)).not.toBeInViewport();
  await expect(roomsButton).toBeFocused();
  expect(await ann.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violations in the room dialogs, ${colorScheme}`, async ({ person }) => {
    const ann = await person('Ann', { colorScheme });
    await openRoom(ann.page, 'den', { topic: 'Where it is warm' });
    await noViolations(ann.page);
    await ann.page.getByRole('button', { name: 'Create room' }).click();
    await ann.page.getByRole('textbox', { name: 'Room name' }).fill('a/b');
    await noViolations(ann.page);
    await ann.page.keyboard.press('Escape');
    await ann.page.getByRole('button', { name: 'Discard' }).click();
    await ann.page.getByRole('button', { name: 'Browse rooms' }).click();
    await expect(ann.page.getByRole('link', { name: 'Open #den' })).toBeVisible();
    await noViolations(ann.page);
    await ann.page.keyboard.press('Escape');
    await ann.page.goto('/rooms/nowhere');
    await expect(ann.page.getByRole('main')).toContainText('doesn’t exist, or you don’t have access');
    await noViolations(ann.page);
  });
}

test('messages read on one device are read on all devices', async ({ person, browser }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await openRoom(bob.page, 'tea');
  await join(ann, 'tea', 'tea');
  await room(ann, 'lobby').click();
  const tablet = await ann.onAnotherDevice(browser);
  for (const text of ['one', 'two', 'three']) await bob.say(text);
  for (const device of [ann, tablet]) await expect(room(device, 'tea')).toHaveAccessibleName(/3 new/);

  await room(tablet, 'tea').click();
  await expect(tablet.messages.getByRole('separator', { name: 'New' })).toBeVisible();
  await expect(room(ann, 'tea')).not.toHaveAccessibleName(/new/);

  // A device that was not connected shows the same count: the server stores the read position.
  await room(tablet, 'lobby').click();
  await bob.say('four');
  await expect(room(ann, 'tea')).toHaveAccessibleName(/1 new/);
  const phone = await ann.onAnotherDevice(browser);
  await expect(room(phone, 'tea')).toHaveAccessibleName(/1 new/);
  await Promise.all([tablet, phone].map(({ context }) => context.close()));
});

test('a message marked as unread stays unread on all devices until the user returns to the room', async ({ person, browser }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await openRoom(bob.page, 'tea');
  await join(ann, 'tea', 'tea');
  for (const text of ['one', 'two', 'three']) await bob.say(text);
  await expect(ann.messages).toContainText('three');
  const tablet = await ann.onAnotherDevice(browser);
  await expect(room(tablet, 'tea')).not.toHaveAccessibleName(/new/);

  const two = ann.messages.getByRole('article').filter({ hasText: 'two' });
  await two.hover();
  await two.getByRole('button', { name: 'Mark as unread' }).click();
  await expect(ann.messages.getByRole('separator', { name: 'New' })).toBeVisible();
  await expect(room(tablet, 'tea')).toHaveAccessibleName(/2 new/);

  // With the keyboard: ArrowUp from the log focuses the newest message, and U is the shortcut named in the button's title.
  await ann.messages.focus();
  await ann.page.keyboard.press('ArrowUp');
  await ann.page.keyboard.press('u');
  await expect(room(tablet, 'tea')).toHaveAccessibleName(/1 new/);
  await room(ann, 'lobby').click();
  await expect(room(ann, 'tea')).toHaveAccessibleName(/1 new/);
  await room(ann, 'tea').click();
  await expect(ann.messages.getByRole('separator', { name: 'New' })).toBeVisible();
  await expect(room(tablet, 'tea')).not.toHaveAccessibleName(/new/);
  await tablet.context.close();
});
