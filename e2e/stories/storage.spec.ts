import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { openAdmin } from '../admin.ts';
import { composer, createOwner } from '../people.ts';

test('an owner sees the disk usage and which users and rooms use the most', async ({ browser, person, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  await bob.say('hello');
  await expect(ann.getByRole('log')).toContainText('hello');
  await openAdmin(ann, 'Storage');
  await expect(ann.getByText('Free disk space')).toBeVisible();
  await expect(ann.getByRole('list', { name: 'People using the most' }).getByRole('listitem')).toContainText(['Bob']);
  await expect(ann.getByRole('list', { name: 'Rooms using the most' }).getByRole('listitem')).toContainText(['#lobby']);
  await noViolations(ann);
  await ann.context().close();
});

test('when the disk is full, the owner sees a warning, and other users can still read', async ({
  browser,
  person,
  server,
}) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  await bob.say('hello');
  await expect(ann.getByRole('log')).toContainText('hello');
  await server.stop();
  await server.start(['--max-data', '20GiB', '--min-free', '900TiB']);

  await composer(bob.page).fill('is there any space?');
  await composer(bob.page).press('Enter');
  await expect(bob.page.getByText('The server’s disk is full')).toBeVisible();
  await bob.page.reload();
  await expect(bob.page.getByRole('log')).toContainText('hello');

  await ann.reload();
  await expect(ann.getByText('The disk is full: new messages can’t be sent.')).toBeVisible();
  await noViolations(ann);
  await ann.getByRole('link', { name: 'View storage' }).click();
  await expect(ann.getByRole('meter', { name: 'Used' })).toBeVisible();
  await expect(ann.getByText('--min-free')).toBeVisible();
  await expect(ann.getByRole('list', { name: 'People using the most' }).getByRole('listitem').first()).toContainText('Bob');
  await noViolations(ann);

  await server.stop();
  await server.start();
  await expect(bob.page.getByRole('log')).toContainText('is there any space?');
  await ann.context().close();
});
