// Every story has a server of its own, and the browsers of the engine under test. Those are started once for all stories, since
// that takes longest: each story's server has another port, and so storage of its own, and cookies are deleted.

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
  /** Opens a browser that has never been here. */
  browse: (device?: Device) => Promise<Browser>;
};

type Worker = {
  /** `use: { engine: 'firefox' }` in a project. */
  engine: Engine;
  /** Two of it. */
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
      await browser.be(device);
      return browser;
    });
    if (info.status === info.expectedStatus) {
      for (const browser of browsers) expect(await browser.errors(), 'errors in the console').toEqual([]);
    } else {
      for (const { tab } of browsers) await info.attach('screen', { body: await tab.screenshot(), contentType: 'image/png' });
    }
    await Promise.all(browsers.map(({ tab }) => tab.forget()));
  },
});

/** Comes in as a guest. */
export async function enter(tab: Tab, url: string, name: string): Promise<void> {
  await tab.goto(url);
  await tab.fill('Display name', name);
  await tab.click('button', 'Join');
  await inside(tab);
}

export async function inside(tab: Tab): Promise<void> {
  await tab.until(() => document.querySelector('.composer textarea'));
}

/** Says it, and waits until it is sent. */
export async function say(tab: Tab, text: string): Promise<void> {
  await write(tab, text);
  await tab.until((text) => [...document.querySelectorAll('[data-n]')].some((it) => it.textContent!.includes(text)), text);
}

/** Says it, sent or not. */
export async function write(tab: Tab, text: string): Promise<void> {
  await tab.fill('Message', text);
  await tab.press('Enter');
}

/** Waits until the messages are these, in this order, each once. */
export async function reads(tab: Tab, ...texts: string[]): Promise<void> {
  await tab.until(
    (texts) => {
      const words = [...document.querySelectorAll('[role=log] .words')].map((it) => it.textContent!.trim());
      return words.join('\n') === texts.join('\n');
    },
    texts,
  );
}

/** Waits until somebody is in the list of people online, or is no longer. */
export async function sees(tab: Tab, name: string, isHere = true): Promise<void> {
  await tab.until(
    (name, isHere) => document.querySelector('[aria-label="Online"]')?.textContent!.includes(name) === isHere,
    name,
    isHere,
  );
}

export const shows = (tab: Tab, text: string) => tab.until((text) => document.body.innerText.includes(text), text);
