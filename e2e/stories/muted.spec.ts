// A muted user sends refused messages again by hand: nothing is posted automatically when the mute ends.

import type { Locator } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { openPerson } from '../admin.ts';
import { composer, createOwner } from '../people.ts';

async function mute(dialog: Locator): Promise<void> {
  await dialog.getByRole('group', { name: 'Mute' }).getByRole('button', { name: '1 hour' }).click();
  await expect(dialog.getByRole('status')).toContainText('muted until');
}

const unmute = (dialog: Locator) => dialog.getByRole('button', { name: 'Unmute' }).click();

test('after a mute, unsent messages are posted only when sent again by hand', async ({ browser, person, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  const dialog = await openPerson(ann, 'Bob');
  await bob.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  for (const text of ['angry', 'angrier']) await bob.say(text);
  await expect(bob.messages.getByText('Waiting to reconnect…')).toHaveCount(2);
  await mute(dialog);
  await bob.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));

  const refused = bob.messages.getByText(/Not sent\. You’re muted until \d/);
  await expect(refused).toHaveCount(2);
  await expect(bob.page.getByText(/^You’re muted until .* You can read/)).toBeVisible();
  await expect(bob.composer).toHaveCount(0);
  await expect(bob.messages.getByRole('button', { name: 'Send again' })).toHaveCount(0);
  await noViolations(bob.page);
  await bob.messages.getByRole('button', { name: 'Delete', exact: true }).first().click();
  await expect(refused).toHaveCount(1);
  await bob.page.reload();
  await expect(refused).toHaveCount(1);

  await unmute(dialog);
  await expect(bob.composer).toBeVisible();
  await expect(bob.messages.getByText('Not sent. You were muted.')).toBeVisible();
  await bob.page.reload();
  await bob.say('calm');
  await expect(ann.getByRole('log')).toContainText('calm');
  await expect(ann.getByRole('log')).not.toContainText('angr');
  await bob.messages.getByRole('button', { name: 'Send again' }).click();
  await expect(ann.getByRole('log')).toContainText('angrier');
  await ann.context().close();
});

test('a mute replaces the composer with a notice, and the draft is back when it ends', async ({ browser, person, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  await bob.composer.fill('half a thought');
  const dialog = await openPerson(ann, 'Bob');
  await mute(dialog);
  await expect(bob.page.getByText(/^You’re muted until/)).toBeVisible();
  await unmute(dialog);
  await expect(bob.composer).toHaveValue('half a thought');
  await ann.context().close();
});

test('in slow mode a message waits to be sent, and can be deleted meanwhile', async ({ browser, person, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  await ann.getByRole('heading', { level: 1, name: 'lobby' }).getByRole('button').click();
  await ann.getByRole('dialog').getByRole('combobox', { name: 'Slow mode' }).selectOption('5 min');
  const bob = await person('Bob');
  await expect(bob.connection).toContainText('Slow');
  await bob.say('one');
  await expect(bob.messages.locator('[data-n]')).toContainText('one');
  for (const text of ['two', 'three']) await bob.say(text);
  await expect(bob.messages.getByText(/Slow mode: sends in \d:\d\d/)).toBeVisible();
  await expect(bob.messages.getByText('Slow mode: sends after the message above')).toBeVisible();
  await bob.messages.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(bob.messages.getByText('two', { exact: true })).toHaveCount(0);
  await expect(bob.messages.getByText(/Slow mode: sends in/)).toHaveCount(1);
  await ann.getByRole('dialog').getByRole('combobox', { name: 'Slow mode' }).selectOption('Off');
  await expect(bob.messages.locator('[data-n]')).toContainText(['one', 'three']);
  await expect(composer(ann)).toBeVisible();
  await ann.context().close();
});
