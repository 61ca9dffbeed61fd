import { expect, test } from '../fixtures.ts';

test('after a crash and restart of the server, open pages reconnect without a reload', async ({ person, server }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await ann.say('before');
  await expect(bob.messages).toContainText('before');

  await server.kill();
  for (const text of ['first', 'second', 'third']) await ann.say(text);
  await expect(ann.messages.getByText('Waiting to reconnect…')).toHaveCount(3);
  await bob.say('from the other side');
  await server.start();

  for (const reader of [ann, bob]) {
    await expect(reader.messages).toContainText(/before[\s\S]*first[\s\S]*second[\s\S]*third/);
    await expect(reader.messages).toContainText('from the other side');
    await expect(reader.messages.getByText('Waiting to reconnect…')).toHaveCount(0);
    for (const text of ['before', 'first', 'second', 'third', 'from the other side']) {
      await expect(reader.messages.getByText(text, { exact: true })).toHaveCount(1);
    }
  }
  await expect(ann.onlineList).toContainText('Bob');
});

test('a message written during an outage survives a reload and is sent once', async ({ person, server }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  // An open page works without the server, but a reload needs it. The message waits in the browser's storage.
  await server.kill();
  await ann.say('written in the tunnel');
  await expect(ann.messages).toContainText('Waiting to reconnect…');
  await server.start();
  await ann.page.reload();
  for (const reader of [ann, bob]) {
    await expect(reader.messages.getByText('written in the tunnel', { exact: true })).toHaveCount(1);
  }
});

test('a reload keeps the identity, the history and the draft', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await ann.say('Is the kettle on?');
  await expect(bob.messages).toContainText('Is the kettle on?');
  await ann.composer.fill('It sings alre');
  await ann.page.reload();
  await expect(ann.composer).toHaveValue('It sings alre');
  await expect(ann.messages).toContainText('Is the kettle on?');
  await expect(ann.onlineList.getByRole('listitem').filter({ hasText: 'Ann' })).toContainText('you');
  await expect(ann.onlineList.getByRole('listitem')).toHaveCount(2);
});
