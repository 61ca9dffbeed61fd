// A browser with full storage: the page keeps working from memory and warns the user.

import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { openSettings } from '../people.ts';
import { openRoom } from '../rooms.ts';

test('a new draft wins over the draft stored before storage was full', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const rooms = ann.page.getByRole('list', { name: 'Rooms' });
  const go = async (name: string) => {
    await rooms.getByRole('link', { name }).click();
    await expect(ann.page.getByRole('heading', { level: 1, name })).toBeVisible();
  };
  await openRoom(ann.page, 'tea');
  await ann.composer.fill('one');
  const warning = ann.page.getByRole('alert').filter({ hasText: 'This browser can’t save anything more' });
  await go('lobby');
  await expect(warning).toHaveCount(0);
  await ann.page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await go('tea');
  await expect(ann.composer).toHaveValue('one');
  await ann.composer.fill('two');
  await expect(warning).toBeVisible();
  await noViolations(ann.page);
  await go('lobby');
  await go('tea');
  await expect(ann.composer).toHaveValue('two');
  await warning.getByRole('button', { name: 'Close' }).click();
  await expect(warning).toHaveCount(0);
  await ann.composer.fill('');
  await go('lobby');
  await go('tea');
  await expect(ann.composer).toHaveValue('');
  await expect(warning).toHaveCount(0);

  await go('lobby');
  await ann.say('it goes out');
  await expect(bob.messages).toContainText('it goes out');
  const dialog = await openSettings(ann);
  await dialog.getByRole('textbox', { name: 'Display name' }).fill('Anna');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(ann.page.getByRole('button', { name: 'Profile & settings' })).toContainText('Anna');
  await expect(bob.onlineList).toContainText('Anna');
});
