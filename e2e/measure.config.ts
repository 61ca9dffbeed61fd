// `cargo xtask bench page`: figures and no verdicts, so it is no step of the tests. One at a time, or they would measure each other.

import { defineConfig } from '@playwright/test';
import stories from './playwright.config.ts';

export default defineConfig({
  ...stories,
  projects: [{ name: 'measure', testDir: 'measure' }],
  workers: 1,
  timeout: 600_000,
  use: { ...stories.use, trace: 'off', screenshot: 'off' },
});
