import type { Locator } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { openRoom } from '../rooms.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violations on the join page and in the room, ${colorScheme}`, async ({ browser, server, person }) => {
    const ann = await person('Ann', { colorScheme });
    await ann.say('see https://example.org/ 🎉');
    await ann.say('👋');
    await expect(ann.messages).toContainText('👋');
    await noViolations(ann.page);

    const joinPage = await (await browser.newContext({ colorScheme })).newPage();
    await joinPage.goto(server.url);
    await expect(joinPage.getByText('1 person online')).toBeVisible();
    await noViolations(joinPage);
    await joinPage.context().close();
  });
}

test('joining and sending work with the keyboard alone', async ({ browser, server }) => {
  const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
  await page.goto(server.url);
  await expect(page.getByRole('textbox', { name: 'Display name' })).toBeFocused();
  await page.keyboard.type('Ann');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
  await page.keyboard.type('one');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('two');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log').getByText('one\ntwo')).toBeVisible();
  await page.context().close();
});

test('Enter ends the composition of an input method without sending', async ({ person }) => {
  const ming = await person('小明', { locale: 'zh-CN' });
  const devtools = await ming.context.newCDPSession(ming.page);
  await ming.composer.focus();
  await devtools.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 });
  // Browsers report key code 229 for every key that the input method handles.
  await ming.composer.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true });
  await devtools.send('Input.insertText', { text: '你好' });
  await expect(ming.composer).toHaveValue('你好');
  await ming.page.keyboard.press('Enter');
  await expect(ming.messages).toContainText('你好');
  await expect(ming.messages.getByRole('article')).toHaveCount(1);
  await expect(ming.page.locator('html')).toHaveAttribute('lang', 'zh-CN');
});

test('on a phone the online list is in a drawer and nothing is wider than the screen', async ({ person }) => {
  await person('Bob');
  const ann = await person('Ann', { viewport: { width: 360, height: 740 }, hasTouch: true });
  await ann.say('x'.repeat(500));
  await expect(ann.onlineList).not.toBeInViewport();
  await ann.page.getByRole('button', { name: '2 online' }).click();
  await expect(ann.onlineList).toBeInViewport();
  await expect(ann.onlineList).toContainText('Bob');
  await noViolations(ann.page);
  await ann.page.keyboard.press('Escape');
  await expect(ann.onlineList).not.toBeInViewport();
  await expect(ann.composer).toBeInViewport();
  expect(await ann.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});

test('with forced colours the selected room and the selected suggestion are visible', async ({ person }) => {
  const ann = await person('Ann', { forcedColors: 'active' });
  await person('Bea');
  await person('Bob');
  await openRoom(ann.page, 'den');
  const background = (it: Locator) => it.evaluate((it) => getComputedStyle(it).backgroundColor);
  const rooms = ann.page.getByRole('list', { name: 'Rooms' });
  const [here, there] = [rooms.locator('[aria-current]'), rooms.getByRole('link', { name: 'lobby' })];
  expect(await background(here)).not.toBe(await background(there));
  await there.click();
  await ann.composer.pressSequentially('@b');
  const names = ann.page.getByRole('option');
  await expect(names).toHaveCount(2);
  expect(await background(names.nth(0))).not.toBe(await background(names.nth(1)));
});

test('markup is shown as text, and the page does not violate its content security policy', async ({ browser, server }) => {
  const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
  const consoleErrors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && consoleErrors.push(message.text()));
  page.on('pageerror', (error) => consoleErrors.push(error.message));
  await page.goto(server.url);
  await page.getByRole('textbox', { name: 'Display name' }).fill('<b>Eve</b>');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('textbox', { name: 'Message' }).fill('<img src=x onerror=alert(1)>');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('log').getByText('<img src=x onerror=alert(1)>')).toBeVisible();
  await expect(page.getByRole('list', { name: 'Online' })).toContainText('<b>Eve</b>');
  expect(consoleErrors).toEqual([]);
  await page.context().close();
});
