import { expect, test } from '../fixtures.ts';

test('after reconnecting, messages written offline are sent once and in order, and missed messages appear', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await expect(bob.onlineList).toContainText('Ann');
  // Playwright's offline mode does not close an open socket. Hiding and showing the page does.
  await ann.context.setOffline(true);
  await ann.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await ann.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await expect(ann.connection).toContainText(/offline|reconnecting/i);

  for (const text of ['one', 'two', 'three']) await ann.say(text);
  await bob.say('meanwhile');
  await expect(ann.messages.getByText('Waiting to reconnect…')).toHaveCount(3);
  await ann.context.setOffline(false);

  for (const reader of [ann, bob]) {
    await expect(reader.messages).toContainText(/meanwhile[\s\S]*one[\s\S]*two[\s\S]*three/);
    for (const text of ['meanwhile', 'one', 'two', 'three']) {
      await expect(reader.messages.getByText(text, { exact: true })).toHaveCount(1);
    }
  }
  await expect(ann.connection).toHaveText('');
});
