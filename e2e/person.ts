// A user with a browser context of their own, so that users share no cookies and no storage.
// Tests find elements by accessible name, as a screen reader does. The page guarantees these names.
// `locale` is the locale of the browser and decides the language of the page.

import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from '@playwright/test';

export type PersonOptions = Pick<
  BrowserContextOptions,
  'locale' | 'colorScheme' | 'forcedColors' | 'viewport' | 'timezoneId' | 'reducedMotion' | 'hasTouch' | 'isMobile'
>;

const ENGLISH = {
  nickname: 'Display name',
  enter: 'Join',
  message: 'Message',
  send: 'Send',
  messages: 'Messages',
  peopleOnline: 'Online',
};

const CHINESE: typeof ENGLISH = {
  nickname: '昵称',
  enter: '加入',
  message: '消息',
  send: '发送',
  messages: '消息',
  peopleOnline: '在线用户',
};

export class Person {
  private constructor(
    readonly name: string,
    private readonly labels: typeof ENGLISH,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly baseURL: string,
  ) {}

  /** Opens the page and joins as a guest called `name`. */
  static async join(browser: Browser, baseURL: string, name: string, options: PersonOptions = {}): Promise<Person> {
    const context = await browser.newContext({ locale: 'en-US', baseURL, ...options });
    const labels = options.locale?.startsWith('zh') ? CHINESE : ENGLISH;
    const person = new Person(name, labels, context, await context.newPage(), baseURL);
    await person.page.goto(baseURL);
    await person.page.getByRole('textbox', { name: labels.nickname }).fill(name);
    await person.page.getByRole('button', { name: labels.enter }).click();
    await person.composer.waitFor();
    return person;
  }

  /** Opens the page for the same user on a second device, with the session of this one. */
  async onAnotherDevice(browser: Browser, options: PersonOptions = {}): Promise<Person> {
    const storageState = await this.context.storageState();
    const { baseURL } = this;
    const context = await browser.newContext({ locale: 'en-US', baseURL, storageState, ...options });
    const person = new Person(this.name, this.labels, context, await context.newPage(), baseURL);
    await person.page.goto(new URL('rooms/lobby', baseURL).href);
    await person.composer.waitFor();
    return person;
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.page.getByRole('button', { name: this.labels.send, exact: true }).click();
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: this.labels.message, exact: true });
  }

  get messages(): Locator {
    return this.page.getByRole('log', { name: this.labels.messages });
  }

  get onlineList(): Locator {
    return this.page.getByRole('list', { name: this.labels.peopleOnline });
  }

  /** The status line that shows the state of the connection. */
  get connection(): Locator {
    return this.page.getByRole('status');
  }
}
