// The browser's own push service is on the internet and not here, so the stories bring one: `PushManager` subscribes to it,
// what Snug sends there is opened as a browser does, and handed to the real worker as a browser does.

import { createDecipheriv, createECDH, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page, Worker } from '@playwright/test';
import { expect, type Person } from './fixtures.ts';
import { composer, settings } from './people.ts';

/** A push service for one browser. */
export class Service {
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
export async function subscribesTo({ page }: Pick<Person, 'page'>, service: Service) {
  const context = page.context();
  await context.grantPermissions(['notifications']);
  await context.addInitScript((json) => {
    const kept = () => localStorage.getItem('story.subscribed');
    const subscription = {
      endpoint: json.endpoint,
      toJSON: () => json,
      unsubscribe: async () => localStorage.removeItem('story.subscribed'),
    };
    Object.setPrototypeOf(subscription, PushSubscription.prototype);
    // The key that it was made for, as it was given to `subscribe`.
    const options = {
      get applicationServerKey() {
        const binary = atob((kept() ?? '').replaceAll('-', '+').replaceAll('_', '/'));
        return Uint8Array.from(binary, (it) => it.charCodeAt(0)).buffer;
      },
    };
    Object.defineProperty(subscription, 'options', { value: options });
    PushManager.prototype.getSubscription = async () => (kept() ? (subscription as never) : null);
    PushManager.prototype.subscribe = async (options) => {
      localStorage.setItem('story.subscribed', String(options?.applicationServerKey));
      return subscription as never;
    };
  }, service.subscription);
  await page.reload();
  await composer(page).waitFor();
}

export async function openSettings(page: Page) {
  const dialog = await settings({ page }, 'Notifications');
  return dialog.getByRole('region', { name: 'Push notifications' });
}

export async function turnOn({ page }: Pick<Person, 'page'>): Promise<Worker> {
  const registered = page.context().waitForEvent('serviceworker');
  const entry = await page.evaluate(() => JSON.stringify(history.state));
  const choice = await openSettings(page);
  await expect(choice).toContainText('Get notified even when');
  await choice.getByRole('button', { name: 'Enable push' }).click();
  await expect(choice.getByRole('status')).toContainText('You’ll be notified');
  await expect(choice.getByRole('button', { name: 'Disable push' })).toBeFocused();
  await page.keyboard.press('Escape');
  // The settings take their entry of the history along (frontend/src/history.rs).
  await page.waitForFunction((entry) => JSON.stringify(history.state) === entry, entry);
  return await registered;
}

/** Hands a push to the worker, as the browser does when its push service brings one. */
export async function deliver(page: Page, data: string) {
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
export function shown(worker: Worker) {
  return worker.evaluate(async () => {
    const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
    return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
  });
}
