// Helpers for rooms.

import type { Locator, Page } from '@playwright/test';
import { expect, type Person } from './fixtures.ts';

export const heading = (page: Page, name: string): Locator =>
  page.getByRole('heading', { level: 1, name, exact: true });

/** Creates a room. The page then shows it. */
export async function openRoom(page: Page, name: string, options: { topic?: string; isPrivate?: boolean } = {}) {
  await page.getByRole('button', { name: 'Create room' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create room' });
  await dialog.getByRole('textbox', { name: 'Room name' }).fill(name);
  if (options.topic) await dialog.getByRole('textbox', { name: 'Topic' }).fill(options.topic);
  if (options.isPrivate) await dialog.getByRole('switch', { name: 'Private' }).click();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog).toBeHidden();
  await expect(heading(page, name)).toBeVisible();
}

/** Posts `count` lines to the lobby as a guest without a page. In an empty lobby they get the positions from 1 on. */
export async function postLines({ page }: Person, count: number): Promise<void> {
  await page.evaluate(async (count) => {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    await new Promise((opened) => socket.addEventListener('open', opened));
    socket.send(JSON.stringify({ code: 'SAVE_USER_INFO', name: 'Log keeper' }));
    const posted = new Promise<void>((resolve) =>
      socket.addEventListener('message', ({ data }) => {
        if (JSON.parse(data).text === `line ${count}`) resolve();
      }),
    );
    for (let n = 1; n <= count; n++) socket.send(JSON.stringify({ code: 'RECEIVE_MESSAGE', text: `line ${n}` }));
    await posted;
    socket.close();
  }, count);
}
