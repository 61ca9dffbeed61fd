import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';
import type { PersonOptions } from '../person.ts';
import { postLines } from '../rooms.ts';

// The tests send hundreds of lines at once, more than a server allows by default.
test.use({ serverArgs: ['--messages-burst', '500', '--frames-burst', '500'] });

const jumpToUnread = ({ page }: Person) => page.getByRole('button', { name: /^[\d+]+ unread$/ });
const jumpToLatest = ({ page }: Person) => page.getByRole('button', { name: /^[\d+]+ new messages?$/ });
const row = ({ messages }: Person, n: number) => messages.locator(`[data-n="${n}"]`);

/** Opens the lobby as Bob, who has read its first message and was offline for the next 180. */
async function openWithUnread(
  person: (name: string, options?: PersonOptions) => Promise<Person>,
  options: PersonOptions = {},
): Promise<Person> {
  const bob = await person('Bob', options);
  const ann = await person('Ann');
  const markedRead = new Promise<void>((resolve) =>
    bob.page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (payload.includes('"MARK_READ"')) resolve();
      }),
    ),
  );
  await bob.page.reload();
  await bob.composer.waitFor();
  await ann.say('before');
  await markedRead;
  await bob.page.goto('about:blank');
  await postLines(ann, 180);
  await bob.page.goto(new URL('/rooms/lobby', ann.page.url()).href);
  await expect(bob.messages).toContainText('line 180');
  return bob;
}

test('of many unread messages only those in view are marked as read, and a button jumps to the first', async ({
  person,
}) => {
  const bob = await openWithUnread(person);
  await expect(jumpToUnread(bob)).toHaveText('99+ unread');
  await expect(bob.messages.getByText('New', { exact: true })).toHaveCount(0);
  await noViolations(bob.page);
  await jumpToUnread(bob).click();
  await expect(row(bob, 2)).toBeInViewport();
  await expect(bob.messages.getByText('New', { exact: true })).toBeInViewport();
  await expect(jumpToUnread(bob)).toHaveCount(0);

  // Back at the newest, the messages in between are still unread, also after a reload.
  await jumpToLatest(bob).click();
  await expect(bob.messages.getByText('line 180')).toBeInViewport();
  await expect(jumpToUnread(bob)).toBeVisible();
  await bob.page.reload();
  await expect(jumpToUnread(bob)).toBeVisible();

  // Scroll up from the newest to the last read message.
  const log = bob.messages;
  await expect
    .poll(async () => {
      await log.evaluate((it) => it.scrollTo({ top: 0 }));
      return bob.messages.getByText('before', { exact: true }).count();
    })
    .toBe(1);
  await expect(jumpToUnread(bob)).toHaveCount(0);
  await jumpToLatest(bob).click();
  await expect(bob.messages.getByText('line 180')).toBeInViewport();
  const laptop = await bob.onAnotherDevice(bob.page.context().browser()!);
  await expect(laptop.messages).toContainText('line 180');
  await expect(jumpToUnread(laptop)).toHaveCount(0);
  await laptop.context.close();
});

test('on a Chinese phone unread messages can be marked as read', async ({ person }) => {
  const options = { locale: 'zh-CN', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  const bob = await openWithUnread(person, options);
  const first = bob.page.getByRole('button', { name: '99+ 条未读' });
  await expect(first).toBeVisible();
  await bob.page.getByRole('button', { name: '标为已读' }).click();
  await expect(first).toHaveCount(0);
  await bob.page.reload();
  await expect(bob.messages).toContainText('line 180');
  await expect(first).toHaveCount(0);
});
