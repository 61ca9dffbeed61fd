// A local push service for the tests, because the browser's own one is on the internet. `PushManager` subscribes to it. The
// service decrypts the pushes from Snug as a browser does, and `deliver` hands them to the real service worker.

import { createDecipheriv, createECDH, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page, Worker } from '@playwright/test';
import { expect, type Person } from './fixtures.ts';
import { composer, openSettings } from './people.ts';

/** A push service for one browser. */
export class PushService {
  readonly #server: HttpServer;
  readonly #key = createECDH('prime256v1');
  readonly #auth = randomBytes(16);
  readonly #bodies: Buffer[] = [];

  private constructor() {
    this.#key.generateKeys();
    this.#server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      this.#bodies.push(Buffer.concat(parts));
      response.writeHead(201).end();
      this.#server.emit('pushed');
    });
  }

  static async open(): Promise<PushService> {
    const service = new PushService();
    await once(service.#server.listen(0, '127.0.0.1'), 'listening');
    return service;
  }

  get subscription() {
    const port = (this.#server.address() as AddressInfo).port;
    const keys = { p256dh: this.#key.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return { endpoint: `http://127.0.0.1:${port}/browser`, expirationTime: null, keys };
  }

  /** Waits for the next push and returns its decrypted payload (RFC 8291). */
  async next(): Promise<string> {
    if (this.#bodies.length === 0) await once(this.#server, 'pushed');
    const body = this.#bodies.shift()!;
    const senderKey = body.subarray(21, 86);
    const mac = (key: Buffer, ...parts: (Buffer | string)[]) =>
      parts.reduce((hmac, part) => hmac.update(part), createHmac('sha256', key)).digest();
    const extracted = mac(this.#auth, this.#key.computeSecret(senderKey));
    const material = mac(extracted, 'WebPush: info\0', this.#key.getPublicKey(), senderKey, '\x01');
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

/** Makes the browser subscribe to this service and grants it permission for notifications. */
export async function subscribeTo({ page }: Pick<Person, 'page'>, service: PushService) {
  const context = page.context();
  await context.grantPermissions(['notifications']);
  await context.addInitScript((json) => {
    const storedKey = () => localStorage.getItem('story.subscribed');
    const subscription = {
      endpoint: json.endpoint,
      toJSON: () => json,
      unsubscribe: async () => localStorage.removeItem('story.subscribed'),
    };
    Object.setPrototypeOf(subscription, PushSubscription.prototype);
    // The server key of the subscription, as passed to `subscribe`.
    const options = {
      get applicationServerKey() {
        const binary = atob((storedKey() ?? '').replaceAll('-', '+').replaceAll('_', '/'));
        return Uint8Array.from(binary, (it) => it.charCodeAt(0)).buffer;
      },
    };
    Object.defineProperty(subscription, 'options', { value: options });
    PushManager.prototype.getSubscription = async () => (storedKey() ? (subscription as never) : null);
    PushManager.prototype.subscribe = async (options) => {
      localStorage.setItem('story.subscribed', String(options?.applicationServerKey));
      return subscription as never;
    };
  }, service.subscription);
  await page.reload();
  await composer(page).waitFor();
}

export async function openPushSettings(page: Page) {
  const dialog = await openSettings({ page }, 'Notifications');
  return dialog.getByRole('region', { name: 'Push notifications' });
}

export async function enablePush({ page }: Pick<Person, 'page'>): Promise<Worker> {
  const registered = page.context().waitForEvent('serviceworker');
  const entry = await page.evaluate(() => JSON.stringify(history.state));
  const section = await openPushSettings(page);
  await expect(section).toContainText('Get notified even when');
  await section.getByRole('button', { name: 'Enable push' }).click();
  await expect(section.getByRole('status')).toContainText('You’ll be notified');
  await expect(section.getByRole('button', { name: 'Disable push' })).toBeFocused();
  await page.keyboard.press('Escape');
  // Closing the settings removes their history entry (frontend/src/history.rs). Wait for it.
  await page.waitForFunction((entry) => JSON.stringify(history.state) === entry, entry);
  return await registered;
}

/** Delivers a push to the service worker, as the browser does when one arrives from its push service. */
export async function deliver(page: Page, data: string) {
  const browser = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    browser.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      if (registrations[0]) resolve(registrations[0].registrationId);
    });
  });
  await browser.send('ServiceWorker.enable');
  const origin = new URL(page.url()).origin;
  await browser.send('ServiceWorker.deliverPushMessage', { origin, registrationId: await registered, data });
}

/** Returns the notifications that the service worker shows. */
export function notifications(worker: Worker) {
  return worker.evaluate(async () => {
    const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
    return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
  });
}
