import type { Locator } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';

const typingIndicator = ({ page }: Person): Locator => page.getByRole('main').getByText(/typing$/);
const row = (viewer: Person, user: Person): Locator => viewer.onlineList.getByRole('listitem').filter({ hasText: user.name });

async function openSettings({ page }: Person): Promise<Locator> {
  await page.getByRole('button', { name: 'Settings' }).click();
  return page.getByRole('dialog', { name: 'settings' });
}

/** Pretends that the tab is hidden behind another one, or visible again. */
async function setVisibility({ page }: Person, state: 'visible' | 'hidden'): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, state);
}

test('the typing indicator shows who is typing, and disappears when the message appears', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await expect(bob.onlineList).toContainText('Ann');
  await ann.composer.pressSequentially('I w');
  await expect(typingIndicator(bob)).toHaveText('Ann is typing');
  await expect(typingIndicator(ann)).toHaveCount(0);

  // From now on the page must never show the message and the indicator together.
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
  await expect(typingIndicator(bob)).toHaveCount(0);
  await expect(bob.page.locator('body')).not.toHaveAttribute('data-both');
});

test('the typing indicator does not move the page, and emptying the composer hides it', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const cem = await person('Cem', { locale: 'zh-CN' });
  await ann.say('Good morning');
  await expect(bob.messages).toContainText('Good morning');
  const boxes = () =>
    Promise.all([bob.composer, bob.messages.getByText('Good morning')].map((it) => it.boundingBox()));
  const before = await boxes();
  await ann.composer.pressSequentially('How');
  await expect(typingIndicator(bob)).toHaveText('Ann is typing');
  expect(await boxes()).toEqual(before);
  await noViolations(bob.page);
  // The accessibility check took long enough for the indicator to expire, so Ann types again.
  await ann.composer.pressSequentially(' are');
  await expect(cem.page.getByText('Ann 正在输入')).toBeVisible();
  await cem.composer.pressSequentially('嗯');
  await expect(typingIndicator(bob)).toHaveText('Ann and Cem are typing');
  await ann.composer.fill('');
  await expect(typingIndicator(bob)).toHaveText('Cem is typing');
  await cem.page.close();
  await expect(typingIndicator(bob)).toHaveCount(0);
  expect(await boxes()).toEqual(before);
});

test('the typing indicator disappears when the connection is lost', async ({ person, server }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await ann.composer.pressSequentially('How');
  await expect(typingIndicator(bob)).toHaveCount(1);
  await server.kill();
  await expect(bob.connection).toContainText(/reconnecting/i);
  await expect(typingIndicator(bob)).toHaveCount(0);
});

test('a status is visible to others, survives a reload, and is the same on all devices', async ({ person, browser }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  let dialog = await openSettings(ann);
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

  const phone = await ann.onAnotherDevice(browser);
  dialog = await openSettings(phone);
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

test('a status that was set offline is sent after reconnecting', async ({ person, server }) => {
  const ann = await person('Ann');
  // Ann was connected before the outage.
  await expect(row(ann, ann)).toBeVisible();
  await server.kill();
  await expect(ann.connection).toContainText(/reconnecting/i);
  const dialog = await openSettings(ann);
  await dialog.getByRole('button', { name: 'Focusing' }).click();
  await ann.page.keyboard.press('Escape');
  await server.start();
  const bob = await person('Bob');
  await expect(row(bob, ann)).toContainText('🎯 Focusing');
});

test('a user is away when the page is hidden for a minute or idle for five, and is back at once', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await expect(row(bob, ann)).toBeVisible();
  // The fake clock also runs between the jumps, so neither jump ends close to the minute.
  await ann.page.clock.install();
  await setVisibility(ann, 'hidden');
  await ann.page.clock.fastForward(30_000);
  // Any earlier presence update has arrived when this message has.
  await bob.say('Are you there?');
  await expect(ann.messages).toContainText('Are you there?');
  await expect(row(bob, ann)).not.toContainText('away');
  await ann.page.clock.fastForward(30_000);
  await expect(row(bob, ann)).toContainText('away');
  await noViolations(bob.page);
  await setVisibility(ann, 'visible');
  await expect(row(bob, ann)).not.toContainText('away');

  // On a visible page without input, new messages are not marked as read.
  await ann.page.clock.fastForward('05:01');
  await expect(row(bob, ann)).toContainText('away');
  await bob.say('Back in an hour?');
  await expect(ann.page).toHaveTitle('• #lobby · Snug');
  await ann.page.mouse.move(40, 40);
  await expect(row(bob, ann)).not.toContainText('away');
  await expect(ann.page).toHaveTitle('#lobby · Snug');
  await expect(ann.messages.getByText('New', { exact: true })).toBeVisible();
});
