import type { Locator, Page } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';

/** Creates an account for a guest, with the request that the page's form sends. */
async function createAccount({ page, name, composer }: Person): Promise<void> {
  const status = await page.evaluate(async (name) => {
    const body = JSON.stringify({ name, password: 'correct horse' });
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/account', { method: 'POST', headers, body })).status;
  }, name);
  expect(status).toBe(200);
  await page.reload();
  await composer.waitFor();
}

/** Makes a landscape picture with a green middle. */
async function picture(page: Page, type: string) {
  const url = await page.evaluate((type) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 800 });
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#888888';
    context.fillRect(0, 0, 1200, 800);
    context.fillStyle = '#008800';
    context.fillRect(300, 0, 600, 800);
    return canvas.toDataURL(type);
  }, type);
  return { name: 'me', mimeType: type, buffer: Buffer.from(url.split(',')[1]!, 'base64') };
}

async function openSettings({ page }: Person): Promise<Locator> {
  await page.getByRole('button', { name: 'Profile & settings' }).click();
  return page.getByRole('dialog', { name: 'Profile & settings' });
}

const avatar = (within: Locator): Locator => within.locator('img.avatar').first();
const expectLoaded = (image: Locator) =>
  expect.poll(() => image.evaluate((it: HTMLImageElement) => it.naturalWidth)).toBe(256);

test('a picture uploaded in the settings is visible to everyone, also after a reload', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const consoleErrors: string[] = [];
  // Before the console is watched: the server refuses her old guest token from now on, which the browser logs as an error.
  await createAccount(ann);
  for (const { page } of [ann, bob]) {
    page.on('console', (message) => message.type() === 'error' && consoleErrors.push(message.text()));
  }
  const dialog = await openSettings(ann);
  const choosing = ann.page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Upload picture' }).click();
  await (await choosing).setFiles(await picture(ann.page, 'image/jpeg'));
  await expect(dialog).toContainText('Profile picture updated.');
  await expectLoaded(dialog.locator('img.avatar.large'));
  await expectLoaded(avatar(bob.onlineList.getByRole('listitem').filter({ hasText: 'Ann' })));
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await ann.say('Do you see me?');
  const row = bob.messages.getByRole('article').filter({ hasText: 'Do you see me?' });
  await expectLoaded(avatar(row));

  for (const { page, composer } of [ann, bob]) {
    await page.reload();
    await composer.waitFor();
  }
  await expectLoaded(avatar(row));
  await expectLoaded(avatar(ann.page.getByRole('button', { name: 'Profile & settings' })));
  await expectLoaded((await openSettings(ann)).locator('img.avatar.large'));
  expect(consoleErrors).toEqual([]);
});

test('a picture can be dropped on the current one, and other files are refused', async ({ person }) => {
  const ann = await person('Ann', { viewport: { width: 360, height: 740 } });
  await createAccount(ann);
  await ann.page.getByRole('button', { name: /^Rooms/ }).click();
  const dialog = await openSettings(ann);
  await dialog.getByRole('button', { name: 'Profile', exact: true }).click();
  const file = dialog.locator('input[type=file]');
  await expect(dialog).toContainText('Cropped to a square.');
  const script = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  for (const text of ['no picture', script]) {
    const top = (await dialog.getByRole('textbox', { name: 'Display name' }).boundingBox())?.y;
    await file.setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from(text) });
    await expect(dialog).toContainText('can’t be read');
    await expect(dialog.locator('img.avatar')).toHaveCount(0);
    expect((await dialog.getByRole('textbox', { name: 'Display name' }).boundingBox())?.y).toBe(top);
  }

  const dropped = await picture(ann.page, 'image/png');
  const dataTransfer = await ann.page.evaluateHandle((bytes) => {
    const transfer = new DataTransfer();
    const file = Uint8Array.from(atob(bytes), (it) => it.charCodeAt(0));
    transfer.items.add(new File([file], 'me.png', { type: 'image/png' }));
    return transfer;
  }, dropped.buffer.toString('base64'));
  await dialog.locator('.avatar.large').dispatchEvent('drop', { dataTransfer });
  await expectLoaded(dialog.locator('img.avatar.large'));
  await expect(dialog).not.toContainText('can’t be read');
  expect(await dialog.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0);
});

test('a guest cannot upload a picture', async ({ person }) => {
  const ann = await person('Ann');
  const dialog = await openSettings(ann);
  await expect(dialog.getByRole('button', { name: 'Shuffle picture' })).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Upload picture' })).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violations when uploading a picture, ${colorScheme}`, async ({ person }) => {
    const ann = await person('Ann', { colorScheme });
    await createAccount(ann);
    const dialog = await openSettings(ann);
    await noViolations(ann.page);
    await dialog
      .locator('input[type=file]')
      .setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await expect(dialog).toContainText('can’t be read');
    await noViolations(ann.page);
    await dialog.locator('input[type=file]').setInputFiles(await picture(ann.page, 'image/webp'));
    await expectLoaded(dialog.locator('img.avatar.large'));
    await noViolations(ann.page);
  });
}
