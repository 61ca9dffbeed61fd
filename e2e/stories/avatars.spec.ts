import type { Locator, Page } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';

/** Creates an account for a guest, as a form of the page would. */
async function keepName({ page, name, composer }: Person): Promise<void> {
  const status = await page.evaluate(async (name) => {
    const body = JSON.stringify({ name, password: 'correct horse' });
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/account', { method: 'POST', headers, body })).status;
  }, name);
  expect(status).toBe(200);
  await page.reload();
  await composer.waitFor();
}

/** A picture that is wider than it is high, green in the middle. */
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

async function settings({ page }: Person): Promise<Locator> {
  await page.getByRole('button', { name: 'Profile & settings' }).click();
  return page.getByRole('dialog', { name: 'Profile & settings' });
}

const shown = (within: Locator): Locator => within.locator('img.avatar').first();
const isSeen = (image: Locator) =>
  expect.poll(() => image.evaluate((it: HTMLImageElement) => it.naturalWidth)).toBe(256);

test('a picture is uploaded in the settings, and everybody sees it, after a reload too', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const complaints: string[] = [];
  // The guest that she was is refused from then on, and a browser complains of that.
  await keepName(ann);
  for (const { page } of [ann, bob]) {
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  }
  const dialog = await settings(ann);
  const choosing = ann.page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Upload picture' }).click();
  await (await choosing).setFiles(await picture(ann.page, 'image/jpeg'));
  await expect(dialog).toContainText('Profile picture updated.');
  await isSeen(dialog.locator('img.avatar.large'));
  await isSeen(shown(bob.people.getByRole('listitem').filter({ hasText: 'Ann' })));
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await ann.say('Do you see me?');
  const row = bob.messages.getByRole('article').filter({ hasText: 'Do you see me?' });
  await isSeen(shown(row));

  for (const { page, composer } of [ann, bob]) {
    await page.reload();
    await composer.waitFor();
  }
  await isSeen(shown(row));
  await isSeen(shown(ann.page.getByRole('button', { name: 'Profile & settings' })));
  await isSeen((await settings(ann)).locator('img.avatar.large'));
  expect(complaints).toEqual([]);
});

test('a picture is dropped on the one that is there, and what is none is refused', async ({ person }) => {
  const ann = await person('Ann', { viewport: { width: 360, height: 740 } });
  await keepName(ann);
  await ann.page.getByRole('button', { name: /^Rooms/ }).click();
  const dialog = await settings(ann);
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
  await isSeen(dialog.locator('img.avatar.large'));
  await expect(dialog).not.toContainText('can’t be read');
  expect(await dialog.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0);
});

test('a guest is offered no upload', async ({ person }) => {
  const ann = await person('Ann');
  const dialog = await settings(ann);
  await expect(dialog.getByRole('button', { name: 'Shuffle picture' })).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Upload picture' })).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing where a picture is uploaded, ${colorScheme}`, async ({ person }) => {
    const ann = await person('Ann', { colorScheme });
    await keepName(ann);
    const dialog = await settings(ann);
    await noViolations(ann.page);
    await dialog
      .locator('input[type=file]')
      .setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await expect(dialog).toContainText('can’t be read');
    await noViolations(ann.page);
    await dialog.locator('input[type=file]').setInputFiles(await picture(ann.page, 'image/webp'));
    await isSeen(dialog.locator('img.avatar.large'));
    await noViolations(ann.page);
  });
}
