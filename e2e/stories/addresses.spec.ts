// The page's URLs: returning to a room, leaving, and unknown URLs. Also the web app manifest.

import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { openSettings } from '../people.ts';
import { heading, openRoom } from '../rooms.ts';

test('a returning user continues in the room they visited last', async ({ person }) => {
  const ann = await person('Ann');
  await openRoom(ann.page, 'tea');
  const again = await ann.context.newPage();
  await again.goto('about:blank');
  await again.goto('/');
  await expect(heading(again, 'tea')).toBeVisible();
  await expect(again).toHaveURL(/\/rooms\/tea$/);
  // The redirect from `/` adds no history entry.
  expect(await again.evaluate(() => history.length)).toBe(2);
});

test('an unknown URL shows "Page not found", and the server answers with 404', async ({ person, server }) => {
  const ann = await person('Ann');
  for (const [path, status] of [
    ['/tea', 404],
    ['/admin/attic', 404],
    ['/rooms/lobby/0', 404],
    ['/admin/members', 200],
    ['/rooms/lobby/1', 200],
  ] as const) {
    expect((await ann.page.request.get(server.url + path)).status(), path).toBe(status);
  }
  await ann.page.goto('/tea');
  await expect(ann.page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await expect(ann.page).toHaveTitle('Page not found · Snug');
  await noViolations(ann.page);
  await ann.page.getByRole('link', { name: 'Go to the lobby' }).click();
  await expect(ann.composer).toBeVisible();
});

test('a guest is told what they lose before they leave, and their identity is deleted', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const dialog = await openSettings(bob, 'Account');
  await dialog.getByRole('button', { name: 'Leave server' }).click();
  await expect(dialog).toContainText('your rooms and your direct messages');
  await noViolations(bob.page);
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect(dialog.getByRole('button', { name: 'Leave server' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Leave server' }).click();
  await dialog.getByRole('button', { name: 'Leave server' }).click();
  await expect(bob.page.getByRole('textbox', { name: 'Display name' })).toHaveValue('');
  await expect(ann.onlineList).not.toContainText('Bob');
  expect(await bob.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('snug.')))).toEqual([]);
});

test('the page can be installed as an app', async ({ person, server }) => {
  const { page } = await person('Ann');
  const href = await page.locator('link[rel=manifest]').getAttribute('href');
  const address = new URL(href!, server.url);
  const answer = await page.request.get(address.href);
  expect(answer.headers()['content-type']).toBe('application/manifest+json');
  const manifest = await answer.json();
  expect(manifest).toMatchObject({ display: 'standalone', start_url: './', scope: './' });
  const icons: { src: string; sizes: string; purpose?: string }[] = manifest.icons;
  expect(icons.map((it) => it.purpose ?? 'any')).toContain('maskable');
  const touch = await page.locator('link[rel=apple-touch-icon]').getAttribute('href');
  const pictures = [...icons, { src: touch!, sizes: '180x180' }];
  for (const { src, sizes } of pictures) {
    const size = await page.evaluate(async (src) => {
      const picture = new Image();
      picture.src = src;
      await picture.decode();
      return `${picture.naturalWidth}x${picture.naturalHeight}`;
    }, new URL(src, address).pathname);
    expect(size, src).toBe(sizes);
  }
});

test.describe('on an iPhone', () => {
  test('the settings say that notifications require adding Snug to the Home Screen', async ({ browser, server }) => {
    const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
    const context = await browser.newContext({ baseURL: server.url, locale: 'en-US', userAgent });
    await context.addInitScript('delete window.PushManager; delete window.Notification;');
    const page = await context.newPage();
    await page.goto('/');
    await page.getByRole('textbox', { name: 'Display name' }).fill('Ann');
    await page.getByRole('button', { name: 'Join' }).click();
    const dialog = await openSettings({ page }, 'Notifications');
    await expect(dialog.getByRole('region', { name: 'Push notifications' })).toContainText('Add to Home Screen');
    await context.close();
  });
});
