import { expect, test } from '../fixtures.ts';
import { about, invite, rules } from '../house.ts';
import { found, keep, newcomer } from '../people.ts';

test('whoever is put out reads until when, and is not greeted at the door', async ({ browser, server }) => {
  const ann = await found(browser, server, 'Ann');
  await rules(ann, 'Members only');
  const lena = await newcomer(browser);
  await lena.goto(await invite(ann, '1'));
  await keep(lena, 'Lena');
  await ann.goto(`${server.url}/rooms/lobby`);
  const dialog = await about(ann, 'Lena');
  await dialog.getByRole('group', { name: 'Put out' }).getByRole('button', { name: '1 hour' }).click();
  await dialog.getByRole('button', { name: 'Put Lena out' }).click();
  const said = lena.getByRole('heading', { name: 'You were put out of this Snug.' });
  await expect(said).toBeVisible();
  await expect(lena.getByRole('status')).toHaveText(/^Until .+\.$/);
  await lena.goto(`${server.url}/`);
  await expect(said).toBeVisible();
  await expect(lena.getByRole('button', { name: 'Enter' })).toHaveCount(0);
  // Another account may come in with the same browser.
  await lena.getByRole('button', { name: 'Sign out' }).click();
  await expect(lena.getByRole('button', { name: 'I have an invitation' })).toBeVisible();
  await lena.context().close();
  await ann.context().close();
});
