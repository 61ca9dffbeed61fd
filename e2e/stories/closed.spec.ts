import { expect, test } from '../fixtures.ts';
import { about, invite, rules } from '../admin.ts';
import { found, keep, newcomer } from '../people.ts';

test('a banned member reads when the ban ends, and is not greeted on the join page', async ({ browser, server }) => {
  const ann = await found(browser, server, 'Ann');
  await rules(ann, 'Members only');
  const lena = await newcomer(browser);
  await lena.goto(await invite(ann, '1'));
  await keep(lena, 'Lena');
  await ann.goto(`${server.url}/rooms/lobby`);
  const dialog = await about(ann, 'Lena');
  await dialog.getByRole('group', { name: 'Ban' }).getByRole('button', { name: '1 hour' }).click();
  await dialog.getByRole('button', { name: 'Ban Lena' }).click();
  const said = lena.getByRole('heading', { name: 'You’ve been banned from this server.' });
  await expect(said).toBeVisible();
  await expect(lena.getByRole('status')).toHaveText(/^The ban ends .+\.$/);
  await lena.goto(`${server.url}/`);
  await expect(said).toBeVisible();
  await expect(lena.getByRole('button', { name: 'Join' })).toHaveCount(0);
  // Another account may come in with the same browser.
  await lena.getByRole('button', { name: 'Sign out' }).click();
  await expect(lena.getByRole('button', { name: 'I have an invite link' })).toBeVisible();
  await lena.context().close();
  await ann.context().close();
});
