// The operations that differ between engines. tab.ts has those that are the same in all.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Tab } from './tab.ts';

/** A browser with one tab. */
export interface Browser {
  readonly tab: Tab;
  /** Sets the size of the view to that of a device, for pages opened from now on. */
  setDevice(device: Device): Promise<void>;
  /** Types through an input method and accepts its suggestion with Enter. */
  compose(text: string): Promise<void>;
  /** Returns the console errors since the page was opened. */
  errors(): Promise<string[]>;
  close(): Promise<void>;
}

export type Open = () => Promise<Browser>;

export type Device = 'laptop' | 'phone';

export const VIEW: Record<Device, { width: number; height: number }> = {
  laptop: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
};

/** Returns the first executable among `names`. Each is an absolute path or a name to look up on `PATH`. */
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
