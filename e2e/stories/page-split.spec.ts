// The page's program loads in two parts. The first part must suffice for the join page.

import { expect, test } from '../fixtures.ts';
import { REST, holdRest } from '../rest.ts';

test('a guest can enter a name before the second part has loaded, and joins once it has', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-US' });
  const page = await context.newPage();
  const rest = await holdRest(page);
  await page.goto('/');
  await page.getByRole('textbox', { name: 'Display name' }).fill('Ann');
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('button', { name: 'Please wait…' })).toBeVisible();
  await rest.release();
  await page.getByRole('textbox', { name: 'Message' }).fill('Here I am');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('log').getByText('Here I am')).toBeVisible();
  await context.close();
});

test('the sign-in form opened before the second part has loaded works', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-US' });
  const page = await context.newPage();
  const rest = await holdRest(page);
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  await rest.release();
  await page.getByRole('button', { name: /guest/ }).click();
  await page.getByRole('textbox', { name: 'Display name' }).fill('Ann');
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
  await context.close();
});

test('the page retries a failed download of the second part', async ({ browser, server }) => {
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

test('a page whose second part is no longer on the server offers to reload', async ({ browser, server }) => {
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

test('a returning user enters the room, also after a failed download of the second part', async ({ person }) => {
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
