// The browser's own push service is on the internet and not here, so the stories bring one: `PushManager` subscribes to it,
// what Snug sends there is opened as a browser does, and handed to the real worker as a browser does.

import { createDecipheriv, createECDH, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page, Worker } from '@playwright/test';
import { expect, test, type Person } from '../fixtures.ts';

test.use({ serverArgs: ['--push-network', '127.0.0.0/8'] });

/** A push service for one browser. */
class Service {
  readonly #server: HttpServer;
  readonly #key = createECDH('prime256v1');
  readonly #auth = randomBytes(16);
  readonly #bodies: Buffer[] = [];

  private constructor() {
    this.#key.generateKeys();
    this.#server = createServer(async (asked, answer) => {
      const parts: Buffer[] = [];
      for await (const part of asked) parts.push(part);
      this.#bodies.push(Buffer.concat(parts));
      answer.writeHead(201).end();
      this.#server.emit('pushed');
    });
  }

  static async open(): Promise<Service> {
    const service = new Service();
    await once(service.#server.listen(0, '127.0.0.1'), 'listening');
    return service;
  }

  get subscription() {
    const port = (this.#server.address() as AddressInfo).port;
    const keys = { p256dh: this.#key.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return { endpoint: `http://127.0.0.1:${port}/browser`, expirationTime: null, keys };
  }

  /** What the next push says (RFC 8291). */
  async next(): Promise<string> {
    if (this.#bodies.length === 0) await once(this.#server, 'pushed');
    const body = this.#bodies.shift()!;
    const theirs = body.subarray(21, 86);
    const mac = (key: Buffer, ...parts: (Buffer | string)[]) =>
      parts.reduce((hmac, part) => hmac.update(part), createHmac('sha256', key)).digest();
    const extracted = mac(this.#auth, this.#key.computeSecret(theirs));
    const material = mac(extracted, 'WebPush: info\0', this.#key.getPublicKey(), theirs, '\x01');
    const again = mac(body.subarray(0, 16), material);
    const key = mac(again, 'Content-Encoding: aes128gcm\0\x01').subarray(0, 16);
    const nonce = mac(again, 'Content-Encoding: nonce\0\x01').subarray(0, 12);
    const opener = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(body.subarray(-16));
    const plain = Buffer.concat([opener.update(body.subarray(86, -16)), opener.final()]);
    return plain.subarray(0, -1).toString();
  }

  close() {
    this.#server.close();
  }
}

/** The browser subscribes to this service, and may notify. */
async function subscribesTo(person: Person, service: Service) {
  await person.context.grantPermissions(['notifications']);
  await person.context.addInitScript((json) => {
    const kept = () => localStorage.getItem('story.subscribed');
    const subscription = {
      endpoint: json.endpoint,
      toJSON: () => json,
      unsubscribe: async () => localStorage.removeItem('story.subscribed'),
    };
    Object.setPrototypeOf(subscription, PushSubscription.prototype);
    PushManager.prototype.getSubscription = async () => (kept() ? (subscription as never) : null);
    PushManager.prototype.subscribe = async () => {
      localStorage.setItem('story.subscribed', 'yes');
      return subscription as never;
    };
  }, service.subscription);
  await person.page.reload();
  await person.composer.waitFor();
}

async function openSettings(page: Page) {
  await page.getByRole('button', { name: 'You and settings' }).click();
  return page.getByRole('dialog').getByRole('region', { name: 'When Snug is closed' });
}

async function turnOn(person: Person): Promise<Worker> {
  const registered = person.context.waitForEvent('serviceworker');
  const choice = await openSettings(person.page);
  await expect(choice).toContainText('This browser can tell you');
  await choice.getByRole('button', { name: 'Notify me' }).click();
  await expect(choice.getByRole('status')).toContainText('This browser tells you');
  await expect(choice.getByRole('button', { name: 'Turn off' })).toBeFocused();
  await person.page.keyboard.press('Escape');
  return await registered;
}

/** Hands a push to the worker, as the browser does when its push service brings one. */
async function deliver(page: Page, data: string) {
  const browser = await page.context().newCDPSession(page);
  const registered = new Promise<string>((found) => {
    browser.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      if (registrations[0]) found(registrations[0].registrationId);
    });
  });
  await browser.send('ServiceWorker.enable');
  const origin = new URL(page.url()).origin;
  await browser.send('ServiceWorker.deliverPushMessage', { origin, registrationId: await registered, data });
}

/** What the worker shows. */
function shown(worker: Worker) {
  return worker.evaluate(async () => {
    const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
    return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
  });
}

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

test('a notification that is pressed leads to its room in the page that is open', async ({ person }) => {
  const service = await Service.open();
  const bob = await person('Bob');
  await subscribesTo(bob, service);
  await bob.page.getByRole('button', { name: 'New room' }).click();
  await bob.page.getByRole('textbox', { name: 'Name' }).fill('den');
  await bob.page.getByRole('button', { name: 'Open the room' }).click();
  await expect(bob.page).toHaveURL(/\/rooms\/den$/);
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
  expect(await subscribed()).toBe('yes');
  let choice = await openSettings(bob.page);
  const ended = bob.page.waitForRequest((it) => it.method() === 'DELETE' && it.url().endsWith('/api/push'));
  await choice.getByRole('button', { name: 'Turn off' }).click();
  await ended;
  await expect(choice).toContainText('This browser can tell you');
  expect(await subscribed()).toBeNull();

  await choice.getByRole('button', { name: 'Notify me' }).click();
  await expect(choice).toContainText('This browser tells you');
  await bob.context.clearCookies();
  await bob.page.reload();
  await bob.composer.waitFor();
  await expect.poll(subscribed).toBeNull();
  choice = await openSettings(bob.page);
  await expect(choice).toContainText('This browser can tell you');
  service.close();
});

test('a browser that does not let Snug notify, or reaches no push service, says so', async ({ person }) => {
  const bob = await person('Bob');
  await bob.context.grantPermissions(['notifications']);
  const choice = await openSettings(bob.page);
  await choice.getByRole('button', { name: 'Notify me' }).click();
  await expect(choice).toContainText('could not reach its push service');

  const carl = await person('Carl');
  await carl.page.addInitScript(() => {
    Object.defineProperty(Notification, 'permission', { get: () => 'denied' });
  });
  await carl.page.reload();
  await carl.composer.waitFor();
  const blocked = await openSettings(carl.page);
  await expect(blocked).toContainText('does not let Snug notify you');
  await expect(blocked.getByRole('button', { name: 'Notify me' })).toHaveAttribute('aria-disabled', 'true');
});
