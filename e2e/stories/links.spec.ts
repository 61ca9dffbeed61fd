import type { Locator } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';
import { heading, openRoom, postLines } from '../rooms.ts';

// The tests send hundreds of lines at once, more than a server allows by default.
test.use({ serverArgs: ['--messages-burst', '500', '--frames-burst', '500'] });

const row = ({ messages }: Person, n: number): Locator => messages.locator(`[data-n="${n}"]`);
const jumpToLatest = ({ page }: Person): Locator => page.getByRole('button', { name: 'Jump to latest' });

/** Returns the positions of all messages, in the order of their rows. */
const positions = ({ messages }: Person): Promise<number[]> =>
  messages.evaluate((log) => [...log.querySelectorAll('[data-n]')].map((it) => Number(it.getAttribute('data-n'))));

/** Expects that the page has jumped to a message: highlighted, focused, and in view with its neighbours. */
async function expectJumpedTo(person: Person, n: number): Promise<void> {
  await expect(row(person, n)).toHaveCSS('animation-name', 'come');
  await expect(row(person, n)).toBeInViewport({ ratio: 1 });
  await expect(row(person, n)).toBeFocused();
  for (const neighbour of [n - 1, n + 1]) await expect(row(person, neighbour)).toBeInViewport();
}

/** Scrolls down until the next page loads. Returns how far this moved the first visible row. */
async function loadNextPage(log: Element): Promise<number> {
  const rows = () => [...log.querySelectorAll('[data-n]')];
  log.scrollTo({ top: log.scrollHeight - log.clientHeight - 40 });
  const edge = log.getBoundingClientRect().top;
  const count = rows().length;
  const first = rows().find((it) => it.getBoundingClientRect().top >= edge)!;
  const before = first.getBoundingClientRect().top;
  await new Promise<void>((loaded) => {
    const look = () => {
      if (log.querySelector('.lower-end') && rows().length === count) return;
      observer.disconnect();
      requestAnimationFrame(() => loaded());
    };
    const observer = new MutationObserver(look);
    observer.observe(log, { childList: true, subtree: true });
    look();
  });
  return first.getBoundingClientRect().top - before;
}

test('a message link shows the message with its neighbours, and scrolling on to the newest leaves no gap', async ({
  person,
}) => {
  const ann = await person('Ann');
  await postLines(ann, 230);
  const bob = await person('Bob');
  await expect(row(bob, 230)).toBeInViewport();
  await bob.page.goto('/rooms/lobby/40');
  await expectJumpedTo(bob, 40);
  await bob.composer.focus();
  await expect(row(bob, 40)).not.toHaveCSS('animation-name', 'come');
  await expect(row(bob, 230)).toHaveCount(0);

  await ann.say('said meanwhile');
  await expect(bob.page.getByRole('button', { name: '1 new' })).toBeVisible();
  await expect(bob.messages).not.toContainText('said meanwhile');

  const moved: number[] = [];
  await expect(async () => {
    moved.push(await bob.messages.evaluate(loadNextPage));
    await expect(bob.messages.locator('.lower-end')).toHaveCount(0, { timeout: 1 });
  }).toPass();
  for (const by of moved) expect(by).toBeCloseTo(0, 0);
  await bob.messages.evaluate((log) => log.scrollTo({ top: log.scrollHeight }));
  await expect(bob.messages.getByText('said meanwhile')).toBeInViewport();
  const all = await positions(bob);
  const [first = 0] = all;
  expect(all).toEqual(Array.from({ length: 232 - first }, (_, at) => first + at));
  await expect(bob.page.getByRole('button', { name: '1 new' })).toBeHidden();
});

test('back and forward restore the scroll position, and a button jumps to the newest message', async ({ person }) => {
  const ann = await person('Ann');
  await postLines(ann, 200);
  await ann.messages.evaluate((log) => log.scrollTo({ top: log.scrollHeight / 2 }));
  await expect(jumpToLatest(ann)).toBeVisible();
  const at = await ann.messages.evaluate((log) => {
    const edge = log.getBoundingClientRect().top;
    const first = [...log.querySelectorAll('[data-n]')].find((it) => it.getBoundingClientRect().top >= edge + 40)!;
    return { n: Number(first.getAttribute('data-n')), y: first.getBoundingClientRect().y };
  });

  await row(ann, at.n + 8).hover();
  await row(ann, at.n + 8).getByRole('link').click();
  await expect(ann.page).toHaveURL(new RegExp(`/rooms/lobby/${at.n + 8}$`));
  await expectJumpedTo(ann, at.n + 8);
  await ann.page.goBack();
  await expect(ann.page).toHaveURL(/\/rooms\/lobby$/);
  await expect(async () => expect((await row(ann, at.n).boundingBox())?.y).toBeCloseTo(at.y, 0)).toPass();

  await ann.page.goto('/rooms/lobby/30');
  await expectJumpedTo(ann, 30);
  await jumpToLatest(ann).click();
  await expect(row(ann, 200)).toBeInViewport();
  await expect(ann.page).toHaveURL(/\/rooms\/lobby$/);
  await expect(row(ann, 30)).toHaveCount(0);
  await expect(jumpToLatest(ann)).toBeHidden();

  // Sending a message also jumps to the newest.
  await ann.page.goto('/rooms/lobby/30');
  await expectJumpedTo(ann, 30);
  await ann.say('and now?');
  await expect(ann.messages.getByText('and now?')).toBeInViewport();
  await expect(ann.page).toHaveURL(/\/rooms\/lobby$/);
});

test('a link in a message leads to another message without a reload, and back', async ({ person }) => {
  const ann = await person('Ann');
  await postLines(ann, 130);
  await ann.page.evaluate(() => Object.assign(window, { marker: 'the same page' }));
  const link = `${new URL(ann.page.url()).origin}/rooms/lobby/40`;
  await ann.say(`as said in ${link}`);
  await ann.messages.getByRole('link', { name: link }).click();
  await expect(ann.page).toHaveURL(/\/rooms\/lobby\/40$/);
  await expectJumpedTo(ann, 40);
  await ann.page.goBack();
  await expect(ann.messages.getByRole('link', { name: link })).toBeInViewport();
  await ann.page.goForward();
  await expectJumpedTo(ann, 40);

  // The same from another room, to a message that is already loaded.
  await ann.page.goBack();
  await expect(ann.messages.getByRole('link', { name: link })).toBeInViewport();
  await openRoom(ann.page, 'den');
  await ann.say(link.replace('/40', '/120'));
  await ann.messages.getByRole('link', { name: '/rooms/lobby/120' }).click();
  await expectJumpedTo(ann, 120);
  expect(await ann.page.evaluate(() => (window as { marker?: string }).marker)).toBe('the same page');
});

test('a message link can be copied with a button, with a key, or by hand', async ({ person }) => {
  const ann = await person('Ann');
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ann.say('one');
  await ann.say('two');
  const clipboard = () => ann.page.evaluate(() => navigator.clipboard.readText());
  await row(ann, 2).hover();
  await row(ann, 2).getByRole('button', { name: 'Copy link' }).click();
  await expect(row(ann, 2).getByText('Link copied')).toBeVisible();
  expect(await clipboard()).toBe(`${new URL(ann.page.url()).origin}/rooms/lobby/2`);
  await expect(ann.messages.getByText('Link copied')).toBeHidden();

  await ann.messages.focus();
  await ann.page.keyboard.press('ArrowUp');
  await ann.page.keyboard.press('ArrowUp');
  await ann.page.keyboard.press('c');
  await expect(row(ann, 1).getByText('Link copied')).toBeVisible();
  expect(await clipboard()).toMatch(/\/rooms\/lobby\/1$/);

  // On plain HTTP a page has no clipboard.
  await ann.page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await ann.page.keyboard.press('c');
  const field = ann.page.getByRole('dialog', { name: 'Copy link' }).getByRole('textbox');
  await expect(field).toBeFocused();
  await expect(field).toHaveValue(/\/rooms\/lobby\/1$/);
  expect(await ann.page.evaluate(() => getSelection()?.toString())).toBe(await field.inputValue());
  await noViolations(ann.page);
  await ann.page.keyboard.press('Escape');
  await expect(row(ann, 1)).toBeFocused();
});

test('a link to a missing message shows the newest and a notice, and an invalid position is not found', async ({
  person,
}) => {
  const ann = await person('Ann');
  await postLines(ann, 60);
  await ann.page.goto('/rooms/lobby/61');
  await expect(row(ann, 60)).toBeInViewport();
  await expect(ann.connection).toHaveText('This message was deleted or doesn’t exist.');
  const bob = await person('Bob');
  await bob.say('now it is');
  await expect(row(ann, 61)).toBeInViewport();
  await expect(ann.connection).toHaveText('');

  await ann.page.goto('/rooms/lobby/99');
  await expect(ann.connection).toHaveText('This message was deleted or doesn’t exist.');
  await ann.say('nor is it now');
  await expect(row(ann, 62)).toBeInViewport();
  await expect(ann.connection).toHaveText('');
  await expect(ann.page).toHaveURL(/\/rooms\/lobby$/);
  await ann.page.goto('/rooms/lobby/0');
  await expect(ann.page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
});

test('looking at old messages does not mark new ones as read', async ({ person, browser }) => {
  const ann = await person('Ann');
  await postLines(ann, 150);
  const bob = await person('Bob');
  await expect(row(bob, 150)).toBeInViewport();
  await bob.page.goto('/rooms/lobby/20');
  await expectJumpedTo(bob, 20);
  for (const text of ['one', 'two', 'three']) await ann.say(text);
  const news = bob.page.getByRole('button', { name: '3 new' });
  await expect(news).toBeVisible();
  // They stay unread on the other device too.
  const tablet = await bob.onAnotherDevice(browser);
  await expect(tablet.messages.getByRole('separator', { name: 'New' })).toBeVisible();
  await tablet.context.close();

  await bob.page.reload();
  await expectJumpedTo(bob, 20);
  await bob.page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect(bob.messages.getByText('three')).toBeInViewport();
});

test('a link into a room the user has not joined offers to join, and then shows the message', async ({
  person,
  server,
}) => {
  const ann = await person('小明', { locale: 'zh-CN' });
  await ann.page.getByRole('button', { name: '创建房间' }).click();
  await ann.page.getByRole('textbox', { name: '房间名' }).fill('茶馆');
  await ann.page.getByRole('button', { name: '创建', exact: true }).click();
  await expect(heading(ann.page, '茶馆')).toBeVisible();
  for (const text of ['水开了', '茶好了', '来吧']) await ann.say(text);
  await row(ann, 2).hover();
  await expect(row(ann, 2).getByRole('button', { name: '复制链接' })).toBeVisible();
  await ann.page.goto('/rooms/lobby/9');
  await expect(ann.connection).toHaveText('这条消息已被删除或不存在。');

  const options = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  const bob = await person('Bob', options);
  await bob.page.goto(`${server.url}/rooms/${encodeURIComponent('茶馆')}/2`);
  await bob.page.getByRole('button', { name: 'Join' }).click();
  await expectJumpedTo(bob, 2);
  await row(bob, 3).tap();
  await expect(row(bob, 3).getByRole('button', { name: 'Copy link' })).toBeVisible();
  expect(await bob.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});

test('the message buttons work for one message after another, by mouse and by touch', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  for (const text of ['one', 'two', 'three']) await ann.say(text);
  await row(bob, 3).waitFor();
  // Returns the position of the first message below the "New" separator.
  const newFrom = ({ messages }: Person) =>
    messages.evaluate((log) => {
      const all = [...log.querySelectorAll('[data-n], [role="separator"]')];
      const line = all.findIndex((it) => it.getAttribute('role') === 'separator' && it.textContent === 'New');
      return Number(all[line + 1]?.getAttribute('data-n'));
    });
  const unread = (n: number, at: Person) => row(at, n).getByRole('button', { name: 'Mark as unread' });
  for (const n of [1, 2, 3, 2, 1]) {
    await row(bob, n).tap();
    await unread(n, bob).tap();
    await expect.poll(() => newFrom(bob)).toBe(n);
  }
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  for (const n of [1, 2, 3, 2]) {
    await row(ann, n).hover();
    await row(ann, n).getByRole('button', { name: 'Copy link' }).click();
    await expect(row(ann, n).getByText('Link copied')).toBeVisible();
  }
  await row(ann, 2).hover();
  await row(ann, 2).getByRole('button', { name: 'Delete' }).click();
  await ann.page.keyboard.press('Escape');
  await row(ann, 3).hover();
  await row(ann, 3).getByRole('button', { name: 'Delete' }).click();
  await expect(ann.page.getByRole('dialog', { name: 'Delete message' })).toBeVisible();
});

test('a failed load of messages is reported and can be retried', async ({ person }) => {
  const ann = await person('Ann');
  await postLines(ann, 230);
  await ann.page.route(/around=|after=/, (route) => route.abort());
  await ann.page.goto('/rooms/lobby/40');
  await expect(ann.messages).toContainText('Couldn’t load the message.');
  await noViolations(ann.page);
  await ann.page.unroute(/around=|after=/);
  await ann.page.route(/after=/, (route) => route.abort());
  await ann.page.getByRole('button', { name: 'Try again' }).click();
  await expectJumpedTo(ann, 40);

  await ann.messages.evaluate((log) => log.scrollTo({ top: log.scrollHeight }));
  await expect(ann.messages).toContainText('Couldn’t load newer messages.');
  await expect(row(ann, 64)).toBeInViewport();
  await ann.page.unroute(/after=/);
  await ann.messages.getByRole('button', { name: 'Try again' }).click();
  await expect(row(ann, 114)).toHaveCount(1);
  await expect(row(ann, 64)).toBeInViewport();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violations after a jump to a message, ${colorScheme}`, async ({ person }) => {
    const ann = await person('Ann', { colorScheme });
    await postLines(ann, 130);
    await ann.page.goto('/rooms/lobby/40');
    await expectJumpedTo(ann, 40);
    await noViolations(ann.page);
  });
}
