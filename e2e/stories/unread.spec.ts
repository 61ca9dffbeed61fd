import { noViolations } from '../axe.ts';
import { expect, test, type Person } from '../fixtures.ts';
import type { Looks } from '../person.ts';
import { talk } from '../rooms.ts';

// Hundreds of lines by one person at once are more than a server allows by default.
test.use({ serverArgs: ['--messages-burst', '500', '--frames-burst', '500'] });

const toTheFirst = ({ page }: Person) => page.getByRole('button', { name: /^[\d+]+ unread$/ });
const toNewest = ({ page }: Person) => page.getByRole('button', { name: /^[\d+]+ new messages?$/ });
const row = ({ messages }: Person, n: number) => messages.locator(`[data-n="${n}"]`);

/** Bob has read the first message of the lobby, and was away while 180 more were said. */
async function away(person: (name: string, looks?: Looks) => Promise<Person>, looks: Looks = {}): Promise<Person> {
  const bob = await person('Bob', looks);
  const ann = await person('Ann');
  const told = new Promise<void>((resolve) =>
    bob.page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (payload.includes('"MARK_READ"')) resolve();
      }),
    ),
  );
  await bob.page.reload();
  await bob.composer.waitFor();
  await ann.say('before');
  await told;
  await bob.page.goto('about:blank');
  await talk(ann, 180);
  await bob.page.goto(new URL('/rooms/lobby', ann.page.url()).href);
  await expect(bob.messages).toContainText('line 180');
  return bob;
}

test('more than a page is new: nothing of it is read before one has come by it, and a button leads to the first', async ({
  person,
}) => {
  const bob = await away(person);
  await expect(toTheFirst(bob)).toHaveText('99+ unread');
  await expect(bob.messages.getByText('New', { exact: true })).toHaveCount(0);
  await noViolations(bob.page);
  await toTheFirst(bob).click();
  await expect(row(bob, 2)).toBeInViewport();
  await expect(bob.messages.getByText('New', { exact: true })).toBeInViewport();
  await expect(toTheFirst(bob)).toHaveCount(0);

  // At the newest again, what is between has still not been seen, and a reload changes nothing about it.
  await toNewest(bob).click();
  await expect(bob.messages.getByText('line 180')).toBeInViewport();
  await expect(toTheFirst(bob)).toBeVisible();
  await bob.page.reload();
  await expect(toTheFirst(bob)).toBeVisible();

  // Read from the newest up to where one was.
  const log = bob.messages;
  await expect
    .poll(async () => {
      await log.evaluate((it) => it.scrollTo({ top: 0 }));
      return bob.messages.getByText('before', { exact: true }).count();
    })
    .toBe(1);
  await expect(toTheFirst(bob)).toHaveCount(0);
  await toNewest(bob).click();
  await expect(bob.messages.getByText('line 180')).toBeInViewport();
  const laptop = await bob.elsewhere(bob.page.context().browser()!);
  await expect(laptop.messages).toContainText('line 180');
  await expect(toTheFirst(laptop)).toHaveCount(0);
  await laptop.context.close();
});

test('on a Chinese phone what one does not want to read is marked as read', async ({ person }) => {
  const looks = { locale: 'zh-CN', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  const bob = await away(person, looks);
  const first = bob.page.getByRole('button', { name: '99+ 条未读' });
  await expect(first).toBeVisible();
  await bob.page.getByRole('button', { name: '标为已读' }).click();
  await expect(first).toHaveCount(0);
  await bob.page.reload();
  await expect(bob.messages).toContainText('line 180');
  await expect(first).toHaveCount(0);
});
