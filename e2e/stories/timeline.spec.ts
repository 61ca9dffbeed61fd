// How messages affect the layout, the scroll position and the accessibility of the log.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { noViolations } from '../axe.ts';
import { postLines } from '../rooms.ts';

test.use({ serverArgs: ['--messages-burst', '500', '--frames-burst', '500'] });

const height = (page: Page, n: number) =>
  page.locator(`[data-n="${n}"]`).evaluate((row) => row.getBoundingClientRect().height);
const top = (page: Page, n: number) => page.locator(`[data-n="${n}"]`).evaluate((row) => row.getBoundingClientRect().top);

test('a tall message is folded, unfolds in place, and does not fold again by itself', async ({ person }) => {
  const ann = await person('Ann');
  await ann.say('before');
  await ann.say(`first ${'\nline'.repeat(300)}\nneedle`);
  const tall = ann.messages.locator('[data-n="2"]');
  const more = tall.getByRole('button', { name: 'Show more' });
  await expect(more).toHaveAttribute('aria-expanded', 'false');
  expect(await height(ann.page, 2)).toBeLessThan(600);
  await noViolations(ann.page);

  const before = await top(ann.page, 2);
  await more.press('Enter');
  const less = tall.getByRole('button', { name: 'Show less' });
  await expect(less).toBeFocused();
  await expect(less).toHaveAttribute('aria-expanded', 'true');
  expect(await height(ann.page, 2)).toBeGreaterThan(6000);
  expect(Math.abs((await top(ann.page, 2)) - before)).toBeLessThan(2);
  await ann.messages.evaluate((log) => log.scrollTo({ top: log.scrollHeight }));
  await expect(tall.getByText('needle')).toBeVisible();
  await ann.say('after');
  await expect(ann.messages.locator('[data-n="3"]')).toBeInViewport();
  await expect(less).toBeVisible();

  await less.press('Enter');
  await expect(more).toBeInViewport();
  expect(await height(ann.page, 2)).toBeLessThan(600);
});

test('the view follows the newest message when old ones above it are removed and new ones come in the same frame', async ({ person }) => {
  const ann = await person('Ann');
  await postLines(ann, 100);
  await expect(ann.messages.getByText('line 100', { exact: true })).toBeInViewport();
  const below = () => ann.messages.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
  await expect.poll(below).toBeLessThan(2);
  // Simulates removed and new messages: the log shrinks, which reduces its scroll offset, and then grows.
  await ann.messages.evaluate((log) => {
    const feed = log.querySelector<HTMLElement>('.feed')!;
    feed.querySelector<HTMLElement>('.chunk')!.style.display = 'none';
    log.getBoundingClientRect();
    feed.style.paddingBottom = '300px';
  });
  await expect.poll(below).toBeLessThan(2);
  await ann.messages.evaluate((log) => (log.querySelector<HTMLElement>('.feed')!.style.paddingBottom = ''));
  await expect.poll(below).toBeLessThan(2);
  await ann.messages.evaluate((log) => log.scrollBy({ top: -300 }));
  await ann.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await postLines(ann, 3);
  expect(await below(), 'who has scrolled up stays there').toBeGreaterThan(200);
});

test('a search result in a folded message unfolds it', async ({ person }) => {
  const ann = await person('Ann');
  await ann.say(`first ${'\nline'.repeat(300)}\nneedle`);
  const tall = ann.messages.locator('[data-n="1"]');
  await expect(tall.getByRole('button', { name: 'Show more' })).toBeVisible();
  // Simulates the browser's own search, which a test cannot use: it selects the text and scrolls its containers.
  await tall.evaluate((row) => {
    const words = row.querySelector('.words')!.firstChild!;
    const range = document.createRange();
    const at = words.textContent!.indexOf('needle');
    range.setStart(words, at);
    range.setEnd(words, at + 'needle'.length);
    getSelection()!.removeAllRanges();
    getSelection()!.addRange(range);
    const fold = row.querySelector('.fold')!;
    fold.scrollTo({ top: range.getBoundingClientRect().top - fold.getBoundingClientRect().top });
  });
  await expect(tall.getByRole('button', { name: 'Show less' })).toHaveCount(1);
  await expect
    .poll(() =>
      ann.messages.evaluate((log) => {
        const at = getSelection()!.getRangeAt(0).getBoundingClientRect();
        const view = log.getBoundingClientRect();
        return at.top >= view.top && at.bottom <= view.bottom;
      }),
    )
    .toBe(true);
});

test('stacked combining marks stay within their message', async ({ person }) => {
  const ann = await person('Ann');
  await ann.say(`z${'\u0301\u0302\u0303\u0330'.repeat(60)}`);
  const words = ann.messages.locator('[data-n="1"] .words');
  await expect(words).toHaveCSS('overflow', 'clip');
});

test('times use the current time zone, also after it has changed', async ({ person }) => {
  const ann = await person('Ann');
  const browser = await ann.page.context().newCDPSession(ann.page);
  await browser.send('Emulation.setTimezoneOverride', { timezoneId: 'Europe/Berlin' });
  await ann.say('one');
  const time = ann.messages.locator('[data-n="1"] time');
  await expect(time).toBeVisible();
  const expected = (timeZone: string) =>
    time.evaluate((it: HTMLTimeElement, timeZone) => {
      const at = new Date(it.dateTime);
      return new Intl.DateTimeFormat('en-US', { timeZone, timeStyle: 'short' }).format(at);
    }, timeZone);
  await expect(time).toHaveText(await expected('Europe/Berlin'));
  await browser.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Tokyo' });
  await ann.say('two');
  await expect(time).toHaveText(await expected('Asia/Tokyo'));
});

test('a screen reader announces new messages but not loaded history', async ({ browser, person, server }) => {
  await postLines(await person('Ann'), 160);
  const context = await browser.newContext({ locale: 'en-US', baseURL: server.url });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const told = { quietly: 0, aloud: 0 };
    Object.assign(window, { told });
    new MutationObserver((changes) => {
      const log = document.querySelector('[role=log]');
      for (const { addedNodes, target } of changes) {
        if (!log?.contains(target) || (target as Element).closest('[aria-live=off]')) continue;
        for (const node of addedNodes) {
          if (!(node instanceof Element)) continue;
          const rows = node.querySelectorAll('.row').length + Number(node.matches('.row'));
          told[log.getAttribute('aria-busy') === 'true' ? 'quietly' : 'aloud'] += rows;
        }
      }
    }).observe(document, { childList: true, subtree: true });
  });
  const told = () => page.evaluate(() => (window as unknown as { told: { quietly: number; aloud: number } }).told);
  await page.goto('/');
  await page.getByRole('textbox', { name: 'Display name' }).fill('Bob');
  await page.getByRole('button', { name: 'Join' }).click();
  const log = page.getByRole('log');
  await expect(page.locator('[data-n="160"]')).toBeInViewport();
  await expect(log).toHaveAttribute('aria-busy', 'false');
  await log.evaluate((it) => it.scrollTo({ top: 0 }));
  await expect.poll(async () => (await told()).quietly).toBeGreaterThan(60);
  await expect(log).toHaveAttribute('aria-busy', 'false');
  expect((await told()).aloud).toBe(0);

  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('hello');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-n="161"]')).toHaveCount(1);
  expect((await told()).aloud).toBe(1);
  await context.close();
});

test('a right-to-left name does not change the direction of the text around it', async ({ person }) => {
  const ann = await person('דנה');
  const bob = await person('Bob');
  await bob.page.getByRole('button', { name: /^Message .*דנה/ }).click();
  await expect(bob.page).toHaveTitle('\u2068דנה\u2069 · Snug');
  await expect(bob.composer).toHaveAttribute('placeholder', /\u2068.*דנה.*\u2069/);
  await expect(ann.onlineList).toContainText('Bob');
});
