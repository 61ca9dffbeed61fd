// Someone at a screen of their own: a browser context, so that no cookie or storage is shared.
// Accessible names are how a person, or a screen reader, finds things; the page promises them.
// A person's `locale` is the browser's, so the page meets them in their language.

import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from '@playwright/test';

export type Looks = Pick<
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
    private readonly words: typeof ENGLISH,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly baseURL: string,
  ) {}

  /** Opens the page and joins as `name`. */
  static async join(browser: Browser, baseURL: string, name: string, looks: Looks = {}): Promise<Person> {
    const context = await browser.newContext({ locale: 'en-US', baseURL, ...looks });
    const words = looks.locale?.startsWith('zh') ? CHINESE : ENGLISH;
    const person = new Person(name, words, context, await context.newPage(), baseURL);
    await person.page.goto(baseURL);
    await person.page.getByRole('textbox', { name: words.nickname }).fill(name);
    await person.page.getByRole('button', { name: words.enter }).click();
    await person.composer.waitFor();
    return person;
  }

  /** The same person at another device, which has the session of this one. */
  async elsewhere(browser: Browser, looks: Looks = {}): Promise<Person> {
    const storageState = await this.context.storageState();
    const { baseURL } = this;
    const context = await browser.newContext({ locale: 'en-US', baseURL, storageState, ...looks });
    const person = new Person(this.name, this.words, context, await context.newPage(), baseURL);
    await person.page.goto(new URL('rooms/lobby', baseURL).href);
    await person.composer.waitFor();
    return person;
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.page.getByRole('button', { name: this.words.send, exact: true }).click();
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: this.words.message, exact: true });
  }

  get messages(): Locator {
    return this.page.getByRole('log', { name: this.words.messages });
  }

  get people(): Locator {
    return this.page.getByRole('list', { name: this.words.peopleOnline });
  }

  /** Where the page says whether it is connected. */
  get connection(): Locator {
    return this.page.getByRole('status');
  }
}
