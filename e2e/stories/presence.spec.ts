import type { Locator } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';

const writing = ({ page }: Person): Locator => page.getByRole('main').getByText(/typing$/);
const row = (seer: Person, seen: Person): Locator => seer.people.getByRole('listitem').filter({ hasText: seen.name });

async function settings({ page }: Person): Promise<Locator> {
  await page.getByRole('button', { name: 'Settings' }).click();
  return page.getByRole('dialog', { name: 'settings' });
}

/** As if the tab were put behind another one, or taken out again. */
async function show({ page }: Person, state: 'visible' | 'hidden'): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, state);
}

test('one sees who is writing, and no longer when the words are there', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await expect(bob.people).toContainText('Ann');
  await ann.composer.pressSequentially('I w');
  await expect(writing(bob)).toHaveText('Ann is typing');
  await expect(writing(ann)).toHaveCount(0);

  // Whatever the page shows from here on, it never shows both.
  await bob.page.evaluate(() => {
    const log = document.querySelector('[role=log]')!;
    const both = () => log.textContent!.includes('I was here') && /typing/.test(document.querySelector('main')!.innerText);
    new MutationObserver(() => both() && document.body.setAttribute('data-both', '')).observe(document.body, {
      subtree: true, childList: true, characterData: true,
    });
  });
  await ann.composer.pressSequentially('as here');
  await ann.page.keyboard.press('Enter');
  await expect(bob.messages).toContainText('I was here');
  await expect(writing(bob)).toHaveCount(0);
  await expect(bob.page.locator('body')).not.toHaveAttribute('data-both');
});

test('nothing moves when somebody writes, and an emptied box ends it', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const cem = await person('Cem', { locale: 'zh-CN' });
  await ann.say('Good morning');
  await expect(bob.messages).toContainText('Good morning');
  const places = () =>
    Promise.all([bob.composer, bob.messages.getByText('Good morning')].map((it) => it.boundingBox()));
  const before = await places();
  await ann.composer.pressSequentially('How');
  await expect(writing(bob)).toHaveText('Ann is typing');
  expect(await places()).toEqual(before);
  await noViolations(bob.page);
  // That took a while, after which nobody believes it any more.
  await ann.composer.pressSequentially(' are');
  await expect(cem.page.getByText('Ann 正在输入')).toBeVisible();
  await cem.composer.pressSequentially('嗯');
  await expect(writing(bob)).toHaveText('Ann and Cem are typing');
  await ann.composer.fill('');
  await expect(writing(bob)).toHaveText('Cem is typing');
  await cem.page.close();
  await expect(writing(bob)).toHaveCount(0);
  expect(await places()).toEqual(before);
});

test('who loses the connection sees nobody writing', async ({ person, server }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await ann.composer.pressSequentially('How');
  await expect(writing(bob)).toHaveCount(1);
  await server.kill();
  await expect(bob.connection).toContainText(/reconnecting/i);
  await expect(writing(bob)).toHaveCount(0);
});

test('a status is seen by the others, stays over a reload, and is the same on all devices', async ({ person, browser }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  let dialog = await settings(ann);
  await dialog.getByRole('button', { name: 'Out for lunch' }).click();
  await expect(row(bob, ann)).toContainText('🍜 Out for lunch');
  await expect(dialog.getByRole('textbox', { name: 'Status' })).toHaveValue('🍜 Out for lunch');
  await expect(dialog.getByRole('button', { name: 'Out for lunch' })).toHaveAttribute('aria-pressed', 'true');
  await noViolations(ann.page);
  await ann.page.keyboard.press('Escape');
  await expect(ann.page.getByRole('button', { name: 'Settings' })).toContainText('Out for lunch');

  await ann.page.reload();
  await expect(row(bob, ann)).toContainText('🍜 Out for lunch');
  await expect(ann.page.getByRole('button', { name: 'Settings' })).toContainText('Out for lunch');
  const cem = await person('Cem');
  await expect(row(cem, ann)).toContainText('🍜 Out for lunch');

  const phone = await ann.elsewhere(browser);
  dialog = await settings(phone);
  await dialog.getByRole('textbox', { name: 'Status' }).fill('x'.repeat(81));
  await expect(dialog).toContainText('1 to 80 visible characters');
  await dialog.getByRole('textbox', { name: 'Status' }).fill('🚲 On my bike');
  await phone.page.keyboard.press('Enter');
  await expect(row(bob, ann)).toContainText('🚲 On my bike');
  await expect(ann.page.getByRole('button', { name: 'Settings' })).toContainText('🚲 On my bike');
  await dialog.getByRole('button', { name: 'Clear status' }).click();
  await expect(row(bob, ann)).not.toContainText('bike');
  await expect(ann.page.getByRole('button', { name: 'Settings' })).not.toContainText('bike');
  await phone.context.close();
});

test('a status that was set without a connection is told when there is one again', async ({ person, server }) => {
  const ann = await person('Ann');
  // There was one before.
  await expect(row(ann, ann)).toBeVisible();
  await server.kill();
  await expect(ann.connection).toContainText(/reconnecting/i);
  const dialog = await settings(ann);
  await dialog.getByRole('button', { name: 'Focusing' }).click();
  await ann.page.keyboard.press('Escape');
  await server.start();
  const bob = await person('Bob');
  await expect(row(bob, ann)).toContainText('🎯 Focusing');
});

test('somebody whose page is out of sight for a minute is away, on all of them, and back at once', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await expect(row(bob, ann)).toBeVisible();
  // This clock goes on between the leaps: neither of them is close to the minute.
  await ann.page.clock.install();
  await show(ann, 'hidden');
  await ann.page.clock.fastForward(30_000);
  // Whatever was told by then has arrived when this has.
  await bob.say('Are you there?');
  await expect(ann.messages).toContainText('Are you there?');
  await expect(row(bob, ann)).not.toContainText('away');
  await ann.page.clock.fastForward(30_000);
  await expect(row(bob, ann)).toContainText('away');
  await noViolations(bob.page);
  await show(ann, 'visible');
  await expect(row(bob, ann)).not.toContainText('away');

  // Nobody touches a page that is in sight: what comes meanwhile is not read.
  await ann.page.clock.fastForward('05:01');
  await expect(row(bob, ann)).toContainText('away');
  await bob.say('Back in an hour?');
  await expect(ann.page).toHaveTitle('• #lobby · Snug');
  await ann.page.mouse.move(40, 40);
  await expect(row(bob, ann)).not.toContainText('away');
  await expect(ann.page).toHaveTitle('#lobby · Snug');
  await expect(ann.messages.getByText('New', { exact: true })).toBeVisible();
});
