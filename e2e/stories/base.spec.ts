// Snug under a path of a host that it shares with other programs (`--base`).

import { expect, test } from '../fixtures.ts';
import { composer, createOwner, onlineList, openSettings } from '../people.ts';
import { Proxy } from '../proxy.ts';
import { deliver, PushService, notifications, subscribeTo, enablePush } from '../push.ts';
import { heading, openRoom } from '../rooms.ts';
import { Server } from '../server.ts';

test.use({ serverArgs: ['--base', '/chat/', '--push-network', '127.0.0.0/8'] });

test('under a path, messages, reloads, links and reconnecting work', async ({ person, server }) => {
  expect(server.url).toMatch(/\/chat\/$/);
  const ann = await person('Ann');
  const bob = await person('Bob');
  await expect(ann.page).toHaveURL(`${server.url}rooms/lobby`);
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ann.say('under a path');
  await expect(bob.messages).toContainText('under a path');

  const row = bob.messages.getByRole('article').filter({ hasText: 'under a path' });
  await expect(row.getByRole('link')).toHaveAttribute('href', '/chat/rooms/lobby/1');
  await ann.messages.getByRole('article').hover();
  await ann.messages.getByRole('button', { name: 'Copy link' }).click();
  await expect(ann.messages.getByText('Link copied')).toBeVisible();
  const copied = await ann.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`${server.url}rooms/lobby/1`);

  // A link to a message on this server opens in the same tab.
  await openRoom(ann.page, 'tea');
  await ann.say(copied);
  await ann.messages.getByRole('link', { name: copied }).click();
  await expect(ann.page).toHaveURL(copied);
  await expect(ann.messages).toContainText('under a path');

  await server.kill();
  await expect(bob.connection).toContainText(/reconnecting/i);
  await bob.say('meanwhile');
  await server.start();
  await expect(ann.messages).toContainText('meanwhile');
  await bob.page.reload();
  await expect(bob.messages).toContainText('meanwhile');
  await bob.page.goto(`${server.url}tea`);
  await expect(bob.page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await bob.page.goto(server.url.slice(0, -1));
  await expect(bob.page).toHaveURL(`${server.url}rooms/lobby`);

  const storedKeys = await bob.page.evaluate(() => Object.keys(localStorage).filter((name) => name.includes('snug.')));
  expect(storedKeys.filter((name) => !name.startsWith('/chat'))).toEqual([]);
  expect(storedKeys).toContain('/chatsnug.person');
  expect((await bob.context.cookies()).map(({ path }) => path)).toEqual(['/chat/']);
});

test('under a path, the service worker receives pushes and its notifications open the room', async ({ person, server }) => {
  const service = await PushService.open();
  const ann = await person('Ann');
  const bob = await person('Bob');
  await subscribeTo(bob, service);
  const worker = await enablePush(bob);
  expect(worker.url()).toBe(`${server.url}push-worker.js`);
  await openRoom(bob.page, 'den');
  await bob.page.goto(`${server.url}healthz`);
  await expect(ann.onlineList).not.toContainText('Bob');
  await ann.say('Is the kettle on?');
  await deliver(bob.page, await service.next());
  await expect.poll(() => notifications(worker)).toEqual([{ title: 'Ann in #lobby', body: 'Is the kettle on?', tag: 'lobby' }]);

  await bob.page.goto(`${server.url}rooms/den`);
  await expect(heading(bob.page, 'den')).toBeVisible();
  // Calls the worker's click handler directly, because a test cannot click a notification.
  await worker.evaluate(async () => {
    const { open, registration } = self as unknown as {
      open: (it: Notification) => Promise<void>;
      registration: ServiceWorkerRegistration;
    };
    await open((await registration.getNotifications())[0]!);
  });
  await expect(bob.page).toHaveURL(`${server.url}rooms/lobby`);
  service.close();
});

test('two Snug servers share a host behind a proxy that removes the path', async ({ browser, server }) => {
  const other = await Server.run();
  const proxy = await Proxy.onSharedHost('/chat/', server, other);
  try {
    const address = (link: string, path: string) => new URL(path + new URL(link).hash, proxy.url).href;
    const one = await createOwner(
      browser,
      { url: proxy.url, ownerLink: server.ownerLink.then((it) => address(it, '/chat/')) },
      'Olga',
    );
    await expect(one).toHaveURL(`${proxy.url}/chat/rooms/lobby`);
    const context = one.context();
    const two = await context.newPage();
    await two.goto(`${proxy.url}/`);
    await two.getByRole('textbox', { name: 'Display name' }).fill('Guest');
    await two.getByRole('button', { name: 'Join' }).click();
    await composer(two).waitFor();
    await composer(two).fill('a draft of the other one');
    await one.reload();
    await expect(onlineList(one)).toContainText('Olga');
    await expect(composer(one)).toHaveValue('');
    const dialog = await openSettings({ page: two }, 'Account');
    await dialog.getByRole('button', { name: 'Leave server' }).click();
    await dialog.getByRole('button', { name: 'Leave server' }).click();
    await expect(two.getByRole('textbox', { name: 'Display name' })).toBeVisible();
    await one.reload();
    await composer(one).waitFor();
    await expect(onlineList(one)).toContainText('Olga');
    await context.close();
  } finally {
    proxy.close();
    await other.dispose();
  }
});
