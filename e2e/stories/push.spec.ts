import { expect, test } from '../fixtures.ts';
import { deliver, openSettings, Service, shown, subscribesTo, turnOn } from '../push.ts';
import { openRoom } from '../rooms.ts';

test.use({ serverArgs: ['--push-network', '127.0.0.0/8'] });

test('who has closed Snug is told of what is said, and comes to the room by it', async ({ person }) => {
  const service = await Service.open();
  const ann = await person('Ann');
  const bob = await person('Bob');
  await subscribesTo(bob, service);
  const worker = await turnOn(bob);
  // Not closed: without a page the browser would let the worker go.
  await bob.page.goto('/healthz');
  await expect(ann.people).not.toContainText('Bob');

  await ann.say('Is the kettle on?');
  await deliver(bob.page, await service.next());
  await expect.poll(() => shown(worker)).toEqual([{ title: 'Ann in #lobby', body: 'Is the kettle on?', tag: 'lobby' }]);
  service.close();
});

test('in Chinese a notification says 大厅 for the lobby', async ({ person }) => {
  const wei = await person('Wei', { locale: 'zh-CN' });
  await wei.context.grantPermissions(['notifications']);
  const registered = wei.context.waitForEvent('serviceworker');
  await wei.page.evaluate(() => navigator.serviceWorker.register('/push-worker.js').then(() => {}));
  const worker = await registered;
  await worker.evaluate(async () => {
    const { show } = self as unknown as { show: (data: object) => Promise<void> };
    await show({ json: () => ({ room: 'lobby', roomName: 'lobby', name: 'Ann', text: '水开了吗？' }) });
  });
  await expect.poll(() => shown(worker)).toEqual([{ title: 'Ann 在 #大厅', body: '水开了吗？', tag: 'lobby' }]);
});

test('a notification that is pressed leads to its room in the page that is open', async ({ person }) => {
  const service = await Service.open();
  const bob = await person('Bob');
  await subscribesTo(bob, service);
  await openRoom(bob.page, 'den');
  await bob.page.getByRole('link', { name: 'lobby' }).click();
  await expect(bob.page).toHaveURL(/\/rooms\/lobby$/);
  const worker = await turnOn(bob);
  const press = (url: string) =>
    worker.evaluate(async (url) => {
      // Only a person's own press makes the event; this is what the worker does at it.
      const { open } = self as unknown as { open: (it: object) => Promise<void> };
      await open({ close() {}, data: { url } });
    }, url);
  const visited: string[] = [];
  bob.page.on('framenavigated', (frame) => visited.push(new URL(frame.url()).pathname));
  await press('https://evil.example/rooms/attic');
  await press('/rooms/den');
  await expect(bob.page).toHaveURL(/\/rooms\/den$/);
  expect(visited, 'what leads elsewhere leads nowhere').toEqual(['/rooms/den']);
  // One page all along: what was written stays.
  expect(bob.context.pages()).toHaveLength(1);
  service.close();
});

test('turning it off, and being somebody else, ends it', async ({ person }) => {
  const service = await Service.open();
  const bob = await person('Bob');
  await subscribesTo(bob, service);
  await turnOn(bob);
  const subscribed = () => bob.page.evaluate(() => localStorage.getItem('story.subscribed'));
  expect(await subscribed()).toHaveLength(87);
  let choice = await openSettings(bob.page);
  const ended = bob.page.waitForRequest((it) => it.method() === 'DELETE' && it.url().endsWith('/api/push'));
  await choice.getByRole('button', { name: 'Disable push' }).click();
  await ended;
  await expect(choice).toContainText('Get notified even when');
  expect(await subscribed()).toBeNull();

  await choice.getByRole('button', { name: 'Enable push' }).click();
  await expect(choice).toContainText('You’ll be notified');
  await bob.context.clearCookies();
  await bob.page.reload();
  await bob.composer.waitFor();
  await expect.poll(subscribed).toBeNull();
  choice = await openSettings(bob.page);
  await expect(choice).toContainText('Get notified even when');
  service.close();
});

test('a subscription that was made for another key is made anew', async ({ person }) => {
  const service = await Service.open();
  const bob = await person('Bob');
  await subscribesTo(bob, service);
  await turnOn(bob);
  const key = () => bob.page.evaluate(() => localStorage.getItem('story.subscribed'));
  const ours = await key();
  await bob.page.evaluate((other) => localStorage.setItem('story.subscribed', other), `BB${ours!.slice(2)}`);
  await bob.page.reload();
  await expect.poll(key).toBe(ours);
  await expect(await openSettings(bob.page)).toContainText('You’ll be notified');
  service.close();
});

test('a notification goes when its message is read on another device, or deleted', async ({ browser, person }) => {
  const service = await Service.open();
  const bob = await person('Bob');
  const ann = await person('Ann');
  await subscribesTo(bob, service);
  const worker = await turnOn(bob);
  const notify = (tag: string, n: number, body: string) =>
    worker.evaluate(
      async ({ tag, n, body }) => {
        const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
        await registration.showNotification('Ann', { tag, body, data: { url: `/rooms/${tag}`, n } });
      },
      { tag, n, body },
    );
  const bodies = async () => (await shown(worker)).map((it) => it.body);
  await openRoom(bob.page, 'den');
  await ann.say('one');
  await ann.say('two');
  await expect(ann.messages.getByText('Sending…')).toHaveCount(0);
  await notify('lobby', 1, 'one');
  await expect.poll(bodies).toEqual(['one']);
  const second = await bob.elsewhere(browser);
  await expect(second.messages).toContainText('two');
  await expect.poll(bodies).toEqual([]);

  await bob.page.getByRole('link', { name: 'lobby' }).click();
  await expect(bob.messages).toContainText('two');
  await bob.page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await second.context.close();
  await ann.say('three');
  await expect(bob.messages).toContainText('three');
  await notify('lobby', 3, 'three');
  await ann.messages.locator('[data-n="3"]').hover();
  await ann.page.getByRole('button', { name: 'Delete message' }).click();
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(bob.messages).not.toContainText('three');
  await expect.poll(bodies).toEqual([]);
  service.close();
});

test('a browser that does not let Snug notify, or reaches no push service, says so', async ({ person }) => {
  const bob = await person('Bob');
  await bob.context.grantPermissions(['notifications']);
  const choice = await openSettings(bob.page);
  await choice.getByRole('button', { name: 'Enable push' }).click();
  await expect(choice).toContainText('Couldn’t enable push notifications');

  const carl = await person('Carl');
  await carl.page.addInitScript(() => {
    Object.defineProperty(Notification, 'permission', { get: () => 'denied' });
  });
  await carl.page.reload();
  await carl.composer.waitFor();
  const blocked = await openSettings(carl.page);
  await expect(blocked).toContainText('Notifications are blocked');
  await expect(blocked.getByRole('button', { name: 'Enable push' })).toHaveAttribute('aria-disabled', 'true');
});

test('a subscription that the browser renews replaces the one before, in this time zone', async ({ person, server }) => {
  const wei = await person('Wei', { timezoneId: 'Asia/Shanghai' });
  await wei.context.grantPermissions(['notifications']);
  const registered = wei.context.waitForEvent('serviceworker');
  await wei.page.evaluate(() => navigator.serviceWorker.register('push-worker.js').then(() => {}));
  const worker = await registered;
  const asked = wei.context.waitForEvent('request', (it) => it.url() === `${server.url}/api/push`);
  await worker.evaluate(async () => {
    const { renew } = self as unknown as { renew: (before: object, now: object) => Promise<void> };
    await renew({ endpoint: 'https://push.example/old' }, { toJSON: () => ({ endpoint: 'https://push.example/new' }) });
  });
  expect((await asked).postDataJSON()).toEqual({
    endpoint: 'https://push.example/new',
    replaces: 'https://push.example/old',
    zone: 'Asia/Shanghai',
  });
});
