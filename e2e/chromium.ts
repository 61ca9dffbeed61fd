// The machine's own Chromium: nothing is downloaded beside what the package managers bring.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Playwright's launch options; `CHROMIUM` in the environment names another browser. */
export function chromium() {
  return {
    executablePath: process.env.CHROMIUM || onPath(),
    args: [
      // Root, as in most containers, may not use Chromium's sandbox.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      // No graphics card, and no calls home that a story would have to wait for.
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
        // Not here: the next one.
      }
    }
  }
  throw new Error(`None of ${NAMES.join(', ')} is on PATH; install Chromium or name it in CHROMIUM.`);
}
