import { expect, test } from '../fixtures.ts';
import { deliver, openPushSettings, PushService, notifications, subscribeTo, enablePush } from '../push.ts';
import { openRoom } from '../rooms.ts';

test.use({ serverArgs: ['--push-network', '127.0.0.0/8'] });

test('a user who has closed Snug gets a push notification', async ({ person }) => {
  const service = await PushService.open();
  const ann = await person('Ann');
  const bob = await person('Bob');
  await subscribeTo(bob, service);
  const worker = await enablePush(bob);
  // Keeps a page of the same origin open, because the browser would stop the worker without one.
  await bob.page.goto('/healthz');
  await expect(ann.onlineList).not.toContainText('Bob');

  await ann.say('Is the kettle on?');
  await deliver(bob.page, await service.next());
  await expect.poll(() => notifications(worker)).toEqual([{ title: 'Ann in #lobby', body: 'Is the kettle on?', tag: 'lobby' }]);
  service.close();
});

test('a Chinese notification calls the lobby 大厅', async ({ person }) => {
  const wei = await person('Wei', { locale: 'zh-CN' });
  await wei.context.grantPermissions(['notifications']);
  const registered = wei.context.waitForEvent('serviceworker');
  await wei.page.evaluate(() => navigator.serviceWorker.register('/push-worker.js').then(() => {}));
  const worker = await registered;
  await worker.evaluate(async () => {
    const { show } = self as unknown as { show: (data: object) => Promise<void> };
    await show({ json: () => ({ room: 'lobby', roomName: 'lobby', name: 'Ann', text: '水开了吗？' }) });
  });
  await expect.poll(() => notifications(worker)).toEqual([{ title: 'Ann 在 #大厅', body: '水开了吗？', tag: 'lobby' }]);
});

test('clicking a notification opens its room in the open page', async ({ person }) => {
  const service = await PushService.open();
  const bob = await person('Bob');
  await subscribeTo(bob, service);
  await openRoom(bob.page, 'den');
  await bob.page.getByRole('link', { name: 'lobby' }).click();
  await expect(bob.page).toHaveURL(/\/rooms\/lobby$/);
  const worker = await enablePush(bob);
  const press = (url: string) =>
    worker.evaluate(async (url) => {
      // Only a real click fires the event, so call the worker's handler directly.
      const { open } = self as unknown as { open: (it: object) => Promise<void> };
      await open({ close() {}, data: { url } });
    }, url);
  const visited: string[] = [];
  bob.page.on('framenavigated', (frame) => visited.push(new URL(frame.url()).pathname));
  await press('https://evil.example/rooms/attic');
  await press('/rooms/den');
  await expect(bob.page).toHaveURL(/\/rooms\/den$/);
  expect(visited, 'what leads elsewhere leads nowhere').toEqual(['/rooms/den']);
  // No second page was opened, so a draft would be kept.
  expect(bob.context.pages()).toHaveLength(1);
  service.close();
});

test('disabling push or becoming another user ends the subscription', async ({ person }) => {
  const service = await PushService.open();
  const bob = await person('Bob');
  await subscribeTo(bob, service);
  await enablePush(bob);
  const subscribed = () => bob.page.evaluate(() => localStorage.getItem('story.subscribed'));
  expect(await subscribed()).toHaveLength(87);
  let section = await openPushSettings(bob.page);
  const ended = bob.page.waitForRequest((it) => it.method() === 'DELETE' && it.url().endsWith('/api/push'));
  await section.getByRole('button', { name: 'Disable push' }).click();
  await ended;
  await expect(section).toContainText('Get notified even when');
  expect(await subscribed()).toBeNull();

  await section.getByRole('button', { name: 'Enable push' }).click();
  await expect(section).toContainText('You’ll be notified');
  await bob.context.clearCookies();
  await bob.page.reload();
  await bob.composer.waitFor();
  await expect.poll(subscribed).toBeNull();
  section = await openPushSettings(bob.page);
  await expect(section).toContainText('Get notified even when');
  service.close();
});

test('a subscription with another server key is replaced', async ({ person }) => {
  const service = await PushService.open();
  const bob = await person('Bob');
  await subscribeTo(bob, service);
  await enablePush(bob);
  const key = () => bob.page.evaluate(() => localStorage.getItem('story.subscribed'));
  const ours = await key();
  await bob.page.evaluate((other) => localStorage.setItem('story.subscribed', other), `BB${ours!.slice(2)}`);
  await bob.page.reload();
  await expect.poll(key).toBe(ours);
  await expect(await openPushSettings(bob.page)).toContainText('You’ll be notified');
  service.close();
});

test('a notification disappears when its message is read on another device or deleted', async ({ browser, person }) => {
  const service = await PushService.open();
  const bob = await person('Bob');
  const ann = await person('Ann');
  await subscribeTo(bob, service);
  const worker = await enablePush(bob);
  const notify = (tag: string, n: number, body: string) =>
    worker.evaluate(
      async ({ tag, n, body }) => {
        const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
        await registration.showNotification('Ann', { tag, body, data: { url: `/rooms/${tag}`, n } });
      },
      { tag, n, body },
    );
  const bodies = async () => (await notifications(worker)).map((it) => it.body);
  await openRoom(bob.page, 'den');
  await ann.say('one');
  await ann.say('two');
  await expect(ann.messages.getByText('Sending…')).toHaveCount(0);
  await notify('lobby', 1, 'one');
  await expect.poll(bodies).toEqual(['one']);
  const second = await bob.onAnotherDevice(browser);
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

test('the settings report blocked notifications and an unreachable push service', async ({ person }) => {
  const bob = await person('Bob');
  await bob.context.grantPermissions(['notifications']);
  const section = await openPushSettings(bob.page);
  await section.getByRole('button', { name: 'Enable push' }).click();
  await expect(section).toContainText('Couldn’t enable push notifications');

  const carl = await person('Carl');
  await carl.page.addInitScript(() => {
    Object.defineProperty(Notification, 'permission', { get: () => 'denied' });
  });
  await carl.page.reload();
  await carl.composer.waitFor();
  const blocked = await openPushSettings(carl.page);
  await expect(blocked).toContainText('Notifications are blocked');
  await expect(blocked.getByRole('button', { name: 'Enable push' })).toHaveAttribute('aria-disabled', 'true');
});

test('a subscription renewed by the browser replaces the old one and reports the time zone', async ({ person, server }) => {
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
