// The page's program comes in two parts, of which the first has to do for the join page.

import { expect, test } from '../fixtures.ts';
import { REST, heldRest } from '../rest.ts';

test('one says one’s name while the rest is on its way, and is inside when it has come', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-US' });
  const page = await context.newPage();
  const rest = await heldRest(page);
  await page.goto('/');
  await page.getByRole('textbox', { name: 'Display name' }).fill('Ann');
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('button', { name: 'Please wait…' })).toBeVisible();
  await rest.come();
  await page.getByRole('textbox', { name: 'Message' }).fill('Here I am');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('log').getByText('Here I am')).toBeVisible();
  await context.close();
});

test('what is asked for before the rest has come is there all the same', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-US' });
  const page = await context.newPage();
  const rest = await heldRest(page);
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  await rest.come();
  await page.getByRole('button', { name: /guest/ }).click();
  await page.getByRole('textbox', { name: 'Display name' }).fill('Ann');
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
  await context.close();
});

test('the rest is fetched again when it was lost on its way', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-US' });
  const page = await context.newPage();
  let lost = 0;
  await page.route(REST, (route) => (lost++ === 0 ? route.abort() : route.continue()));
  await page.goto('/');
  await page.getByRole('textbox', { name: 'Display name' }).fill('Ann');
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
  expect(lost).toBe(2);
  await context.close();
});

test('a page whose rest the server has no more says so, and offers to load anew', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-US' });
  const page = await context.newPage();
  await page.route(REST, (route) => route.fulfill({ status: 404 }));
  await page.goto('/');
  await expect(page.getByRole('button', { name: /Reload/ })).toBeVisible();
  await page.unroute(REST);
  await page.getByRole('button', { name: /Reload/ }).click();
  await expect(page.getByRole('textbox', { name: 'Display name' })).toBeVisible();
  await context.close();
});

test('who was here before is led inside, also when the rest was lost on its way', async ({ person }) => {
  const ann = await person('Ann');
  await ann.page.reload();
  await expect(ann.composer).toBeVisible();
  let lost = 0;
  await ann.page.route(REST, (route) => (lost++ === 0 ? route.abort() : route.continue()));
  await ann.page.reload();
  await ann.say('Back again');
  await expect(ann.messages.getByText('Back again')).toBeVisible();
  expect(lost).toBe(2);
});
