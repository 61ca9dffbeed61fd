import { expect, test } from '../fixtures.ts';

test('two people talk, and both read the same words in the same order', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await expect(ann.people).toContainText('Bob');
  await expect(bob.people).toContainText('Ann');

  await ann.say('Is the kettle on?');
  await expect(bob.messages).toContainText('Is the kettle on?');
  await bob.say('It sings already.');

  for (const reader of [ann, bob]) {
    await expect(reader.messages).toContainText(/Is the kettle on\?[\s\S]*It sings already\./);
  }
});
