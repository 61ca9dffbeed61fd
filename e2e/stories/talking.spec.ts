import { expect, test } from '../fixtures.ts';

test('two users chat, and both see the same messages in the same order', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  await expect(ann.onlineList).toContainText('Bob');
  await expect(bob.onlineList).toContainText('Ann');

  await ann.say('Is the kettle on?');
  await expect(bob.messages).toContainText('Is the kettle on?');
  await bob.say('It sings already.');

  for (const reader of [ann, bob]) {
    await expect(reader.messages).toContainText(/Is the kettle on\?[\s\S]*It sings already\./);
  }
});

test('Enter sends a message, on a touch screen it adds a line, and the focus stays in the composer', async ({ person }) => {
  const ann = await person('Ann');
  await ann.composer.fill('with Enter');
  await ann.composer.press('Enter');
  await expect(ann.messages).toContainText('with Enter');
  for (const key of ['Enter', 'Space']) {
    await ann.composer.fill(`with the button and ${key}`);
    await ann.composer.press('Tab');
    await expect(ann.page.getByRole('button', { name: 'Send' })).toBeFocused();
    await ann.page.keyboard.press(key);
    await expect(ann.messages).toContainText(`with the button and ${key}`);
    await expect(ann.composer).toBeFocused();
  }

  const bob = await person('Bob', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await bob.composer.fill('one line');
  await bob.composer.press('Enter');
  await bob.page.keyboard.type('and another');
  await expect(bob.composer).toHaveValue('one line\nand another');
  await bob.composer.press('Control+Enter');
  await expect(ann.messages.getByText('one line\nand another')).toBeVisible();
  await expect(bob.composer).toHaveValue('');
});

test('copying messages copies only their text', async ({ person }) => {
  const ann = await person('Ann');
  for (const text of ['first words', 'second words', 'third words']) await ann.say(text);
  await expect(ann.messages.getByText('Sending…')).toHaveCount(0);
  const selected = await ann.messages.evaluate((log) => {
    const words = [...log.querySelectorAll('.words')];
    const range = document.createRange();
    range.setStart(words[0]!.firstChild!, 0);
    range.setEndAfter(words.at(-1)!.firstChild!);
    getSelection()!.removeAllRanges();
    getSelection()!.addRange(range);
    return getSelection()!.toString();
  });
  expect(selected).toBe('first words\nsecond words\nthird words');
});

test('mentions and links in all scripts are recognized', async ({ person }) => {
  const ann = await person('José');
  const bob = await person('Bob');
  await bob.say('Jose\u0301? @jose\u0301, @JOSE\u0301: see https://münchen.de/plan，and https://example.org#a');
  await expect(bob.messages.locator('.mention')).toHaveText(['@josé', '@JOSÉ']);
  await expect(ann.messages.locator('.mention.me')).toHaveCount(2);
  await expect(bob.messages.locator('.words a')).toHaveText(['https://münchen.de/plan', 'https://example.org#a']);
  await bob.say('npm i @josé/maps-api and @here.com, from https://bank.example@evil.example/');
  await expect(ann.messages).toContainText('npm i');
  await expect(ann.messages.locator('.mention')).toHaveCount(2);
  await expect(ann.messages.locator('.words a')).toHaveCount(2);
});
