// Uses the machine's own Chromium, so that Playwright downloads no browser.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Returns Playwright's launch options. The environment variable `CHROMIUM` selects another browser. */
export function chromium() {
  return {
    executablePath: process.env.CHROMIUM || onPath(),
    args: [
      // Root, the usual user in a container, cannot use Chromium's sandbox.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      // Disables the GPU and background requests that would delay a test.
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  };
}

function onPath(): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not in this folder. Try the next file.
      }
    }
  }
  throw new Error(`None of ${NAMES.join(', ')} is on PATH; install Chromium or name it in CHROMIUM.`);
}
