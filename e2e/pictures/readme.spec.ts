// Takes the screenshots for README: `npx playwright test -c pictures.config.ts` writes them to docs/.

import { expect, test } from '../fixtures.ts';
import { composer, createOwner, openSettings } from '../people.ts';
import { openRoom } from '../rooms.ts';

const DOCS = new URL('../../docs/', import.meta.url).pathname;

test('the room, light and dark, in English and Chinese, on a desktop and on a phone', async ({ browser, person, server }) => {
  const olga = await createOwner(browser, server, 'Olga');
  await olga.setViewportSize({ width: 1360, height: 860 });
  await olga.emulateMedia({ reducedMotion: 'reduce' });
  const bob = await person('Bob');
  const ravi = await person('Ravi');
  const mei = await person('小美');

  await openRoom(olga, 'den', { isPrivate: true });
  await openRoom(olga, 'design', { topic: 'Colours, type, and where the lamp goes' });
  await olga.goto(`${server.url}/rooms/lobby`);
  await ravi.page.goto('/rooms/design');
  await ravi.page.getByRole('button', { name: 'Join' }).click();
  await ravi.say('@Olga the new lamp is in the folder');
  await ravi.page.goto('/rooms/lobby');
  await ravi.composer.waitFor();
  const dialog = await openSettings(ravi);
  await dialog.getByRole('button', { name: '🎯 Focusing' }).click();
  await ravi.page.keyboard.press('Escape');
  await ravi.page.getByRole('button', { name: /Message Olga/ }).click();
  await ravi.composer.waitFor();
  await ravi.say('Do you have a minute?');
  await ravi.page.goto('/rooms/lobby');
  await olga.goto(`${server.url}/rooms/lobby`);
  await composer(olga).waitFor();

  const say = async (text: string) => {
    await composer(olga).fill(text);
    await composer(olga).press('Enter');
    await expect(olga.getByRole('article').last()).toHaveAttribute('data-n', /\d+/);
  };
  await say('Good morning! The new kettle has arrived ☕');
  await bob.say('At last. Green or white?');
  await say('Green, of course. It is in the kitchen, next to the window.');
  await mei.say('太好了！我带了茶叶过来。');
  await ravi.say('@Olga can we move the standup to 10:30? The train is late again.');
  await say('Sure. I will tell the others:\n• standup at 10:30\n• demo stays at noon\n• notes are at https://example.org/notes');
  await bob.say('👍');
  await olga.getByRole('button', { name: 'Not now' }).click();
  await olga.mouse.move(680, 30);
  await mei.composer.pressSequentially('好');
  await expect(olga.getByText('is typing')).toBeVisible();
  await composer(olga).focus();
  await olga.screenshot({ path: `${DOCS}room-light.png` });

  await olga.setViewportSize({ width: 390, height: 780 });
  await mei.composer.pressSequentially('的');
  await expect(olga.getByText('is typing')).toBeVisible();
  await olga.screenshot({ path: `${DOCS}phone.png` });

  await olga.setViewportSize({ width: 1360, height: 860 });
  const choices = await openSettings({ page: olga }, 'Appearance & language');
  await choices.getByText('Dark', { exact: true }).click();
  await choices.getByText('简体中文', { exact: true }).click();
  await olga.keyboard.press('Escape');
  await olga.getByRole('textbox', { name: '消息', exact: true }).focus();
  await olga.mouse.move(680, 30);
  await mei.composer.pressSequentially('！');
  await expect(olga.getByText('正在输入')).toBeVisible();
  await olga.screenshot({ path: `${DOCS}room-dark.png` });
  await olga.context().close();
});
