// The connection status names the cause of a problem.

import type { Page, WebSocketRoute } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';

const GATE = '<!doctype html><title>Sign in</title><p>Sign in to go on.';

/** Hides and shows the page, which closes its socket and opens a new one. */
async function reconnect(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
}

test('the connection status distinguishes blocked WebSockets from an unreachable server', async ({ person }) => {
  const ann = await person('Ann');
  await ann.page.routeWebSocket(/\/ws$/, (socket) => socket.onMessage(() => void socket.close({ code: 4999 })));
  await reconnect(ann.page);
  await expect(ann.connection).toContainText('is blocking WebSockets');
  await expect(ann.connection.getByRole('button', { name: 'Retry now' })).toBeVisible();
  await noViolations(ann.page);
});

test('the connection status reports an unreachable server', async ({ person, server }) => {
  const ann = await person('Ann');
  await server.kill();
  await expect(ann.connection).toContainText('Couldn’t reach the server.');
});

for (const [what, status, headers] of [
  ['redirects to its page', 302, { location: 'https://login.example/' }],
  ['answers with its page', 200, { 'content-type': 'text/html' }],
  ['refuses', 401, { 'content-type': 'text/html' }],
] as const) {
  test(`a gateway that ${what} is reported, and the page offers to reload`, async ({ person }) => {
    const ann = await person('Ann');
    await ann.composer.fill('half a thought');
    await ann.page.route('**/api/**', (route) => route.fulfill({ status, headers, body: GATE }));
    await reconnect(ann.page);
    await expect(ann.connection).toContainText('A sign-in page or a firewall is blocking Snug.');
    const loaded = ann.page.waitForEvent('load');
    await ann.connection.getByRole('button', { name: 'Reload' }).click();
    await loaded;
    await ann.page.unrouteAll();
    await expect(ann.connection).toHaveText('');
    await expect(ann.composer).toHaveValue('half a thought');
  });
}

test('a new server version is announced once, and the draft is kept', async ({ person }) => {
  const ann = await person('Ann');
  await expect(ann.page.getByText('A new version of Snug is available.')).toHaveCount(0);
  await ann.composer.fill('half a thought');
  const sockets: WebSocketRoute[] = [];
  await ann.page.routeWebSocket(/\/ws$/, (socket) => {
    sockets.push(socket);
    const server = socket.connectToServer();
    server.onMessage((frame) => socket.send(String(frame).replace(/"version":"[^"]*"/, '"version":"99.0.0"')));
  });
  await reconnect(ann.page);
  const offer = ann.page.locator('section', { hasText: 'A new version of Snug is available.' });
  await expect(offer).toBeVisible();
  await noViolations(ann.page);
  await offer.getByRole('button', { name: 'Not now' }).click();
  await expect(offer).toHaveCount(0);
  await reconnect(ann.page);
  await expect.poll(() => sockets.length).toBe(2);
  await expect(ann.connection).toHaveText('');
  await expect(offer).toHaveCount(0);
  await expect(ann.composer).toHaveValue('half a thought');
});
