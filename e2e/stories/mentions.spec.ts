import type { Locator } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';
import { openSettings } from '../people.ts';
import { openRoom } from '../rooms.ts';

const rooms = ({ page }: Person): Locator => page.getByRole('list', { name: 'Rooms' });
const room = (person: Person, name: string): Locator => rooms(person).getByRole('link', { name });
const favicon = ({ page }: Person): Promise<string | null> => page.locator('link[rel=icon]').getAttribute('href');

/** Ann and Bob are members of #tea. Ann views the lobby, Bob views #tea. */
async function joinSeparateRooms(person: (name: string) => Promise<Person>): Promise<[Person, Person]> {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await openRoom(bob.page, 'tea');
  await ann.page.goto('/rooms/tea');
  await ann.page.getByRole('button', { name: 'Join' }).click();
  await ann.composer.waitFor();
  await expect(bob.onlineList).toContainText('Ann');
  await room(ann, 'lobby').click();
  await expect(ann.page).toHaveTitle('#lobby · Snug');
  return [ann, bob];
}

async function openRoomDetails(person: Person, name: string): Promise<Locator> {
  await person.page.getByRole('heading', { level: 1, name }).getByRole('button').click();
  return person.page.getByRole('dialog', { name: 'Room details' });
}

test('a mention in another room shows in the room list, the title and the icon until it is read', async ({
  person,
  browser,
}) => {
  const [ann, bob] = await joinSeparateRooms(person);
  const plain = await favicon(ann);
  await bob.say('the kettle is on');
  await expect(room(ann, 'tea')).toHaveAccessibleName(/1 new/);
  await expect(room(ann, 'tea')).not.toHaveAccessibleName(/mention/);
  await expect(ann.page).toHaveTitle('• #lobby · Snug');
  expect(await favicon(ann)).toMatch(/^data:image\/svg/);

  await bob.say('@ann, two sugars?');
  await bob.say('and @room, who wants one?');
  await expect(room(ann, 'tea')).toHaveAccessibleName(/3 new.*2 mentions/);
  await expect(ann.page).toHaveTitle('(2) #lobby · Snug');
  await ann.page.reload();
  await expect(room(ann, 'tea')).toHaveAccessibleName(/3 new.*2 mentions/);
  await expect(ann.page).toHaveTitle('(2) #lobby · Snug');
  const phone = await ann.onAnotherDevice(browser);
  await expect(phone.page).toHaveTitle('(2) #lobby · Snug');

  await room(ann, 'tea').click();
  await expect(ann.messages.getByText('@ann', { exact: true })).toHaveClass('mention me');
  await expect(bob.messages.getByText('@ann', { exact: true })).toHaveClass('mention');
  for (const device of [ann, phone]) await expect(device.page).toHaveTitle(/^#/);
  await expect(room(phone, 'tea')).not.toHaveAccessibleName(/new/);
  expect(await favicon(ann)).toBe(plain);
  await phone.context.close();
});

test('a mention is completed with the keyboard or the mouse, and is highlighted for the mentioned user', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('小明');
  await expect(ann.onlineList).toContainText('小明');
  await ann.composer.pressSequentially('你好@小');
  const list = ann.page.getByRole('listbox', { name: 'Mention suggestions' });
  await expect(list.getByRole('option')).toHaveText(['小明']);
  await noViolations(ann.page);
  await ann.page.keyboard.press('Tab');
  await expect(ann.composer).toHaveValue('你好@小明 ');
  await expect(list).toHaveCount(0);
  await expect(ann.composer).toBeFocused();
  await ann.page.keyboard.press('Enter');
  await expect(bob.messages.getByText('@小明')).toHaveClass('mention me');

  await ann.composer.pressSequentially('@h');
  await list.getByRole('option', { name: 'here' }).click();
  await expect(ann.composer).toHaveValue('@here ');
  await ann.page.keyboard.press('ControlOrMeta+z');
  await expect(ann.composer).toHaveValue('@h');
  await ann.page.keyboard.press('Escape');
  await ann.page.keyboard.press('Enter');
  await expect(ann.messages.getByText('@h', { exact: true })).toBeVisible();

  // Sending the message closes an open list, also when sent with the button.
  await ann.composer.fill('@');
  await ann.composer.pressSequentially('小');
  await expect(list).toBeVisible();
  await ann.page.getByRole('button', { name: 'Send' }).click();
  await expect(ann.composer).toHaveValue('');
  await expect(list).toBeHidden();
});

test('a muted room shows no unread badge on any device, and the room list can show unread rooms only', async ({
  person,
  browser,
}) => {
  const [ann, bob] = await joinSeparateRooms(person);
  const phone = await ann.onAnotherDevice(browser);
  await room(ann, 'tea').click();
  const dialog = await openRoomDetails(ann, 'tea');
  await dialog.getByText('Nothing', { exact: true }).click();
  await expect(dialog.getByRole('radio', { name: 'Nothing' })).toBeChecked();
  await ann.page.keyboard.press('Escape');
  await room(ann, 'lobby').click();
  for (const device of [ann, phone]) await expect(room(device, 'tea')).toHaveAccessibleName(/muted/);
  await bob.say('@ann!');
  // A later message in the lobby has arrived, so this one has arrived too.
  await room(bob, 'lobby').click();
  await bob.say('fence');
  for (const device of [ann, phone]) {
    await expect(device.messages).toContainText('fence');
    await expect(device.page).toHaveTitle('#lobby · Snug');
    await expect(room(device, 'tea')).not.toHaveAccessibleName(/new|mention/);
  }

  await openRoom(ann.page, 'den');
  await room(ann, 'lobby').click();
  await ann.page.getByRole('button', { name: 'Show unread only' }).click();
  await expect(rooms(ann).getByRole('link')).toHaveCount(1);
  await ann.page.reload();
  await expect(rooms(ann).getByRole('link')).toHaveCount(1);
  await ann.page.getByRole('button', { name: 'Show unread only' }).click();
  await expect(rooms(ann).getByRole('link')).toHaveCount(3);
  await phone.context.close();
});

/** Replaces the browser's notifications: records them, and lets a test click them. */
function mockNotifications(): void {
  const shown: object[] = [];
  class MockNotification {
    static permission = 'default';
    static async requestPermission(): Promise<string> {
      return (MockNotification.permission = 'granted');
    }
    onclick: (() => void) | null = null;
    constructor(
      readonly title: string,
      readonly options: object,
    ) {
      shown.push(this);
    }
    close(): void {}
  }
  Object.assign(window, { Notification: MockNotification, shown });
}

test('a device notifies after the user turns it on, obeys the notification level, and opens the room', async ({ person }) => {
  const [ann, bob] = await joinSeparateRooms(person);
  await ann.page.addInitScript(mockNotifications);
  await ann.page.reload();
  await ann.composer.waitFor();
  const shown = () =>
    ann.page.evaluate(() => {
      const { shown } = window as unknown as { shown: { title: string; options: { body: string } }[] };
      return shown.map(({ title, options }) => `${title}: ${options.body}`);
    });
  await bob.say('before anybody asked');
  await expect(room(ann, 'tea')).toHaveAccessibleName(/1 new/);
  expect(await shown()).toEqual([]);

  const dialog = await openRoomDetails(ann, 'lobby');
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await expect(dialog.getByRole('button', { name: 'Turn off' })).toBeVisible();
  await noViolations(ann.page);
  await ann.page.keyboard.press('Escape');
  await bob.say('is anybody there?');
  await expect.poll(shown).toEqual(['Bob in #tea: is anybody there?']);

  // A message in the room on screen causes no notification.
  await room(bob, 'lobby').click();
  await bob.say('in the lobby');
  await expect(ann.messages).toContainText('in the lobby');
  expect(await shown()).toHaveLength(1);

  await ann.page.evaluate(() => {
    const { shown } = window as unknown as { shown: { onclick: () => void }[] };
    shown[0]?.onclick();
  });
  await expect(ann.page.getByRole('heading', { level: 1, name: 'tea' })).toBeVisible();
  await (await openRoomDetails(ann, 'tea')).getByText('Mentions only', { exact: true }).click();
  await ann.page.keyboard.press('Escape');
  await room(ann, 'lobby').click();
  await room(bob, 'tea').click();
  await bob.say('nobody in particular');
  await bob.say('@ann then');
  await expect.poll(shown).toEqual(['Bob in #tea: is anybody there?', 'Bob in #tea: @ann then']);

  await openSettings(ann, 'Notifications');
  await ann.page.getByRole('checkbox', { name: 'Quiet hours' }).check();
  await ann.page.getByLabel('From', { exact: true }).fill('00:00');
  await ann.page.getByLabel('To', { exact: true }).fill('00:00');
  await noViolations(ann.page);
  await ann.page.keyboard.press('Escape');
  await bob.say('@ann, asleep?');
  await expect(room(ann, 'tea')).toHaveAccessibleName(/2 mentions/);
  expect(await shown()).toHaveLength(2);
});

test('a browser that denied notifications is not asked again, and the page explains what to do', async ({ person }) => {
  const ann = await person('Ann');
  await ann.page.addInitScript(() => {
    Object.defineProperty(Notification, 'permission', { value: 'denied' });
  });
  await ann.page.reload();
  const dialog = await openSettings(ann, 'Notifications');
  await expect(dialog).toContainText('then reload the page');
  await expect(dialog.getByRole('button', { name: 'Turn on' })).toHaveCount(0);
});

test('notifications are offered after the first mention, and not again after "Not now"', async ({ person }) => {
  const [ann, bob] = await joinSeparateRooms(person);
  await ann.page.addInitScript(mockNotifications);
  await ann.page.reload();
  await ann.composer.waitFor();
  const offer = ann.page.getByRole('region', { name: 'Get notified about' });
  await bob.say('to nobody');
  await expect(room(ann, 'tea')).toHaveAccessibleName(/1 new/);
  await expect(offer).toHaveCount(0);
  await bob.say('@ann, two sugars?');
  await expect(offer).toBeVisible();
  await noViolations(ann.page);
  const before = await ann.messages.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
  expect(before).toBeLessThan(2);
  await offer.getByRole('button', { name: 'Not now' }).click();
  await expect(offer).toHaveCount(0);
  await ann.page.reload();
  await ann.composer.waitFor();
  await bob.say('@ann, milk?');
  await expect(room(ann, 'tea')).toHaveAccessibleName(/2 mentions/);
  await expect(offer).toHaveCount(0);

  await bob.page.addInitScript(mockNotifications);
  await bob.page.reload();
  await bob.composer.waitFor();
  await room(ann, 'tea').click();
  await ann.say('@bob, none');
  await bob.page.getByRole('region', { name: 'Get notified about' }).getByRole('button', { name: 'Turn on' }).click();
  await expect(bob.page.getByRole('region', { name: 'Get notified about' })).toHaveCount(0);
  await expect(
    (await openSettings(bob, 'Notifications')).locator('.notices').getByRole('button', { name: 'Turn off' }),
  ).toBeVisible();
});

test('in a very large room a user who is not in the online list can be found', async ({ person, browser, server }) => {
  // Without the page and its cookie, each connection is another guest.
  const crowd = await browser.newPage();
  await crowd.goto(`${server.url}/healthz`);
  await crowd.evaluate(async () => {
    const names = Array.from({ length: 205 }, (_, index) => `P${index}`);
    for (const name of [...names, 'Zoe Lee']) {
      const socket = new WebSocket(`ws://${location.host}/ws`);
      await new Promise((opened) => socket.addEventListener('open', opened));
      const inside = new Promise((welcomed) => socket.addEventListener('message', welcomed, { once: true }));
      socket.send(JSON.stringify({ code: 'SAVE_USER_INFO', name }));
      await inside;
    }
  });
  const ann = await person('Ann');
  await expect(ann.page.getByRole('heading', { name: /^Online/ })).toContainText('207');
  await expect(ann.onlineList.getByRole('listitem').first()).toContainText('Ann');
  await expect(ann.onlineList).not.toContainText('Zoe');

  await ann.composer.pressSequentially('hi @lee');
  await expect(ann.page.getByRole('option')).toHaveText(['Zoe Lee']);
  await ann.composer.press('Enter');
  await ann.composer.press('Enter');
  await expect(ann.messages.getByText('@Zoe Lee')).toHaveClass('mention');

  await ann.page.getByRole('button', { name: 'New direct message' }).click();
  await ann.page.getByRole('searchbox', { name: 'Search people' }).fill('zoe');
  await ann.page.getByRole('checkbox', { name: 'Zoe Lee' }).click();
  await expect(ann.page.getByRole('dialog', { name: 'New direct message' }).getByText('Zoe Lee')).toBeVisible();
  await crowd.close();
});
