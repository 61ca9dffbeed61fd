// What a story needs of an engine beyond what all engines do alike (tab.ts).

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Tab } from './tab.ts';

/** A browser with one tab. */
export interface Browser {
  readonly tab: Tab;
  /** Makes the view as large as such a device's, for what is opened from now on. */
  be(device: Device): Promise<void>;
  /** Writes through an input method, and takes with Enter what it offers. */
  compose(text: string): Promise<void>;
  /** The errors in the console since the page was opened. */
  errors(): Promise<string[]>;
  close(): Promise<void>;
}

export type Open = () => Promise<Browser>;

export type Device = 'laptop' | 'phone';

export const VIEW: Record<Device, { width: number; height: number }> = {
  laptop: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
};

/** The first of these that can be run: whole paths, or names that are looked for on `PATH`. */
export function program(...names: string[]): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const files = names.flatMap((name) => (name.startsWith('/') ? name : folders.map((folder) => join(folder, name))));
  const found = files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error(`None of ${names.join(', ')} is here; \`cargo xtask test\` says how to install it.`);
  return found;
}
