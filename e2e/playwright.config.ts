import { defineConfig } from '@playwright/test';
import { chromium } from './chromium.ts';
import type { Engine } from './engines/fixtures.ts';

/** The main tests in one of the three engines (docs/adr/0015-three-engines-by-webdriver.md). */
const main = (engine: Engine) => ({
  name: engine,
  testDir: 'engines',
  // Tests run one after the other and share browsers that are started once.
  fullyParallel: false,
  use: { engine, trace: 'off' as const },
});

export default defineConfig<{}, { engine: Engine }>({
  outputDir: 'test-results',
  reporter: 'list',
  // No retries: a test that passes only at the second attempt has found a bug.
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 60_000,
  // On a small machine two workers, each with a server and two browsers, share two cores.
  expect: { timeout: 10_000 },
  use: {
    browserName: 'chromium',
    launchOptions: chromium(),
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [{ name: 'stories', testDir: 'stories' }, main('chromium'), main('firefox'), main('webkit')],
});
