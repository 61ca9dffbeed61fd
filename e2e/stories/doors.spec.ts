import { expect, test } from '../fixtures.ts';

test.use({ serverArgs: ['--admissions-per-second', '2', '--admissions-burst', '1'] });

test('people come in one by one, and are all back after a restart', async ({ person, server }) => {
  const names = ['Ann', 'Bob', 'Cem'];
  const people = await Promise.all(names.map((name) => person(name)));
  const everybodySeesEverybody = async () => {
    for (const { people: list } of people) {
      for (const name of names) await expect(list).toContainText(name);
    }
  };
  await everybodySeesEverybody();
  await server.stop();
  await people[0]!.say('said while nobody was there');
  await server.start();
  await everybodySeesEverybody();
  for (const { messages } of people) {
    await expect(messages.getByText('said while nobody was there', { exact: true })).toHaveCount(1);
  }
});
