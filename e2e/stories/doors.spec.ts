import { expect, test } from '../fixtures.ts';

test.use({ serverArgs: ['--admissions-per-second', '2', '--admissions-burst', '1'] });

test('users are admitted one by one, and all are back after a restart', async ({ person, server }) => {
  const names = ['Ann', 'Bob', 'Cem'];
  const people = await Promise.all(names.map((name) => person(name)));
  const expectAllOnline = async () => {
    for (const { onlineList: list } of people) {
      for (const name of names) await expect(list).toContainText(name);
    }
  };
  await expectAllOnline();
  await server.stop();
  await people[0]!.say('said while nobody was there');
  await server.start();
  await expectAllOnline();
  for (const { messages } of people) {
    await expect(messages.getByText('said while nobody was there', { exact: true })).toHaveCount(1);
  }
});
