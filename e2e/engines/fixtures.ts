// Each test has its own server and uses two browsers of the engine under test. The browsers start once for all tests, because
// starting them is slow. Tests stay separate: each server has its own port and so its own storage, and cookies are deleted.

import { expect, test as base } from '../fixtures.ts';
import type { Browser, Device, Open } from './browser.ts';
import { open as chromium } from './chromium.ts';
import { open as firefox } from './firefox.ts';
import type { Tab } from './tab.ts';
import { open as webkit } from './webkit.ts';

export { expect };

const ENGINES: Record<'chromium' | 'firefox' | 'webkit', Open> = { chromium, firefox, webkit };
export type Engine = keyof typeof ENGINES;

type Story = {
  /** Returns a browser without cookies or storage for this server. */
  browse: (device?: Device) => Promise<Browser>;
};

type Worker = {
  /** `use: { engine: 'firefox' }` in a project. */
  engine: Engine;
  /** Two browsers of the engine. */
  browsers: Browser[];
};

export const test = base.extend<Story, Worker>({
  engine: ['chromium', { option: true, scope: 'worker' }],

  browsers: [
    async ({ engine }, use) => {
      const open = ENGINES[engine];
      const browsers = await Promise.all([open(), open()]);
      await use(browsers);
      await Promise.all(browsers.map((browser) => browser.close()));
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  browse: async ({ browsers }, use, info) => {
    const free = [...browsers];
    await use(async (device = 'laptop') => {
      const browser = free.pop()!;
      await browser.setDevice(device);
      return browser;
    });
    if (info.status === info.expectedStatus) {
      for (const browser of browsers) expect(await browser.errors(), 'errors in the console').toEqual([]);
    } else {
      for (const { tab } of browsers) await info.attach('screen', { body: await tab.screenshot(), contentType: 'image/png' });
    }
    await Promise.all(browsers.map(({ tab }) => tab.reset()));
  },
});

/** Joins as a guest. */
export async function joinAsGuest(tab: Tab, url: string, name: string): Promise<void> {
  await tab.goto(url);
  await tab.fill('Display name', name);
  await tab.click('button', 'Join');
  await waitForRoom(tab);
}

export async function waitForRoom(tab: Tab): Promise<void> {
  await tab.until(() => document.querySelector('.composer textarea'));
}

/** Sends a message and waits until the server has confirmed it. */
export async function say(tab: Tab, text: string): Promise<void> {
  await submit(tab, text);
  await tab.until((text) => [...document.querySelectorAll('[data-n]')].some((it) => it.textContent!.includes(text)), text);
}

/** Sends a message without waiting for the server. */
export async function submit(tab: Tab, text: string): Promise<void> {
  await tab.fill('Message', text);
  await tab.press('Enter');
}

/** Waits until the log shows exactly these messages, in this order. */
export async function expectMessages(tab: Tab, ...texts: string[]): Promise<void> {
  await tab.until(
    (texts) => {
      const words = [...document.querySelectorAll('[role=log] .words')].map((it) => it.textContent!.trim());
      return words.join('\n') === texts.join('\n');
    },
    texts,
  );
}

/** Waits until a user is in the online list or, with `isHere` false, no longer in it. */
export async function expectOnline(tab: Tab, name: string, isHere = true): Promise<void> {
  await tab.until(
    (name, isHere) => document.querySelector('[aria-label="Online"]')?.textContent!.includes(name) === isHere,
    name,
    isHere,
  );
}

export const expectText = (tab: Tab, text: string) => tab.until((text) => document.body.innerText.includes(text), text);
