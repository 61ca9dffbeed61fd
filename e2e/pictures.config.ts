// Takes the screenshots for README. Not part of the test run, because it writes to docs/.

import { defineConfig } from '@playwright/test';
import stories from './playwright.config.ts';

export default defineConfig({
  ...stories,
  projects: [{ name: 'pictures', testDir: 'pictures' }],
  workers: 1,
  use: { ...stories.use, trace: 'off', screenshot: 'off' },
});
