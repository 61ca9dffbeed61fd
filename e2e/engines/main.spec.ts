// The main tests, in every engine. All other tests and the details run in Chromium only (stories/).

import { PASSWORD } from '../people.ts';
import { joinAsGuest, expect, waitForRoom, expectMessages, say, expectOnline, expectText, test, submit } from './fixtures.ts';
import { Relay } from './relay.ts';

test('two users exchange messages, and a user who leaves disappears from the online list', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  const { tab: bob } = await browse();
  await joinAsGuest(ann, server.url, 'Ann');
  await joinAsGuest(bob, server.url, 'Bob');
  await expectOnline(ann, 'Bob');
  await expectOnline(bob, 'Ann');
  await say(ann, 'Is the kettle on?');
  await expectMessages(bob, 'Is the kettle on?');
  await say(bob, 'It sings already.');
  for (const tab of [ann, bob]) await expectMessages(tab, 'Is the kettle on?', 'It sings already.');
  await bob.goto('about:blank');
  await expectOnline(ann, 'Bob', false);
});

test('a reload keeps the identity, the messages and the draft', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  await joinAsGuest(ann, server.url, 'Ann');
  await say(ann, 'Is the kettle on?');
  await ann.fill('Message', 'It sings alre');
  await ann.reload();
  await waitForRoom(ann);
  await expectMessages(ann, 'Is the kettle on?');
  await expectOnline(ann, 'Ann');
  await ann.press('a');
  await ann.until(() => document.querySelector('textarea')!.value === 'It sings alrea');
});

test('messages written offline are sent once and in order after reconnecting', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  const { tab: bob } = await browse();
  const relay = await Relay.to(server.url);
  await joinAsGuest(ann, relay.url, 'Ann');
  await joinAsGuest(bob, server.url, 'Bob');
  await expectOnline(bob, 'Ann');
  relay.cut();
  await ann.until(() => /offline|reconnecting/i.test(document.querySelector('[role=status]')?.textContent ?? ''));
  for (const text of ['one', 'two', 'three']) await submit(ann, text);
  await say(bob, 'meanwhile');
  await expectMessages(ann, 'one', 'two', 'three');
  relay.mend();
  for (const tab of [ann, bob]) await expectMessages(tab, 'meanwhile', 'one', 'two', 'three');
  relay.close();
});

test('an account signs in with its password', async ({ browse, server }) => {
  const { tab: laptop } = await browse();
  const { tab: phone } = await browse();
  await laptop.goto(await server.ownerLink);
  await laptop.fill('Display name', 'Ann');
  await laptop.fill('Password', PASSWORD);
  await laptop.click('button', 'Create owner account');
  await waitForRoom(laptop);
  await say(laptop, 'from the laptop');

  await phone.goto(server.url);
  await phone.click('button', 'Sign in');
  await phone.fill('Display name', 'Ann');
  await phone.fill('Password', 'battery staple');
  await phone.press('Enter');
  await expectText(phone, 'Incorrect display name or password');
  await phone.fill('Password', PASSWORD);
  await phone.press('Enter');
  await waitForRoom(phone);
  await expectMessages(phone, 'from the laptop');
  await phone.reload();
  await say(phone, 'from the phone');
  await expectMessages(laptop, 'from the laptop', 'from the phone');

  await phone.click('button', '.*Profile & settings.*');
  await phone.click('button', 'Account');
  await phone.click('button', 'Sign out');
  await phone.until(() => document.querySelector('form') && !document.querySelector('.composer'));
});

test('a private room is accessible to a user after a member adds them', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  const { tab: bob } = await browse();
  await joinAsGuest(ann, server.url, 'Ann');
  await joinAsGuest(bob, server.url, 'Bob');
  await ann.click('button', 'Create room');
  await ann.fill('Room name', 'den');
  await ann.click('switch', 'Private.*');
  await ann.click('button', 'Create');
  await ann.until(() => location.pathname === '/rooms/den' && !document.querySelector('dialog'));
  await say(ann, 'nobody hears this');

  await bob.goto(`${server.url}/rooms/den`);
  await expectText(bob, '#den doesn’t exist, or you don’t have access.');
  await ann.click('button', '#?den.*');
  await ann.click('button', 'Add people');
  await ann.fill('Search people', 'Bob', 'searchbox');
  await ann.click('checkbox', 'Bob.*');
  await ann.click('button', 'Add');
  await expectMessages(bob, 'nobody hears this');
  await say(bob, 'but now I do');
  await ann.press('Escape');
  await expectMessages(ann, 'nobody hears this', 'but now I do');
});

test('a dialog takes the focus and returns it when closed', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  await joinAsGuest(ann, server.url, 'Ann');
  const name = () => document.activeElement!.ariaLabel ?? document.activeElement!.textContent;
  await ann.until(() => document.activeElement!.matches('.composer textarea'));
  await ann.click('button', 'Browse rooms');
  await ann.until(() => document.activeElement!.matches('dialog [type=search]'));
  await ann.press('Escape');
  await ann.until(() => !document.querySelector('dialog'));
  await ann.click('button', 'Browse rooms');
  await ann.until(() => document.activeElement!.closest('dialog'));
  for (let n = 0; n < 12; n++) {
    await ann.press('Tab');
    // The focus stays in the dialog. Past its last element it moves to the browser's own controls; the page then reports its body.
    await ann.until(() => document.activeElement!.closest('dialog') || document.activeElement === document.body);
  }
  await ann.press('Escape');
  await ann.until(() => !document.querySelector('dialog'));
  expect(await ann.until(name)).toContain('Browse rooms');
});

test('Enter ends the composition of an input method, and the next Enter sends the message', async ({ browse, server }) => {
  const ming = await browse();
  const { tab } = ming;
  await joinAsGuest(tab, server.url, '小明');
  await ming.compose('你好');
  await tab.until(() => document.querySelector('textarea')!.value === '你好');
  await tab.press('Enter');
  await expectMessages(tab, '你好');
  await ming.compose('再见');
  await tab.press('Shift', 'Enter');
  await tab.press('!');
  await tab.press('Enter');
  await expectMessages(tab, '你好', '再见\n!');
  await tab.click('button', '.*Profile & settings.*');
  await tab.click('button', 'Appearance & language');
  await tab.click('radio', '简体中文');
  await expectText(tab, '语言');
  expect(await tab.until(() => document.documentElement.lang)).toBe('zh-CN');
});

test('on a phone nothing is wider than the screen, and a button opens the online list', async ({ browse, server }) => {
  const { tab } = await browse('phone');
  const { tab: bob } = await browse();
  await joinAsGuest(bob, server.url, 'Bob');
  await joinAsGuest(tab, server.url, 'Ann');
  await say(tab, 'x'.repeat(500));
  const isVisible = (name: string) => {
    const list = document.querySelector(`[aria-label="${name}"]`)!;
    const { left, right, top, bottom } = list.getBoundingClientRect();
    const visible = getComputedStyle(list).visibility === 'visible';
    return [visible && left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight];
  };
  expect(await tab.until(() => [innerWidth, document.documentElement.scrollWidth])).toEqual([360, 360]);
  expect(await tab.until(isVisible, 'Message')).toEqual([true]);
  expect(await tab.until(isVisible, 'Online')).toEqual([false]);
  await tab.click('button', '2 online');
  await tab.until((...of) => document.querySelector(of[0])!.getBoundingClientRect().right <= innerWidth, '[aria-label="Online"]');
  await expectOnline(tab, 'Bob');
  await tab.press('Escape');
});
