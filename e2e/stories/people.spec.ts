import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { composer, createOwner, newPage, onlineList, password, PASSWORD, openSettings, signIn, openSection } from '../people.ts';

test('the owner link that the server prints creates an owner account once', async ({ browser, server }) => {
  const link = await server.ownerLink;
  const ann = await newPage(browser);
  await ann.goto(link);
  await expect(ann.getByRole('heading', { name: 'Set up your server' })).toBeVisible();
  // The secret is removed from the URL and survives a reload.
  await expect(ann).toHaveURL(`${server.url}/`);
  await ann.reload();
  await ann.getByRole('textbox', { name: 'Display name' }).fill('Ann');
  await password(ann).fill('short');
  await ann.getByRole('button', { name: 'Create owner account' }).click();
  await expect(ann.getByRole('alert').filter({ hasText: 'at least 8 characters' })).toBeVisible();
  await expect(password(ann)).toBeFocused();
  await password(ann).fill('correct horse');
  await ann.keyboard.press('Enter');
  await expect(composer(ann)).toBeVisible();
  await expect(ann).toHaveURL(/\/rooms\/lobby$/);
  await ann.reload();
  await expect(onlineList(ann)).toContainText('Ann');

  const eve = await newPage(browser);
  await eve.goto(link);
  // The alert is visible before Eve fills in anything.
  await expect(eve.getByRole('alert').filter({ hasText: 'has expired or was already used' })).toBeVisible();
  // Eve can still join as a guest.
  await expect(eve.getByRole('button', { name: 'Join' })).toBeVisible();
  await Promise.all([ann, eve].map((page) => page.context().close()));
});

test('a wrong password shows an error at its field, and the right one signs in', async ({ browser, server }) => {
  const ann = await createOwner(browser, server, 'Ann');
  const phone = await newPage(browser);
  await phone.goto(server.url);
  await signIn(phone, 'Ann', 'battery staple');
  await expect(phone.getByRole('alert').filter({ hasText: 'Incorrect display name or password' })).toBeVisible();
  await expect(password(phone)).toBeFocused();
  await expect(password(phone)).toHaveAttribute('aria-invalid', 'true');
  await phone.keyboard.type('correct horse');
  await phone.keyboard.press('Enter');
  await expect(composer(phone)).toBeVisible();
  await expect(onlineList(phone).getByRole('listitem')).toHaveCount(1);
  await Promise.all([ann, phone].map((page) => page.context().close()));
});

test('a guest cannot take the name of an account', async ({ browser, server, person }) => {
  const ann = await createOwner(browser, server, 'Ann');
  const guest = await person('Ann');
  await expect(guest.onlineList).toContainText('Ann (2)');
  await ann.context().close();
});

test('a guest creates an account, signs out, and signs in again on another device', async ({ browser, person, server }) => {
  const ann = await person('Ann');
  await ann.say('before');
  const second = await ann.context.newPage();
  await second.goto('/rooms/lobby');
  await expect(second.getByRole('log')).toContainText('before');

  const dialog = await openSettings(ann, 'Account');
  await dialog.getByRole('button', { name: 'Create an account' }).click();
  await password(ann.page).fill('short');
  await ann.page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert').filter({ hasText: 'at least 8 characters' })).toBeVisible();
  await password(ann.page).fill(PASSWORD);
  await ann.page.keyboard.press('Enter');
  await expect(dialog.getByRole('status').filter({ hasText: 'Account created.' })).toBeFocused();
  await openSection(dialog, 'Security');
  await expect(dialog.getByRole('button', { name: 'Change password' })).toBeVisible();
  await ann.page.keyboard.press('Escape');

  // Both tabs are signed in as Ann and receive her message: the guest's connections were closed and reopened.
  await ann.say('after');
  for (const page of [ann.page, second]) await expect(page.getByRole('log').getByText('after', { exact: true })).toBeVisible();
  await expect(ann.onlineList.getByRole('listitem')).toHaveCount(1);
  await ann.page.reload();
  await expect(ann.messages).toContainText('after');

  await (await openSettings(ann, 'Account')).getByRole('button', { name: 'Sign out' }).click();
  await expect(ann.page.getByRole('textbox', { name: 'Display name' })).toHaveValue('');
  // The other tab is signed out too.
  await expect(second.getByRole('alert').filter({ hasText: 'been signed out' })).toBeVisible();
  await expect(second.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();

  const phone = await newPage(browser);
  await phone.goto(server.url);
  await signIn(phone, 'ann');
  await expect(phone.getByRole('log')).toContainText('after');
  await expect(onlineList(phone)).toContainText('Ann');
  await phone.context().close();
});

test('a sign-in on another device shows an alert until the user dismisses it', async ({ browser, server }) => {
  const laptop = await createOwner(browser, server, 'Ann');
  const phone = await newPage(browser);
  await phone.goto(server.url);
  await signIn(phone, 'Ann');
  await composer(phone).waitFor();
  const notice = laptop.getByRole('alert').filter({ hasText: 'signed in to your account' });
  await expect(notice).toBeVisible();
  await noViolations(laptop);
  await expect(phone.getByText('signed in to your account')).toHaveCount(0);
  await laptop.reload();
  await notice.getByRole('button', { name: 'Signed-in devices' }).click();
  const devices = laptop.getByRole('dialog').getByRole('list', { name: 'Signed-in devices' }).getByRole('listitem');
  await expect(devices).toHaveCount(2);
  await laptop.keyboard.press('Escape');
  await notice.getByRole('button', { name: 'It was me' }).click();
  await expect(notice).toHaveCount(0);
  await phone.context().close();
  await laptop.context().close();
});

test('a sign-in link signs in a phone, and the laptop signs it out again', async ({ browser, server }) => {
  const laptop = await createOwner(browser, server, 'Ann');
  let dialog = await openSettings({ page: laptop }, 'Security');
  await dialog.getByRole('button', { name: 'Sign in on another device' }).click();
  await expect(password(laptop)).toBeFocused();
  await password(laptop).fill('battery staple');
  await laptop.keyboard.press('Enter');
  await expect(dialog.getByRole('alert').filter({ hasText: 'password' })).toBeVisible();
  await expect(password(laptop)).toBeFocused();
  await noViolations(laptop);
  await password(laptop).fill(PASSWORD);
  await laptop.keyboard.press('Enter');
  await expect(dialog.getByRole('img', { name: 'Sign-in QR code' })).toBeVisible();
  await noViolations(laptop);
  const link = await dialog.getByRole('textbox', { name: 'Sign-in link' }).inputValue();
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect(dialog.getByRole('button', { name: 'Sign in on another device' })).toBeFocused();

  const options = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const phone = await newPage(browser, options);
  await phone.goto(link);
  await expect(phone).toHaveURL(`${server.url}/`);
  await expect(phone.getByText('This link signs you in as Ann.')).toBeVisible();
  await noViolations(phone);
  await phone.getByRole('button', { name: 'Sign in on this device' }).click();
  await expect(composer(phone)).toBeVisible();
  await composer(phone).fill('half a thought');

  const late = await newPage(browser, options);
  await late.goto(link);
  await expect(late.getByRole('alert').filter({ hasText: 'has expired or was already used' })).toBeVisible();

  await dialog.getByRole('button', { name: 'Signed-in devices' }).click();
  const devices = dialog.getByRole('list', { name: 'Signed-in devices' }).getByRole('listitem');
  await expect(devices).toHaveCount(2);
  await expect(devices.filter({ hasText: 'this device' })).toHaveCount(1);
  await noViolations(laptop);
  await dialog.getByRole('button', { name: /^Sign out Chrome/ }).click();
  await expect(devices).toHaveCount(1);
  await expect(phone.getByRole('alert').filter({ hasText: 'been signed out' })).toBeVisible();
  await phone.getByRole('button', { name: 'Continue as guest' }).click();
  await expect(phone.getByRole('textbox', { name: 'Display name' })).toHaveValue('');

  // No data of Ann is left on the phone for its next user.
  expect(await phone.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('snug.')))).toEqual([]);
  await phone.getByRole('textbox', { name: 'Display name' }).fill('Guest');
  await phone.getByRole('button', { name: 'Join' }).click();
  await expect(composer(phone)).toHaveValue('');
  await expect(onlineList(laptop)).toContainText('Guest');
  await laptop.reload();
  await expect(onlineList(laptop)).toContainText('Ann');
  await Promise.all([laptop, phone, late].map((page) => page.context().close()));
});

test('unsent messages of a guest are not sent under the account that signs in next', async ({
  browser,
  server,
}) => {
  const ann = await createOwner(browser, server, 'Ann');
  const eve = await newPage(browser);
  await eve.goto(server.url);
  await eve.getByRole('textbox', { name: 'Display name' }).fill('Eve');
  await eve.getByRole('button', { name: 'Join' }).click();
  await composer(eve).waitFor();
  await server.kill();
  await composer(eve).fill('written by Eve');
  await composer(eve).press('Enter');
  await expect(eve.getByRole('log')).toContainText('Waiting to reconnect…');
  // Another user takes over the browser before the message is sent, and starts on the join page.
  await eve.goto('about:blank');
  await server.start();
  await eve.goto(`${server.url}/healthz`);
  await eve.evaluate(() => localStorage.removeItem('snug.profile'));
  await eve.goto(server.url);
  await signIn(eve, 'Ann');
  await composer(eve).fill('said by Ann');
  await composer(eve).press('Enter');
  await expect(ann.getByRole('log')).toContainText('said by Ann');
  await expect(ann.getByRole('log')).not.toContainText('written by Eve');
  await Promise.all([ann, eve].map((page) => page.context().close()));
});

test('a member changes their name and their password', async ({ browser, server, person }) => {
  const ann = await createOwner(browser, server, 'Ann');
  const bob = await person('Bob');
  let dialog = await openSettings({ page: ann });
  const name = dialog.getByRole('textbox', { name: 'Display name' });
  await name.fill('Bob');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert').filter({ hasText: 'is taken' })).toBeVisible();
  await expect(name).toBeFocused();
  await name.fill('Anna');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect(bob.onlineList).toContainText('Anna');
  await expect(ann.getByRole('button', { name: 'Profile & settings' })).toContainText('Anna');

  dialog = await openSettings({ page: ann }, 'Security');
  await dialog.getByRole('button', { name: 'Change password' }).click();
  const old = dialog.getByLabel('Current password', { exact: true });
  await expect(old).toBeFocused();
  await old.fill('battery staple');
  await dialog.getByLabel('New password', { exact: true }).fill('a new password');
  await ann.keyboard.press('Enter');
  await expect(dialog.getByRole('alert').filter({ hasText: 'Incorrect display name or password' })).toBeVisible();
  await expect(old).toBeFocused();
  await old.fill(PASSWORD);
  await ann.keyboard.press('Enter');
  await expect(dialog.getByRole('status').filter({ hasText: 'Password changed' })).toBeVisible();
  const phone = await newPage(browser);
  await phone.goto(server.url);
  await signIn(phone, 'Anna', 'a new password');
  await expect(composer(phone)).toBeVisible();
  await Promise.all([ann, phone].map((page) => page.context().close()));
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violations in the sign-in and registration forms, ${colorScheme}`, async ({ browser, server, person }) => {
    const page = await newPage(browser, { colorScheme });
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('textbox', { name: 'Display name' })).toBeFocused();
    await noViolations(page);
    await page.goto(await server.ownerLink);
    await page.getByRole('button', { name: 'Create owner account' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'Enter a display name.' })).toBeVisible();
    await noViolations(page);
    const ann = await person('Ann', { colorScheme });
    const dialog = await openSettings(ann, 'Account');
    await dialog.getByRole('button', { name: 'Create an account' }).click();
    await expect(password(ann.page)).toBeFocused();
    await noViolations(ann.page);
    await page.context().close();
  });
}
