import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server } from '../server.ts';
import { expect, test } from '../fixtures.ts';

const GUEST = fileURLToPath(new URL('../../examples/guest.html', import.meta.url));

test('the example guest page in plain JavaScript can chat from an allowed origin', async ({ browser }) => {
  const otherOrigin = createServer(async (_, answer) => {
    answer.setHeader('content-type', 'text/html').end(await readFile(GUEST));
  });
  await new Promise<void>((listening) => otherOrigin.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(otherOrigin.address() as AddressInfo).port}`;
  const snug = await Server.run(['--allow-origin', origin]);
  try {
    const guest = async (name: string) => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`${origin}/?server=${snug.url.replace('http', 'ws')}/ws&name=${name}`);
      await expect(page.locator('#people')).toContainText(name);
      return page;
    };
    const ann = await guest('Ann');
    const bob = await guest('Bob');
    await expect(ann.locator('#people')).toContainText('Bob');
    await ann.getByRole('textbox', { name: 'Message' }).fill('Hello!');
    await ann.getByRole('button', { name: 'Send' }).click();
    for (const page of [ann, bob]) await expect(page.locator('#messages')).toHaveText('Ann: Hello!');
    await bob.close();
    await expect(ann.locator('#count')).toHaveText('1');
    await ann.context().close();
  } finally {
    otherOrigin.close();
    await snug.dispose();
  }
});
