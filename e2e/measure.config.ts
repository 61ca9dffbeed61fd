// `cargo xtask bench page` measures the page and asserts nothing, so it is not part of the test run. One worker only: parallel
// measurements would disturb each other.

import { defineConfig } from '@playwright/test';
import stories from './playwright.config.ts';

export default defineConfig({
  ...stories,
  projects: [{ name: 'measure', testDir: 'measure' }],
  workers: 1,
  timeout: 600_000,
  use: { ...stories.use, trace: 'off', screenshot: 'off' },
});
