import { defineConfig } from '@playwright/test';
import { chromium } from './chromium.ts';

export default defineConfig({
  testDir: 'stories',
  outputDir: 'test-results',
  reporter: 'list',
  // A story that passes at the second try has found something.
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 60_000,
  // Two workers, each with a server and two browsers, share the two cores of a small machine.
  expect: { timeout: 10_000 },
  use: {
    browserName: 'chromium',
    launchOptions: chromium(),
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});
