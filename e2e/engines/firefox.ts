// Runs the installed Firefox with a temporary profile.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, program, VIEW } from './browser.ts';
import { Marionette } from './marionette.ts';
import { Program } from './program.ts';
import { Tab } from './tab.ts';

const PREFERENCES = {
  // Any free port.
  'marionette.port': 0,
  'intl.accept_languages': 'en-US',
  // A mouse: a fine pointer that can hover.
  'ui.primaryPointerCapabilities': 6,
  'ui.allPointerCapabilities': 6,
  // No background requests and no prompts.
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

export async function open(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'snug-firefox-'));
  const preferences = Object.entries(PREFERENCES).map((it) => `user_pref(${it.map((it) => JSON.stringify(it)).join()});\n`);
  await writeFile(join(profile, 'user.js'), preferences);
  const firefox = Program.start(program('firefox-esr', 'firefox'), [
    ...['--headless', '--no-remote', '--profile', profile],
    ...['--marionette', '--remote-allow-system-access'],
  ]);
  const marionette = await Marionette.begin(Number(await firefox.waitForOutput(/Listening on port (\d+)/)));

  return {
    tab: await Tab.over(marionette),
    async setDevice(device) {
      const { width, height } = VIEW[device];
      await marionette.privileged('window', resize, width, height);
    },
    async compose(text) {
      await marionette.privileged('page', compose, text);
    },
    async errors() {
      return (await marionette.privileged('window', errors)) as string[];
    },
    async close() {
      await firefox.end();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

// The functions below run inside Firefox. These are its own globals, which TypeScript does not know.
declare const gBrowser: { selectedBrowser: HTMLElement & { innerWindowID: number } };
declare const Services: any, Ci: any, Components: any;

/** Resizes the view inside the window, because a Firefox window cannot be as narrow as a phone. */
function resize(width: number, height: number): void {
  const { style } = gBrowser.selectedBrowser;
  style.width = `${width}px`;
  style.height = `${height}px`;
  style.flex = 'none';
}

/** Composes text with the calls that an input method of the system makes. */
function compose(text: string): void {
  const { classes, interfaces } = Components;
  const processor = classes['@mozilla.org/text-input-processor;1'].createInstance(interfaces.nsITextInputProcessor);
  processor.beginInputTransactionForTests(window, () => true);
  processor.setPendingCompositionString(text);
  processor.appendClauseToPendingComposition(text.length, processor.ATTR_RAW_CLAUSE);
  processor.setCaretInPendingComposition(text.length);
  processor.flushPendingComposition();
  const enter = new KeyboardEvent('', { key: 'Enter', code: 'Enter', keyCode: 13 });
  processor.commitComposition(enter);
  processor.keyup(enter);
}

/**
 * Returns the script errors of the open page only. Firefox may unload a page in the middle of its script; errors from that
 * moment are not visible to the user.
 */
function errors(): string[] {
  type Message = { errorMessage: string; stack: unknown; innerWindowID: number; flags: number; warningFlag: number };
  const messages: object[] = Services.console.getMessageArray();
  return (messages.filter((it) => it instanceof Ci.nsIScriptError) as Message[])
    .filter(({ innerWindowID }) => innerWindowID === gBrowser.selectedBrowser.innerWindowID)
    .filter(({ flags, warningFlag }) => !(flags & warningFlag))
    .map(({ errorMessage, stack }) => `${errorMessage}\n${stack}`);
}
