// The main stories, in every engine. The others, and the finer points of these, are told in Chromium alone (stories/).

import { PASSWORD } from '../people.ts';
import { enter, expect, inside, reads, say, sees, shows, test, write } from './fixtures.ts';
import { Relay } from './relay.ts';

test('two people talk, and one who leaves is gone', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  const { tab: bob } = await browse();
  await enter(ann, server.url, 'Ann');
  await enter(bob, server.url, 'Bob');
  await sees(ann, 'Bob');
  await sees(bob, 'Ann');
  await say(ann, 'Is the kettle on?');
  await reads(bob, 'Is the kettle on?');
  await say(bob, 'It sings already.');
  for (const tab of [ann, bob]) await reads(tab, 'Is the kettle on?', 'It sings already.');
  await bob.goto('about:blank');
  await sees(ann, 'Bob', false);
});

test('a reload keeps who one is, what was said and what one was writing', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  await enter(ann, server.url, 'Ann');
  await say(ann, 'Is the kettle on?');
  await ann.fill('Message', 'It sings alre');
  await ann.reload();
  await inside(ann);
  await reads(ann, 'Is the kettle on?');
  await sees(ann, 'Ann');
  await ann.press('a');
  await ann.until(() => document.querySelector('textarea')!.value === 'It sings alrea');
});

test('offline and back: what was written goes out once and in order', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  const { tab: bob } = await browse();
  const relay = await Relay.to(server.url);
  await enter(ann, relay.url, 'Ann');
  await enter(bob, server.url, 'Bob');
  await sees(bob, 'Ann');
  relay.cut();
  await ann.until(() => /offline|reconnecting/i.test(document.querySelector('[role=status]')?.textContent ?? ''));
  for (const text of ['one', 'two', 'three']) await write(ann, text);
  await say(bob, 'meanwhile');
  await reads(ann, 'one', 'two', 'three');
  relay.mend();
  for (const tab of [ann, bob]) await reads(tab, 'meanwhile', 'one', 'two', 'three');
  relay.close();
});

test('an account signs in with its password', async ({ browse, server }) => {
  const { tab: laptop } = await browse();
  const { tab: phone } = await browse();
  await laptop.goto(await server.ownerLink);
  await laptop.fill('Display name', 'Ann');
  await laptop.fill('Password', PASSWORD);
  await laptop.click('button', 'Create owner account');
  await inside(laptop);
  await say(laptop, 'from the laptop');

  await phone.goto(server.url);
  await phone.click('button', 'Sign in');
  await phone.fill('Display name', 'Ann');
  await phone.fill('Password', 'battery staple');
  await phone.press('Enter');
  await shows(phone, 'Incorrect display name or password');
  await phone.fill('Password', PASSWORD);
  await phone.press('Enter');
  await inside(phone);
  await reads(phone, 'from the laptop');
  await phone.reload();
  await say(phone, 'from the phone');
  await reads(laptop, 'from the laptop', 'from the phone');

  await phone.click('button', '.*Profile & settings.*');
  await phone.click('button', 'Account');
  await phone.click('button', 'Sign out');
  await phone.until(() => document.querySelector('form') && !document.querySelector('.composer'));
});

test('a private room is there for whom a member adds', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  const { tab: bob } = await browse();
  await enter(ann, server.url, 'Ann');
  await enter(bob, server.url, 'Bob');
  await ann.click('button', 'Create room');
  await ann.fill('Room name', 'den');
  await ann.click('switch', 'Private.*');
  await ann.click('button', 'Create');
  await ann.until(() => location.pathname === '/rooms/den' && !document.querySelector('dialog'));
  await say(ann, 'nobody hears this');

  await bob.goto(`${server.url}/rooms/den`);
  await shows(bob, '#den doesn’t exist, or you don’t have access.');
  await ann.click('button', '#?den.*');
  await ann.click('button', 'Add people');
  await ann.fill('Search people', 'Bob', 'searchbox');
  await ann.click('checkbox', 'Bob.*');
  await ann.click('button', 'Add');
  await reads(bob, 'nobody hears this');
  await say(bob, 'but now I do');
  await ann.press('Escape');
  await reads(ann, 'nobody hears this', 'but now I do');
});

test('a dialog takes the focus, and gives it back', async ({ browse, server }) => {
  const { tab: ann } = await browse();
  await enter(ann, server.url, 'Ann');
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
    // Nothing of the page but the dialog; past its end comes the browser itself, which the page knows as its body.
    await ann.until(() => document.activeElement!.closest('dialog') || document.activeElement === document.body);
  }
  await ann.press('Escape');
  await ann.until(() => !document.querySelector('dialog'));
  expect(await ann.until(name)).toContain('Browse rooms');
});

test('Enter ends what an input method composes, and the next one sends it', async ({ browse, server }) => {
  const ming = await browse();
  const { tab } = ming;
  await enter(tab, server.url, '小明');
  await ming.compose('你好');
  await tab.until(() => document.querySelector('textarea')!.value === '你好');
  await tab.press('Enter');
  await reads(tab, '你好');
  await ming.compose('再见');
  await tab.press('Shift', 'Enter');
  await tab.press('!');
  await tab.press('Enter');
  await reads(tab, '你好', '再见\n!');
  await tab.click('button', '.*Profile & settings.*');
  await tab.click('button', 'Appearance & language');
  await tab.click('radio', '简体中文');
  await shows(tab, '语言');
  expect(await tab.until(() => document.documentElement.lang)).toBe('zh-CN');
});

test('on a phone nothing is wider than the screen, and the people are behind a button', async ({ browse, server }) => {
  const { tab } = await browse('phone');
  const { tab: bob } = await browse();
  await enter(bob, server.url, 'Bob');
  await enter(tab, server.url, 'Ann');
  await say(tab, 'x'.repeat(500));
  const seen = (name: string) => {
    const list = document.querySelector(`[aria-label="${name}"]`)!;
    const { left, right, top, bottom } = list.getBoundingClientRect();
    const visible = getComputedStyle(list).visibility === 'visible';
    return [visible && left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight];
  };
  expect(await tab.until(() => [innerWidth, document.documentElement.scrollWidth])).toEqual([360, 360]);
  expect(await tab.until(seen, 'Message')).toEqual([true]);
  expect(await tab.until(seen, 'Online')).toEqual([false]);
  await tab.click('button', '2 online');
  await tab.until((...of) => document.querySelector(of[0])!.getBoundingClientRect().right <= innerWidth, '[aria-label="Online"]');
  await sees(tab, 'Bob');
  await tab.press('Escape');
});
