import type { Locator } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';
import { heading, openRoom } from '../rooms.ts';

const list = ({ page }: Person, name: string): Locator => page.getByRole('list', { name });
const room = (person: Person, name: string): Locator => list(person, 'Rooms').getByRole('link', { name });
const directMessage = (person: Person, name: string): Locator => list(person, 'Direct messages').getByRole('link', { name });

async function openRoomDetails(person: Person, name: string): Promise<Locator> {
  await heading(person.page, name).getByRole('button').click();
  return person.page.getByRole('dialog', { name: /details$/ });
}

async function addMember(person: Person, to: string, whom: string): Promise<void> {
  const dialog = await openRoomDetails(person, to);
  await dialog.getByRole('button', { name: 'Add people' }).click();
  await dialog.getByRole('searchbox', { name: 'Search people' }).fill(whom.slice(1));
  await dialog.getByRole('checkbox', { name: whom }).check();
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByRole('list', { name: 'Members' })).toContainText(whom);
  await expect(dialog.getByRole('button', { name: 'Add people' })).toBeFocused();
  await person.page.keyboard.press('Escape');
}

test('a private room is hidden from a user before a member adds them and after they are removed', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await openRoom(ann.page, 'den', { isPrivate: true });
  await expect(room(ann, 'den')).toHaveAccessibleName(/private/);
  await ann.say('nobody hears this');

  await bob.page.getByRole('button', { name: 'Browse rooms' }).click();
  await expect(bob.page.getByRole('dialog')).toContainText('No rooms yet.');
  const said = bob.page.getByRole('main').locator('.outside');
  await bob.page.goto('/rooms/nowhere');
  await expect(said).toHaveText(/^#nowhere doesn’t exist, or you don’t have access\./);
  const absent = await said.innerHTML();
  await bob.page.goto('/rooms/den');
  await expect(said).toHaveText(/^#den doesn’t exist, or you don’t have access\./);
  expect(await said.innerHTML()).toBe(absent.replaceAll('nowhere', 'den'));

  // Bob's page is at the room's URL and shows the room as soon as he is added.
  await addMember(ann, 'den', 'Bob');
  await expect(heading(bob.page, 'den').getByRole('button')).toBeVisible();
  await expect(bob.messages).toContainText('nobody hears this');
  await expect(room(bob, 'den')).toHaveAccessibleName(/private/);
  await bob.say('but now I do');
  await expect(ann.messages).toContainText('but now I do');

  const dialog = await openRoomDetails(ann, 'den');
  await noViolations(ann.page);
  await dialog.getByRole('button', { name: 'Remove Bob' }).click();
  await expect(dialog).toContainText('Remove Bob from this room?');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await ann.page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Remove Bob' })).toBeFocused();
  await ann.page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(dialog.getByRole('list', { name: 'Members' }).getByRole('listitem')).toHaveCount(1);
  await expect(heading(bob.page, 'lobby')).toBeVisible();
  await expect(room(bob, 'den')).toHaveCount(0);
  await expect(bob.page.getByRole('status')).toHaveText('You were removed from #den.');
});

test('a member who cannot manage a room can only add people and leave', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await openRoom(ann.page, 'den', { isPrivate: true });
  await addMember(ann, 'den', 'Bob');
  await room(bob, 'den').click();
  const offered = { 'Edit name': 0, 'Archive room': 0, Remove: 0, 'Add people': 1, 'Leave room': 1 };
  for (const [person, name] of [[bob, 'den'], [ann, 'den'], [ann, 'lobby']] as const) {
    if (name === 'lobby') await room(person, name).click();
    const dialog = await openRoomDetails(person, name);
    if (name !== 'lobby') await expect(dialog.getByRole('list', { name: 'Members' }).getByRole('listitem')).toHaveCount(2);
    for (const [button, count] of Object.entries(offered)) {
      const there = name === 'lobby' ? 0 : person === ann ? 1 : count;
      await expect(dialog.getByRole('button', { name: button }), `${button} in ${name}`).toHaveCount(there);
    }
    await person.page.keyboard.press('Escape');
  }
});

test('a direct message starts in the online list, counts like a mention, and survives a reload', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const cem = await person('Cem');
  await ann.onlineList.getByRole('listitem').filter({ hasText: 'Bob' }).hover();
  await ann.onlineList.getByRole('button', { name: 'Message Bob' }).click();
  await expect(heading(ann.page, 'Bob')).toBeVisible();
  await expect(ann.page).toHaveTitle('Bob · Snug');
  await expect(ann.page).toHaveURL(/\/rooms\/%40[0-9a-f]{32}$/);
  await expect(ann.composer).toHaveAttribute('placeholder', 'Message Bob');
  await ann.say('psst');
  await ann.say('are you there?');

  await expect(directMessage(bob, 'Ann')).toHaveAccessibleName('Ann online 2 new messages');
  await expect(bob.page).toHaveTitle('(2) #lobby · Snug');
  await directMessage(bob, 'Ann').click();
  await expect(bob.messages).toContainText('This is the start of your conversation with Ann');
  await bob.say('here');
  await expect(ann.messages).toContainText('here');
  await bob.page.reload();
  await expect(bob.messages).toContainText('are you there?');
  await expect(directMessage(bob, 'Ann')).toHaveAttribute('aria-current', 'page');
  await expect(heading(bob.page, 'Ann')).toBeVisible();

  // It belongs to these two users: nobody can leave or be added, and Bob opens the same one from his online list.
  const dialog = await openRoomDetails(bob, 'Ann');
  await expect(dialog.getByRole('list', { name: 'Members' }).getByRole('listitem')).toHaveCount(2);
  for (const name of ['Leave room', 'Add people', 'Edit name', 'Archive room']) {
    await expect(dialog.getByRole('button', { name })).toHaveCount(0);
  }
  await bob.page.keyboard.press('Escape');
  await room(bob, 'lobby').click();
  await bob.onlineList.getByRole('listitem').filter({ hasText: 'Ann' }).hover();
  await bob.onlineList.getByRole('button', { name: 'Message Ann' }).click();
  await expect(bob.messages).toContainText('psst');
  await expect(list(bob, 'Direct messages').getByRole('link')).toHaveCount(1);
  const address = new URL(bob.page.url()).pathname;
  await cem.page.goto(address);
  await expect(cem.page.getByRole('main')).toContainText('This conversation doesn’t exist');
  await expect(list(cem, 'Direct messages')).toHaveCount(0);
});

test('a group conversation can be started from the dialog with the keyboard alone', async ({ person }) => {
  const ann = await person('Ann');
  const [bob, cem] = [await person('Bob'), await person('小明')];
  await expect(ann.onlineList.getByRole('listitem')).toHaveCount(3);
  await ann.page.getByRole('button', { name: 'New direct message' }).focus();
  await ann.page.keyboard.press('Enter');
  const dialog = ann.page.getByRole('dialog', { name: 'New direct message' });
  await expect(dialog.getByRole('searchbox')).toBeFocused();
  await expect(dialog.getByRole('checkbox')).toHaveCount(2);
  await noViolations(ann.page);
  await ann.page.keyboard.type('nobody');
  await expect(dialog).toContainText('No people found.');
  await dialog.getByRole('searchbox').fill('');
  await ann.page.keyboard.press('Tab');
  await ann.page.keyboard.press('Space');
  await ann.page.keyboard.press('Tab');
  await ann.page.keyboard.press('Space');
  await expect(dialog).toContainText('Selected: Bob, 小明');
  await ann.page.keyboard.press('Enter');
  await expect(heading(ann.page, 'Bob, 小明')).toBeVisible();
  await expect(ann.composer).toBeFocused();
  await ann.say('tea?');
  for (const it of [bob, cem]) await expect(list(it, 'Direct messages').getByRole('link')).toHaveAccessibleName(/1 new/);
  await expect(directMessage(bob, 'Ann, 小明')).toBeVisible();

  // The link names the members who are online.
  await expect(directMessage(ann, 'Bob, 小明')).toHaveAccessibleName(/Bob, 小明 online/);
  await bob.context.close();
  await expect(directMessage(ann, 'Bob, 小明')).toHaveAccessibleName(/ 小明 online/);
});

test('renaming and archiving a room takes effect at once for all members, who stay in it', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await openRoom(ann.page, 'tea');
  await bob.page.goto('/rooms/tea');
  await bob.page.getByRole('button', { name: 'Join' }).click();
  await bob.say('milk?');
  await expect(ann.messages).toContainText('milk?');

  const dialog = await openRoomDetails(ann, 'tea');
  await dialog.getByRole('button', { name: 'Edit name' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Room name' })).toHaveValue('tea');
  await dialog.getByRole('textbox', { name: 'Room name' }).fill('Tea House');
  await dialog.getByRole('textbox', { name: 'Topic' }).fill('Green or black');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toContainText('#tea-house');
  for (const it of [ann, bob]) {
    await expect(it.page).toHaveURL(/\/rooms\/tea-house$/);
    await expect(room(it, 'tea-house')).toHaveAttribute('aria-current', 'page');
    await expect(it.page.getByRole('main')).toContainText('Green or black');
  }
  await expect(bob.messages).toContainText('milk?');

  await dialog.getByRole('button', { name: 'Archive room' }).click();
  await expect(dialog).toContainText('no one can post');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await ann.page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Archive room' })).toBeFocused();
  await ann.page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Archive room' }).click();
  await expect(dialog.getByRole('button', { name: 'Archive room' })).toHaveCount(0);
  await ann.page.keyboard.press('Escape');
  for (const it of [ann, bob]) {
    await expect(it.page.getByRole('main')).toContainText('This room is archived and read-only.');
    await expect(it.composer).toHaveCount(0);
    await expect(room(it, 'tea-house')).toHaveAccessibleName(/archived/);
  }
  await noViolations(ann.page);
  const way = { name: 'Unarchive' };
  await expect(bob.page.getByRole('button', way)).toHaveCount(0);
  await ann.page.getByRole('button', way).click();
  for (const it of [ann, bob]) await it.say(`${it.name} is back`);
  await expect(ann.messages).toContainText('Bob is back');
});

test('a private room with the same name as another room is reached by its id', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await openRoom(ann.page, 'tea', { isPrivate: true });
  await ann.say('in private');
  await addMember(ann, 'tea', 'Bob');
  await expect(room(bob, 'tea')).toHaveAttribute('href', '/rooms/tea');
  await openRoom(bob.page, 'tea');
  await bob.say('in the open');
  await expect(room(bob, 'tea')).toHaveCount(2);
  await room(bob, 'tea private').click();
  await expect(bob.messages).toContainText('in private');
  await expect(bob.page).toHaveURL(/\/rooms\/[0-9a-f-]{36}$/);
  await expect(bob.page).toHaveTitle('#tea · Snug');
  await bob.page.reload();
  await expect(bob.messages).toContainText('in private');
  await bob.page.goBack();
  await expect(bob.messages).toContainText('in the open');
});

test('on a Chinese phone direct messages and private rooms work', async ({
  person,
}) => {
  const options = { locale: 'zh-CN', viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true };
  const ming = await person('小明', options);
  const bob = await person('Bob');
  const { page } = ming;
  await page.getByRole('button', { name: /人在线/ }).click();
  await page.getByRole('button', { name: '给 Bob 发私信' }).click();
  await expect(heading(ming.page, 'Bob')).toBeVisible();
  await expect(page.getByRole('complementary', { name: '在线用户' })).not.toBeInViewport();
  await ming.say('在吗？');
  await directMessage(bob, '小明').click();
  await bob.say('在');
  await expect(ming.messages).toContainText('在');

  await page.getByRole('button', { name: /^房间/ }).click();
  await expect(list(ming, '私信').getByRole('link')).toHaveAccessibleName(/Bob/);
  await page.getByRole('button', { name: '创建房间' }).click();
  await page.getByRole('textbox', { name: '房间名' }).fill('茶馆');
  await page.getByRole('switch', { name: '私密房间' }).click();
  await page.getByRole('button', { name: '创建', exact: true }).click();
  await heading(ming.page, '茶馆').getByRole('button').click();
  const dialog = page.getByRole('dialog', { name: '房间详情' });
  await dialog.getByRole('button', { name: '添加成员' }).click();
  await dialog.getByRole('checkbox', { name: 'Bob' }).check();
  await noViolations(page);
  await dialog.getByRole('button', { name: '添加', exact: true }).click();
  await expect(dialog.getByRole('list', { name: '成员' }).getByRole('listitem')).toHaveCount(2);
  await noViolations(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await expect(room(bob, '茶馆')).toBeVisible();
});

test('the direct message dialog shows an error if the selected user has left', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await expect(ann.onlineList).toContainText('Bob');
  await ann.page.getByRole('button', { name: 'New direct message' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'New direct message' });
  await dialog.getByRole('checkbox', { name: 'Bob' }).check();
  await bob.context.close();
  await expect(dialog).toContainText('No one else is online.');
  await dialog.getByRole('button', { name: 'Start conversation' }).click();
  await expect(dialog.getByRole('alert')).not.toBeEmpty();
  await expect(heading(ann.page, 'lobby')).toBeVisible();
});

test('a hidden conversation reappears with a new message, and a block persists after a reload', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await bob.onlineList.getByRole('listitem').filter({ hasText: 'Ann' }).hover();
  await bob.onlineList.getByRole('button', { name: 'Message Ann' }).click();
  await expect(heading(bob.page, 'Ann')).toBeVisible();
  await bob.say('hello');
  const link = directMessage(ann, 'Bob');
  await link.click();
  await expect(ann.messages).toContainText('hello');
  const dialog = await openRoomDetails(ann, 'Bob');
  await dialog.getByRole('button', { name: 'Hide conversation' }).click();
  await expect(link).toHaveCount(0);
  await bob.say('are you there?');
  await link.click();
  await expect(ann.messages).toContainText('are you there?');

  await openRoomDetails(ann, 'Bob');
  await dialog.getByRole('button', { name: 'Block Bob' }).click();
  await expect(dialog.getByRole('button', { name: 'Unblock Bob' })).toBeVisible();
  await noViolations(ann.page);
  await ann.page.reload();
  await openRoomDetails(ann, 'Bob');
  await expect(dialog.getByRole('button', { name: 'Unblock Bob' })).toBeVisible();
  await bob.composer.fill('psst');
  await bob.composer.press('Enter');
  await expect(bob.page.getByRole('main')).toContainText('You don’t have permission to do that.');
  await dialog.getByRole('button', { name: 'Unblock Bob' }).click();
  await expect(dialog.getByRole('button', { name: 'Block Bob', exact: true })).toBeVisible();
});
