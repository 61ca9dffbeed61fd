import { expect, test } from '../fixtures.ts';

test('closing a tab and leaving the room empty the roster', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const cem = await person('Cem');
  await expect(ann.people.getByRole('listitem')).toHaveCount(3);

  await bob.page.close();
  await expect(ann.people.getByText('Bob')).toHaveCount(0);

  await cem.page.goto('/tea');
  await expect(cem.page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await expect(ann.people.getByText('Cem')).toHaveCount(0);

  await cem.page.goBack();
  await expect(ann.people).toContainText('Cem');
});

test('three tabs are one person', async ({ person }) => {
  const ann = await person('Ann');
  const bob = await person('Bob');
  const second = await bob.context.newPage();
  await second.goto('/rooms/lobby');
  await second.getByRole('textbox', { name: 'Message' }).fill('from the other tab');
  await second.getByRole('button', { name: 'Send' }).click();
  await expect(bob.messages).toContainText('from the other tab');
  await expect(ann.people.getByRole('listitem')).toHaveCount(2);
});
