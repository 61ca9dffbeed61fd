// Runs WebKit, Safari's engine, in WebKitGTK's MiniBrowser on a virtual screen.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type Browser, program, VIEW } from './browser.ts';
import { Program } from './program.ts';
import { Tab } from './tab.ts';
import { Http } from './webdriver.ts';

/** The path of the browser on Debian, for x86-64 and ARM. */
const MINI_BROWSER = ['x86_64', 'aarch64'].map((it) => `/usr/lib/${it}-linux-gnu/webkit2gtk-4.1/MiniBrowser`);

declare global {
  var storyErrors: string[] | undefined;
}

export async function open(): Promise<Browser> {
  const screen = Program.start(program('Xvfb'), ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp']);
  const display = await screen.waitForOutput(/^(\d+)\n/m);
  const port = await freePort();
  const driver = Program.start(program('WebKitWebDriver'), [`--port=${port}`], {
    DISPLAY: `:${display}`,
    // GTK's built-in input method.
    GTK_IM_MODULE: 'gtk-im-context-simple',
    GSETTINGS_BACKEND: 'memory',
    NO_AT_BRIDGE: '1',
  });
  await Promise.race([isListening(port), driver.ended]);
  const http = await Http.begin(`http://127.0.0.1:${port}`, {
    'webkitgtk:browserOptions': {
      binary: program(...MINI_BROWSER),
      args: ['--automation', '--javascript-can-open-windows-automatically=true'],
    },
  });
  const tab = await Tab.over(http, (tab) => tab.until(collectErrors));
  const handles = async () => (await http.ask('GET', '/window/handles')) as string[];
  const [laptop] = await handles();
  await http.ask('POST', '/window/rect', VIEW.laptop);

  return {
    tab,
    // The browser's main window has a toolbar that is wider than a phone. A popup has none.
    async setDevice(device) {
      for (const handle of await handles()) {
        if (handle === laptop) continue;
        await http.ask('POST', '/window', { handle });
        await http.ask('DELETE', '/window');
      }
      await http.ask('POST', '/window', { handle: laptop });
      if (device === 'laptop') return;
      const { width, height } = VIEW.phone;
      await tab.until((size) => Boolean(globalThis.open('about:blank', '', size)), `popup,width=${width},height=${height}`);
      await http.ask('POST', '/window', { handle: (await handles()).find((it) => it !== laptop) });
    },
    // Ctrl+Shift+U followed by hexadecimal digits enters a character by its code point.
    async compose(text) {
      for (const character of text) {
        await tab.press('Control', 'Shift', 'u');
        for (const digit of character.codePointAt(0)!.toString(16)) await tab.press(digit);
        await tab.press('Enter');
      }
    },
    // Collects errors only on pages opened with `goto` or `reload`, not on pages reached from there.
    errors: () => tab.until(() => globalThis.storyErrors ?? []),
    async close() {
      await http.ask('DELETE', '');
      await Promise.all([driver.end(), screen.end()]);
    },
  };
}

/** Collects errors inside the page, because WebKit keeps no console log for private sessions such as those of the tests. */
function collectErrors(): true {
  const errors: string[] = (globalThis.storyErrors = []);
  console.error = (...words) => errors.push(words.join(' '));
  addEventListener('error', ({ message }) => errors.push(message));
  addEventListener('unhandledrejection', ({ reason }) => errors.push(String(reason)));
  addEventListener('securitypolicyviolation', ({ violatedDirective }) => errors.push(violatedDirective));
  return true;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Polls the port, because WebKitWebDriver prints nothing when it is ready. */
async function isListening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isHere = await once(socket, 'connect').then(() => true, () => false);
    socket.destroy();
    if (isHere) return;
    await setTimeout(10);
  }
}
