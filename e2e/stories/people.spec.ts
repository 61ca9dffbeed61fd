import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { composer, found, newcomer, online, password, signIn } from '../people.ts';

test('whoever opens the link that the server has written owns the place, once', async ({ browser, server }) => {
  const link = await server.ownerLink;
  const ann = await newcomer(browser);
  await ann.goto(link);
  await expect(ann.getByRole('heading', { name: 'This place is yours' })).toBeVisible();
  // The secret does not stand in the address, and outlives a reload.
  await expect(ann).toHaveURL(`${server.url}/`);
  await ann.reload();
  await ann.getByRole('textbox', { name: 'Nickname' }).fill('Ann');
  await password(ann).fill('short');
  await ann.getByRole('button', { name: 'Found this place' }).click();
  await expect(ann.getByRole('alert').filter({ hasText: 'at least 8 characters' })).toBeVisible();
  await expect(password(ann)).toBeFocused();
  await password(ann).fill('correct horse');
  await ann.keyboard.press('Enter');
  await expect(composer(ann)).toBeVisible();
  await expect(ann).toHaveURL(/\/rooms\/lobby$/);
  await ann.reload();
  await expect(online(ann)).toContainText('Ann');

  const eve = await newcomer(browser);
  await eve.goto(link);
  await eve.getByRole('textbox', { name: 'Nickname' }).fill('Eve');
  await password(eve).fill('battery staple');
  await eve.getByRole('button', { name: 'Found this place' }).click();
  await expect(eve.getByRole('alert').filter({ hasText: 'no longer good' })).toBeVisible();
  // What is left to her is what everybody has.
  await expect(eve.getByRole('button', { name: 'Enter' })).toBeVisible();
  await Promise.all([ann, eve].map((page) => page.context().close()));
});

test('a wrong password is refused beside its field, the right one signs in', async ({ browser, server }) => {
  const ann = await found(browser, server, 'Ann');
  const phone = await newcomer(browser);
  await phone.goto(server.url);
  await signIn(phone, 'Ann', 'battery staple');
  await expect(phone.getByRole('alert').filter({ hasText: 'do not go together' })).toBeVisible();
  await expect(password(phone)).toBeFocused();
  await expect(password(phone)).toHaveAttribute('aria-invalid', 'true');
  await phone.keyboard.type('correct horse');
  await phone.keyboard.press('Enter');
  await expect(composer(phone)).toBeVisible();
  await expect(online(phone).getByRole('listitem')).toHaveCount(1);
  await Promise.all([ann, phone].map((page) => page.context().close()));
});

test('nobody else takes a name that is kept', async ({ browser, server, person }) => {
  const ann = await found(browser, server, 'Ann');
  const guest = await person('Ann');
  await expect(guest.people).toContainText('Ann (2)');
  await ann.context().close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing at the ways in, ${colorScheme}`, async ({ browser, server }) => {
    const page = await newcomer(browser, { colorScheme });
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused();
    await noViolations(page);
    await page.goto(await server.ownerLink);
    await page.getByRole('button', { name: 'Found this place' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'nickname' })).toBeVisible();
    await noViolations(page);
    await page.context().close();
  });
}
