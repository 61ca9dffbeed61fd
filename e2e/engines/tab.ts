// A page in any engine. The engine itself produces the input events; expectations are polled inside the page.

import type { Params, Wire } from './webdriver.ts';

/** The time limit for anything that a user waits for. */
const TIMEOUT_MS = 15_000;

const KEYS = { Enter: '\uE007', Escape: '\uE00C', Tab: '\uE004', Shift: '\uE008', Control: '\uE009' };
export type Key = keyof typeof KEYS;

type Role = 'button' | 'checkbox' | 'link' | 'radio' | 'searchbox' | 'switch' | 'textbox';

export class Tab {
  private constructor(
    private readonly wire: Wire,
    private readonly opened: (tab: Tab) => Promise<unknown>,
  ) {}

  /** `opened` is called after each page load. */
  static async over(wire: Wire, opened: (tab: Tab) => Promise<unknown> = async () => {}): Promise<Tab> {
    await wire.send('setTimeouts', { script: TIMEOUT_MS, pageLoad: 3 * TIMEOUT_MS });
    return new Tab(wire, opened);
  }

  async goto(url: string): Promise<void> {
    await this.wire.send('navigate', { url });
    await this.opened(this);
  }

  async reload(): Promise<void> {
    await this.wire.send('refresh');
    await this.opened(this);
  }

  /** Deletes the cookies and leaves the page. */
  async reset(): Promise<void> {
    await this.wire.send('deleteCookies');
    await this.goto('about:blank');
  }

  /** Clicks an element. `name` is a regular expression that matches the entire accessible name. */
  async click(role: Role, name: string): Promise<void> {
    await this.wire.send('click', { id: await this.#find(role, name) });
  }

  /** Replaces the content of a field. */
  async fill(name: string, text: string, role: Role = 'textbox'): Promise<void> {
    const id = await this.#find(role, name);
    await this.wire.send('clear', { id });
    await this.wire.send('sendKeys', { id, text });
  }

  /** Presses keys at the focused element, one after the other, and releases them together at the end. */
  async press(...keys: (Key | string)[]): Promise<void> {
    const values = keys.map((key) => KEYS[key as Key] ?? key);
    const down = values.map((value) => ({ type: 'keyDown', value }));
    const up = values.reverse().map((value) => ({ type: 'keyUp', value }));
    await this.wire.send('actions', { actions: [{ type: 'key', id: 'keyboard', actions: [...down, ...up] }] });
  }

  /** Calls `look` in the page on every frame until its result is truthy, and returns that result. */
  async until<Args extends unknown[], Seen>(look: (...args: Args) => Seen, ...args: Args): Promise<NonNullable<Seen>> {
    const script = `
      const done = arguments[arguments.length - 1], args = [...arguments].slice(0, -1), look = ${look};
      (function again() {
        const seen = look(...args);
        if (seen) done(seen); else requestAnimationFrame(again);
      })();`;
    const end = performance.now() + TIMEOUT_MS;
    for (;;) {
      try {
        return (await this.wire.send('execute', { script, args })) as NonNullable<Seen>;
      } catch (cause) {
        // The page has navigated; try again on the new one. Chromium's driver may report this as a timeout, long before the limit.
        if (/unload|script timeout/.test(String(cause)) && performance.now() < end) continue;
        throw new Error(`${look.name || look} of ${JSON.stringify(args)} was not seen.`, { cause });
      }
    }
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from((await this.wire.send('screenshot', { full: false })) as string, 'base64');
  }

  /** Waits for the only visible, enabled element with this role and name. */
  async #find(role: Role, name: string): Promise<unknown> {
    const element = await this.until(findByRole, role, name);
    return Object.values(element as Params)[0];
  }
}

/** Runs in the page. */
function findByRole(role: Role, pattern: string): unknown {
  const elements = {
    button: 'button:not([role])',
    checkbox: 'input[type=checkbox]',
    link: 'a[href]',
    radio: 'input[type=radio]',
    searchbox: 'input[type=search]',
    switch: '[role=switch]',
    textbox: 'textarea, input:not([type]), input[type=text], input[type=password]',
  }[role];
  const name = new RegExp(`^(${pattern})$`);
  const text = (element: HTMLElement) => element.innerText?.trim().replace(/\s+/g, ' ') ?? '';
  const labels = (element: HTMLElement) => [...((element as HTMLInputElement).labels ?? [])];
  const hasName = (element: HTMLElement) =>
    [element.ariaLabel ?? '', text(element), ...labels(element).map(text)].some((it) => name.test(it));
  // Elements behind an open dialog cannot be used.
  const within: ParentNode = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
  const found = [...within.querySelectorAll<HTMLElement>(elements)].filter(
    (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible' && hasName(element),
  );
  if (found.length !== 1 || (found[0] as HTMLButtonElement).disabled) return null;
  // A radio button or checkbox may be visible only as its label, so the label is clicked.
  return role === 'radio' || role === 'checkbox' ? labels(found[0]!)[0] : found[0];
}
