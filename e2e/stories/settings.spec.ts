import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { composer, createOwner, newPage, password, PASSWORD, openSettings, signIn, openSection } from '../people.ts';

const MENU = 'Profile & settings';

test('preferences set on one device apply on the user’s other devices, open or signed in later', async ({ browser, server }) => {
  const laptop = await createOwner(browser, server, 'Ann');
  const phone = await newPage(browser, { baseURL: server.url });
  await phone.goto('/');
  await signIn(phone, 'Ann');
  await composer(phone).waitFor();
  const [onLaptop, onPhone] = [laptop, phone].map((page) => page.locator('html'));

  // Both pages are visible, so the change must arrive without switching to the page.
  const dialog = await openSettings({ page: laptop }, 'Appearance & language');
  await dialog.getByText('Dark', { exact: true }).click();
  await expect(onPhone!).toHaveAttribute('data-theme', 'dark');
  await dialog.getByText('简体中文').click();
  await expect(phone.getByRole('button', { name: '个人资料与设置' })).toBeVisible();
  await phone.getByRole('button', { name: '个人资料与设置' }).click();
  await phone.getByRole('dialog').getByRole('button', { name: '外观与语言' }).click();
  await phone.getByRole('dialog').getByText('浅色', { exact: true }).click();
  await expect(onLaptop!).toHaveAttribute('data-theme', 'light');

  // An English browser with preferences set before signing in.
  const tablet = await newPage(browser, { baseURL: server.url });
  await tablet.goto('/');
  await tablet.getByText('Dark', { exact: true }).click();
  await signIn(tablet, 'Ann');
  await expect(tablet.getByRole('button', { name: '个人资料与设置' })).toBeVisible();
  await expect(tablet.locator('html')).toHaveAttribute('data-theme', 'light');

  // A preference chosen offline is sent after reconnecting.
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

test('a guest keeps their preferences when they create an account', async ({ browser, person, server }) => {
  const ann = await person('Ann');
  const dialog = await openSettings(ann, 'Appearance & language');
  await dialog.getByText('Dark', { exact: true }).click();
  await openSection(dialog, 'Account');
  await dialog.getByRole('button', { name: 'Create an account' }).click();
  await password(ann.page).fill(PASSWORD);
  await ann.page.keyboard.press('Enter');
  await expect(dialog.getByRole('status').filter({ hasText: 'Account created.' })).toBeFocused();
  await expect(ann.page.locator('html')).toHaveAttribute('data-theme', 'dark');

  const phone = await newPage(browser, { baseURL: server.url });
  await phone.goto('/');
  await signIn(phone, 'Ann');
  await expect(phone.locator('html')).toHaveAttribute('data-theme', 'dark');
  await phone.context().close();
});

test('the settings sections form one scrollable page, and the navigation marks the visible section', async ({ person }) => {
  const ann = await person('Ann');
  const dialog = await openSettings(ann, 'Profile');
  const current = dialog.locator('nav [aria-current]');
  await expect(current).toHaveText('Profile');
  const heading = (name: string) => dialog.getByRole('heading', { level: 2, name, exact: true });
  await heading('Appearance & language').scrollIntoViewIfNeeded();
  await heading('Appearance & language').hover();
  await ann.page.mouse.wheel(0, 10_000);
  await expect(current).toHaveText('Account');
  await openSection(dialog, 'Notifications');
  await expect(current).toHaveText('Notifications');
  // Input in one section is kept, and closing asks about it.
  await dialog.getByRole('textbox', { name: 'Status' }).fill('On a boat');
  await openSection(dialog, 'Account');
  await ann.page.keyboard.press('Escape');
  await expect(dialog).toContainText('Discard changes?');
  await dialog.getByRole('button', { name: 'Keep editing' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Status' })).toHaveValue('On a boat');
});
