import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { house } from '../house.ts';
import { composer, found } from '../people.ts';

test('an owner sees what is used on the disk, and by whom', async ({ browser, person, server }) => {
  const ann = await found(browser, server, 'Ann');
  const bob = await person('Bob');
  await bob.say('hello');
  await expect(ann.getByRole('log')).toContainText('hello');
  await house(ann, 'Storage');
  await expect(ann.getByText('Free on the disk')).toBeVisible();
  await expect(ann.getByRole('list', { name: 'People with the most' }).getByRole('listitem')).toContainText(['Bob']);
  await expect(ann.getByRole('list', { name: 'Rooms with the most' }).getByRole('listitem')).toContainText(['#lobby']);
  await noViolations(ann);
  await ann.context().close();
});

test.describe('where the disk is full', () => {
  test.use({
    serverArgs: [
      ...['--max-data', '4MiB', '--messages-burst', '2000', '--frames-burst', '2000'],
      ...['--guest-bytes-burst', '64MiB', '--guest-bytes-per-day', '64MiB'],
      ...['--network-bytes-burst', '64MiB', '--network-bytes-per-day', '64MiB'],
    ],
  });

  test('its owner is told wherever they are, and others that they can go on reading', async ({ browser, person, server }) => {
    const ann = await found(browser, server, 'Ann');
    const bob = await person('Bob');
    const refused = await bob.page.evaluate(async () => {
      const socket = new WebSocket(`ws://${location.host}/ws`);
      await new Promise((opened) => socket.addEventListener('open', opened));
      const error = new Promise<string>((tell) => {
        socket.addEventListener('message', ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.code === 'ERROR') tell(frame.error);
          const mine = frame.code === 'WELCOME' || (frame.code === 'RECEIVE_MESSAGE' && frame.key?.startsWith('fill-'));
          const next = frame.key ? Number(frame.key.slice(5)) + 1 : 0;
          if (mine) socket.send(JSON.stringify({ code: 'RECEIVE_MESSAGE', key: `fill-${next}`, text: 'x'.repeat(4000) }));
        });
      });
      socket.send(JSON.stringify({ code: 'SAVE_USER_INFO', name: 'Bob' }));
      return error;
    });
    expect(refused).toBe('storage_full');
    await composer(bob.page).fill('is there any space?');
    await composer(bob.page).press('Enter');
    await expect(bob.page.getByText("This Snug's disk is full")).toBeVisible();

    await ann.reload();
    await expect(ann.getByText('The disk is full: no messages are taken.')).toBeVisible();
    await noViolations(ann);
    await ann.getByRole('link', { name: 'See what is used' }).click();
    await expect(ann.getByRole('meter', { name: 'Used' })).toBeVisible();
    await expect(ann.getByText('--max-data')).toBeVisible();
    await expect(ann.getByRole('list', { name: 'People with the most' }).getByRole('listitem').first()).toContainText('Bob');
    await noViolations(ann);
    await ann.context().close();
  });
});
