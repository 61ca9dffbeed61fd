import { defineConfig } from '@playwright/test';
import { chromium } from './chromium.ts';
import type { Engine } from './engines/fixtures.ts';

/** The main stories, in one engine of three (docs/adr/0015-three-engines-by-webdriver.md). */
const main = (engine: Engine) => ({
  name: engine,
  testDir: 'engines',
  // One after the other, in browsers that are started once.
  fullyParallel: false,
  use: { engine, trace: 'off' as const },
});

export default defineConfig<{}, { engine: Engine }>({
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
  projects: [{ name: 'stories', testDir: 'stories' }, main('chromium'), main('firefox'), main('webkit')],
});
