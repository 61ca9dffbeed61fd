import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { composer, found, newcomer, password, PASSWORD, settings, signIn, turnTo } from '../people.ts';

const MENU = 'Profile & settings';

test('what is preferred on one device holds on the others, open or yet to be signed in', async ({ browser, server }) => {
  const laptop = await found(browser, server, 'Ann');
  const phone = await newcomer(browser, { baseURL: server.url });
  await phone.goto('/');
  await signIn(phone, 'Ann');
  await composer(phone).waitFor();
  const [onLaptop, onPhone] = [laptop, phone].map((page) => page.locator('html'));

  // Both are looked at: nobody turns to the other one.
  const dialog = await settings({ page: laptop }, 'Appearance & language');
  await dialog.getByText('Dark', { exact: true }).click();
  await expect(onPhone!).toHaveAttribute('data-theme', 'dark');
  await dialog.getByText('简体中文').click();
  await expect(phone.getByRole('button', { name: '个人资料与设置' })).toBeVisible();
  await phone.getByRole('button', { name: '个人资料与设置' }).click();
  await phone.getByRole('dialog').getByRole('button', { name: '外观与语言' }).click();
  await phone.getByRole('dialog').getByText('浅色', { exact: true }).click();
  await expect(onLaptop!).toHaveAttribute('data-theme', 'light');

  // A browser that speaks English, and was here as a guest.
  const tablet = await newcomer(browser, { baseURL: server.url });
  await tablet.goto('/');
  await tablet.getByText('Dark', { exact: true }).click();
  await signIn(tablet, 'Ann');
  await expect(tablet.getByRole('button', { name: '个人资料与设置' })).toBeVisible();
  await expect(tablet.locator('html')).toHaveAttribute('data-theme', 'light');

  // What was chosen without a network is told when there is one.
  await tablet.context().setOffline(true);
  await tablet.getByRole('button', { name: '个人资料与设置' }).click();
  await tablet.getByRole('dialog').getByRole('button', { name: '外观与语言' }).click();
  await tablet.getByRole('dialog').getByText('English').click();
  await expect(tablet.getByRole('dialog', { name: MENU })).toBeVisible();
  await tablet.context().setOffline(false);
  await expect(phone.getByRole('dialog', { name: MENU })).toBeVisible();
  await tablet.reload();
  await expect(tablet.getByRole('button', { name: MENU })).toBeVisible();
  await noViolations(tablet);
  await Promise.all([laptop, phone, tablet].map((page) => page.context().close()));
});

test('a guest takes their preferences along when they create an account', async ({ browser, person, server }) => {
  const ann = await person('Ann');
  const dialog = await settings(ann, 'Appearance & language');
  await dialog.getByText('Dark', { exact: true }).click();
  await turnTo(dialog, 'Account');
  await dialog.getByRole('button', { name: 'Create an account' }).click();
  await password(ann.page).fill(PASSWORD);
  await ann.page.keyboard.press('Enter');
  await expect(dialog.getByRole('status').filter({ hasText: 'Account created.' })).toBeFocused();
  await expect(ann.page.locator('html')).toHaveAttribute('data-theme', 'dark');

  const phone = await newcomer(browser, { baseURL: server.url });
  await phone.goto('/');
  await signIn(phone, 'Ann');
  await expect(phone.locator('html')).toHaveAttribute('data-theme', 'dark');
  await phone.context().close();
});

test('the settings are one below the other, and the list says which of them one looks at', async ({ person }) => {
  const ann = await person('Ann');
  const dialog = await settings(ann, 'Profile');
  const current = dialog.locator('nav [aria-current]');
  await expect(current).toHaveText('Profile');
  const heading = (name: string) => dialog.getByRole('heading', { level: 2, name, exact: true });
  await heading('Appearance & language').scrollIntoViewIfNeeded();
  await heading('Appearance & language').hover();
  await ann.page.mouse.wheel(0, 10_000);
  await expect(current).toHaveText('Account');
  await turnTo(dialog, 'Notifications');
  await expect(current).toHaveText('Notifications');
  // What is typed in one of them is still there, and asked about.
  await dialog.getByRole('textbox', { name: 'Status' }).fill('On a boat');
  await turnTo(dialog, 'Account');
  await ann.page.keyboard.press('Escape');
  await expect(dialog).toContainText('Discard changes?');
  await dialog.getByRole('button', { name: 'Keep editing' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Status' })).toHaveValue('On a boat');
});
