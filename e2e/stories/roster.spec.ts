import { expect, test } from '../fixtures.ts';

test('closing the tab or leaving the page removes a user from the online list', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const cem = await person('Cem');
  await expect(ann.onlineList.getByRole('listitem')).toHaveCount(3);

  await bob.page.close();
  await expect(ann.onlineList.getByText('Bob')).toHaveCount(0);

  await cem.page.goto('/tea');
  await expect(cem.page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await expect(ann.onlineList.getByText('Cem')).toHaveCount(0);

  await cem.page.goBack();
  await expect(ann.onlineList).toContainText('Cem');
});

test('several tabs of a user are one entry in the online list', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const second = await bob.context.newPage();
  await second.goto('/rooms/lobby');
  await second.getByRole('textbox', { name: 'Message' }).fill('from the other tab');
  await second.getByRole('button', { name: 'Send' }).click();
  await expect(bob.messages).toContainText('from the other tab');
  await expect(ann.onlineList.getByRole('listitem')).toHaveCount(2);
});
