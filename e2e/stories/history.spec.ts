import { expect, test } from '../fixtures.ts';

// The test sends three hundred lines at once, more than a server allows by default.
test.use({ serverArgs: ['--messages-burst', '500', '--frames-burst', '500'] });

test('a new user sees the newest messages, scrolls up without a jump, and sees how many are new below', async ({
  person,
}) => {
  const ann = await person('Ann');
  await ann.page.evaluate(async () => {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    await new Promise((opened) => socket.addEventListener('open', opened));
    socket.send(JSON.stringify({ code: 'SAVE_USER_INFO', name: 'Log keeper' }));
    const said = new Promise<void>((resolve) =>
      socket.addEventListener('message', ({ data }) => {
        if (JSON.parse(data).text === 'line 300') resolve();
      }),
    );
    for (let n = 1; n <= 300; n++) socket.send(JSON.stringify({ code: 'RECEIVE_MESSAGE', text: `line ${n}` }));
    await said;
    socket.close();
  });

  const bob = await person('Bob');
  const line = (n: number) => bob.messages.getByText(`line ${n}`, { exact: true });
  await expect(line(300)).toBeInViewport();
  await expect(line(200)).toHaveCount(0);

  const beginning = bob.messages.getByText('This is the start of #lobby');
  await expect(async () => {
    await bob.messages.evaluate((log) => log.scrollTo({ top: 0 }));
    await expect(beginning).toBeInViewport({ timeout: 500 });
  }).toPass();
  await expect(line(1)).toBeInViewport();

  const before = await line(1).boundingBox();
  await ann.say('new below');
  const jump = bob.page.getByRole('button', { name: '1 new' });
  await expect(jump).toBeVisible();
  expect((await line(1).boundingBox())?.y).toBe(before?.y);

  await jump.click();
  await expect(bob.messages.getByText('new below')).toBeInViewport();
  await expect(bob.messages.getByRole('separator', { name: 'New' })).toBeInViewport();
  await expect(jump).toBeHidden();
});
