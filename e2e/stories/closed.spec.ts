import { expect, test } from '../fixtures.ts';
import { openPerson, createInvite, setAccess } from '../admin.ts';
import { createOwner, register, newPage } from '../people.ts';

test('a banned member sees when the ban ends, and is not offered to join', async ({ browser, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  await setAccess(ann, 'Members only');
  const lena = await newPage(browser);
  await lena.goto(await createInvite(ann, '1'));
  await register(lena, 'Lena');
  await ann.goto(`${server.url}/rooms/lobby`);
  const dialog = await openPerson(ann, 'Lena');
  await dialog.getByRole('group', { name: 'Ban' }).getByRole('button', { name: '1 hour' }).click();
  await dialog.getByRole('button', { name: 'Ban Lena' }).click();
  const banNotice = lena.getByRole('heading', { name: 'You’ve been banned from this server.' });
  await expect(banNotice).toBeVisible();
  await expect(lena.getByRole('status')).toHaveText(/^The ban ends .+\.$/);
  await lena.goto(`${server.url}/`);
  await expect(banNotice).toBeVisible();
  await expect(lena.getByRole('button', { name: 'Join' })).toHaveCount(0);
  // Another account may sign in with the same browser.
  await lena.getByRole('button', { name: 'Sign out' }).click();
  await expect(lena.getByRole('button', { name: 'I have an invite link' })).toBeVisible();
  await lena.context().close();
  await ann.context().close();
});
