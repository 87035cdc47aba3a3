import { defineConfig } from '@playwright/test';

/** The interface in a browser, over `swamp serve`, with a real host and real workers; `npm test` runs it too. */
export default defineConfig({
  testDir: '.',
  outputDir: '../out/test-results',
  globalSetup: './app/setup.ts',
  forbidOnly: process.env['CI'] !== undefined,
  fullyParallel: true,
  workers: 2,
  // A crowded machine may be late once; what fails twice is wrong. The list names it flaky, its trace is kept.
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./app/reporter.ts']],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    // Words and numbers are the same everywhere.
    locale: 'en-GB',
    timezoneId: 'UTC',
  },
  projects: [
    { name: 'browser', testMatch: 'app/**/*.spec.ts' },
    { name: 'electron', testMatch: 'electron/**/*.spec.ts' },
  ],
});
