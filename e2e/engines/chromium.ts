// Runs Chromium through chromedriver.

import { chromium } from '../chromium.ts';
import { type Browser, VIEW, program } from './browser.ts';
import { Program } from './program.ts';
import { Tab } from './tab.ts';
import { Http } from './webdriver.ts';

// A headless screen has no mouse by default.
const MOUSE = '--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4';

export async function open(): Promise<Browser> {
  const driver = Program.start(program('chromedriver'), ['--port=0']);
  const port = await driver.waitForOutput(/started successfully on port (\d+)/);
  const { executablePath: binary, args } = chromium();
  const http = await Http.begin(`http://127.0.0.1:${port}`, {
    'goog:chromeOptions': { binary, args: [...args, '--headless=new', '--lang=en-US', MOUSE] },
    'goog:loggingPrefs': { browser: 'SEVERE' },
  });
  const protocol = (cmd: string, params: object) => http.ask('POST', '/goog/cdp/execute', { cmd, params });

  return {
    tab: await Tab.over(http),
    async setDevice(device) {
      await protocol('Emulation.setDeviceMetricsOverride', { ...VIEW[device], deviceScaleFactor: 1, mobile: false });
    },
    async compose(text) {
      const key = { key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229 };
      await protocol('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
      await protocol('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key });
      await protocol('Input.insertText', { text });
      await protocol('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
    },
    async errors() {
      const log = await http.ask('POST', '/se/log', { type: 'browser' });
      // Chromium logs an error response such as "wrong password" as a network error. It is not an error of the page.
      const errors = (log as { source: string; message: string }[]).filter(({ source }) => source !== 'network');
      return errors.map(({ message }) => message);
    },
    async close() {
      await http.ask('DELETE', '');
      await driver.end();
    },
  };
}
