// Measures the page on a slow machine: Chromium throttles the main thread to a quarter of its speed. bench/README.md explains
// the results in bench/results/page.md.

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { expect, test, type Person } from '../fixtures.ts';

const SLOWER = 4;
const VISITS = 7;
const MESSAGES = 100_000;
const PER_SECOND = 50;
const SECONDS = 10;
/** The duration of a frame at 60 Hz, in milliseconds. */
const FRAME = 16;
const RESULTS = fileURLToPath(new URL('../../bench/results/page.md', import.meta.url));

const lots = String(MESSAGES * 2);
test.use({
  serverArgs: ['--messages-per-second', lots, '--messages-burst', lots, '--frames-per-second', lots, '--frames-burst', lots,
    '--guest-bytes-burst', '1GiB', '--network-bytes-burst', '1GiB', '--guest-bytes-per-day', '1GiB', '--network-bytes-per-day', '1GiB'],
});

const quantile = (all: number[], part: number): number => {
  const sorted = all.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
};
const ms = (time: number): string => `${time.toFixed(time < 100 ? 1 : 0)} ms`;

async function throttle(page: Page): Promise<void> {
  const browser = await page.context().newCDPSession(page);
  await browser.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
}

type Visit = { paint: number; type: number };

/** Opens the page in a new tab. Measures the first paint and the first frame that has a text field. */
async function visit(context: BrowserContext, url: string, path: string): Promise<Visit> {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const look = () => {
      if (document.querySelector('#app input, #app textarea')) performance.mark('field');
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  // Makes the browser start its process for this site before the measurement begins.
  await page.goto(`${url}/push-worker.js`);
  await throttle(page);
  await page.goto(url + path);
  await page.waitForFunction(() => performance.getEntriesByName('field').length > 0);
  const visit = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    type: performance.getEntriesByName('field')[0]?.startTime ?? Number.NaN,
  }));
  await page.close();
  return visit;
}

/** Connects a guest without the Snug page. Their socket is in a process that is not throttled. */
async function connectGuest(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${url}/push-worker.js`);
  await page.evaluate(async () => {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    await new Promise((opened) => socket.addEventListener('open', opened));
    socket.send(JSON.stringify({ code: 'SAVE_USER_INFO', name: 'Log keeper' }));
    Object.assign(window, { socket });
  });
  return page;
}

const fillRoom = (page: Page, messages: number): Promise<void> =>
  page.evaluate(async (messages) => {
    const { socket } = window as unknown as { socket: WebSocket };
    const said = new Promise<void>((resolve) =>
      socket.addEventListener('message', ({ data }) => {
        if (data.includes(`line ${messages}:`)) resolve();
      }),
    );
    for (let n = 1; n <= messages; n++) {
      socket.send(JSON.stringify({ code: 'RECEIVE_MESSAGE', text: `line ${n}: what one says in a room` }));
    }
    await said;
  }, messages);

const postSteadily = (page: Page): Promise<void> =>
  page.evaluate(
    ({ every, count }) =>
      new Promise<void>((done) => {
        const { socket } = window as unknown as { socket: WebSocket };
        let said = 0;
        const timer = setInterval(() => {
          socket.send(JSON.stringify({ code: 'RECEIVE_MESSAGE', text: `said while somebody types: ${++said}` }));
          if (said < count) return;
          clearInterval(timer);
          done();
        }, every);
      }),
    { every: 1000 / PER_SECOND, count: PER_SECOND * SECONDS },
  );

const nodes = ({ page }: Person): Promise<number> => page.evaluate(() => document.getElementsByTagName('*').length);

type Event = { name: string; ph: string; pid: number; tid: number; dur?: number; args?: { name?: string } };

/** Runs `what` and returns the durations of the main thread's tasks meanwhile, in milliseconds. */
async function tasks(browser: Browser, page: Page, what: () => Promise<unknown>): Promise<number[]> {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  await what();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Event[] };
  // The page's main thread is the one that handled most key events.
  const pressed = traceEvents.filter(({ name }) => name === 'EventDispatch');
  const count = new Map<string, number>();
  for (const { pid, tid } of pressed) count.set(`${pid} ${tid}`, (count.get(`${pid} ${tid}`) ?? 0) + 1);
  const [own] = [...count].toSorted(([, a], [, b]) => b - a)[0] ?? [];
  return traceEvents
    .filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && `${pid} ${tid}` === own)
    .map(({ dur = 0 }) => dur / 1000);
}

/**
 * The baseline: the elements and styles of this page without its program. A dozen lines of script add a row for each message,
 * at most once per frame, remove the oldest row and scroll to the end.
 */
async function openBaseline(browser: Browser, url: string, as: Page): Promise<Page> {
  const html = await as.evaluate(() => document.querySelector('#app')?.outerHTML ?? '');
  const css = await as.evaluate(() =>
    [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join('\n'),
  );
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  await page.goto(`${url}/push-worker.js`);
  await page.setContent(`<!doctype html><style>${css}</style>${html}`);
  await page.evaluate(() => {
    const log = document.querySelector('[role=log]') as HTMLElement;
    const last = [...log.querySelectorAll('article')].at(-1) as HTMLElement;
    const socket = new WebSocket(`ws://${location.host}/ws`);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ code: 'SAVE_USER_INFO', name: 'Plain' })));
    const received: string[] = [];
    socket.addEventListener('message', ({ data }) => {
      const frame = JSON.parse(data) as { code: string; text?: string };
      if (frame.code !== 'RECEIVE_MESSAGE' || received.push(frame.text ?? '') > 1) return;
      requestAnimationFrame(() => {
        for (const text of received.splice(0)) {
          const row = last.cloneNode(true) as HTMLElement;
          (row.querySelector('.said') as HTMLElement).textContent = text;
          last.parentElement?.append(row);
          log.querySelector('article')?.remove();
        }
        log.scrollTop = log.scrollHeight;
      });
    });
  });
  return page;
}

/** Measures the time from a click on a room until the room is painted, in frames and in milliseconds. */
const measureSwitch = (page: Page, to: string): Promise<{ frames: number; took: number }> =>
  page.evaluate(
    (to) =>
      new Promise((done) => {
        const list = document.querySelector('.rooms ul');
        const link = [...(list?.querySelectorAll('a') ?? [])].find((it) => it.textContent?.includes(to));
        requestAnimationFrame(() => {
          const begun = performance.now();
          link?.click();
          let frames = 0;
          const look = () => {
            frames += 1;
            const shown = document.querySelector('h1')?.textContent?.includes(to);
            // A change that is visible in the callback of a frame is painted in that frame.
            if (!shown) return requestAnimationFrame(look);
            // The next task runs after layout and paint.
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => done({ frames, took: performance.now() - begun });
            return port2.postMessage(null);
          };
          requestAnimationFrame(look);
        });
      }),
    to,
  );

test('the page on a slow machine', async ({ browser, server, person }) => {
  const rows: [string, string, string][] = [];
  const row = (what: string, mark: string, figure: string) => rows.push([what, mark, figure]);
  const median = (visits: Visit[], of: keyof Visit) => ms(quantile(visits.map((it) => it[of]), 0.5));

  const fresh: Visit[] = [];
  for (let n = 0; n < VISITS; n++) {
    const context = await browser.newContext();
    fresh.push(await visit(context, server.url, '/'));
    await context.close();
  }
  row('first visit: first paint', '', median(fresh, 'paint'));
  row('first visit: can type', '1,500 ms', median(fresh, 'type'));

  const guest = await connectGuest(browser, server.url);
  await fillRoom(guest, MESSAGES);
  const ann = await person('Ann');
  const cached: Visit[] = [];
  // Chromium caches compiled code at the second or third visit.
  for (let n = 0; n < VISITS + 3; n++) cached.push(await visit(ann.context, server.url, '/rooms/lobby'));
  const warm = cached.slice(3);
  row('later visit: first paint', '200 ms', median(warm, 'paint'));
  row('later visit: can type', '600 ms', median(warm, 'type'));

  row('elements of the page', '', String(await nodes(ann)));
  await throttle(ann.page);
  const typed = async (page: Page) => {
    const field = page.locator('.composer textarea');
    return tasks(browser, page, async () => {
      const over = postSteadily(guest);
      await field.pressSequentially('what one writes '.repeat(SECONDS), { delay: 1000 / 20 });
      await over;
    });
  };
  const busy = (what: string, all: number[], marks: boolean) => {
    row(`${what}: thread busy at a time, 99th of 100`, '', ms(quantile(all, 0.99)));
    row('the same: longest', marks ? `${FRAME} ms` : '', ms(Math.max(...all)));
    row(`the same: longer than ${FRAME} ms`, marks ? '0' : '', `${all.filter((it) => it > FRAME).length} in ${SECONDS} s`);
  };
  busy(`typing, ${PER_SECOND} messages a second come`, await typed(ann.page), true);
  row('elements of the page afterwards', '', String(await nodes(ann)));
  const floor = await openBaseline(browser, server.url, ann.page);
  await throttle(floor);
  busy('the same elements without the program, and a dozen lines', await typed(floor), false);
  await floor.context().close();

  await ann.composer.fill('');
  await ann.page.getByRole('button', { name: 'Create room' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'Create room' });
  await dialog.getByRole('textbox', { name: 'Room name' }).fill('tea');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog).toBeHidden();
  await ann.say('Is there a cup left?');
  const switches = [];
  for (const to of ['lobby', 'tea', 'lobby', 'tea', 'lobby', 'tea', 'lobby']) switches.push(await measureSwitch(ann.page, to));
  const into = switches.filter((_, index) => index % 2 === 0);
  row('to a room seen before: frames', '1', String(quantile(into.map((it) => it.frames), 0.5)));
  row('the same: until it is painted', `${FRAME} ms`, ms(quantile(into.map((it) => it.took), 0.5)));

  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const head = `# The page, ${SLOWER} times slower\n\nMedians of ${VISITS} visits; a room of ${MESSAGES.toLocaleString('en')} messages.\n`;
  await writeFile(RESULTS, `${head}\n| | mark | here |\n|---|---|---|\n${table}\n`);
});
