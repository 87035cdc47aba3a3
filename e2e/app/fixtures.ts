import { test as base, expect, type Page } from '@playwright/test';
import { launchOptions } from './browser.ts';
import { Frame } from './pages/frame.ts';
import { quickExperiment, Studio } from './studio.ts';

export { expect } from '@playwright/test';
export { quickExperiment, Studio } from './studio.ts';

interface Options {
  /** What the library holds when the test begins: nothing, or `quick`, finished. */
  readonly begin: 'empty' | 'finished';
}

interface Fixtures {
  /** The library, its server and its host; `page` is logged in there. */
  readonly studio: Studio;
  readonly frame: Frame;
  /** Complaints of the page's console that the test expects; any other fails it. */
  readonly tolerated: RegExp[];
}

interface WorkerFixtures {
  /** Gives a library with `quick`, finished, to copy. Made once a worker, when first asked for. */
  readonly finished: () => Promise<string>;
}

export const test = base.extend<Options & Fixtures, WorkerFixtures>({
  begin: ['empty', { option: true }],
  tolerated: async ({}, use) => await use([]),
  launchOptions: [async ({}, use) => await use(launchOptions()), { scope: 'worker' }],
  finished: [
    async ({}, use) => {
      const studio = new Studio();
      let made: Promise<string> | null = null;
      await use(() => (made ??= train(studio)));
      await studio.close();
    },
    { scope: 'worker' },
  ],
  studio: async ({ begin, finished }, use) => {
    const studio = new Studio();
    if (begin === 'finished') studio.copyFrom(await finished());
    try {
      await use(studio);
    } finally {
      await studio.close();
    }
  },
  page: async ({ page, studio, tolerated }, use) => {
    const complaints = complaintsOf(page);
    await logIn(page, studio);
    await use(page);
    const unexpected = complaints.filter((text) => !tolerated.some((pattern) => pattern.test(text)));
    expect(unexpected, 'what the page complains of').toEqual([]);
  },
  frame: async ({ page }, use) => await use(new Frame(page)),
});

/** @returns the library in which the quick experiment has been run. */
async function train(studio: Studio): Promise<string> {
  const run = await studio.swamp('run', studio.write('quick.json', quickExperiment));
  expect(run.code, run.stderr).toBe(0);
  return studio.library;
}

/** Lets a page in and waits until it shows something. */
export async function logIn(page: Page, studio: Studio): Promise<void> {
  await page.goto(await studio.address());
  // Once its first page is there: what is done before would be overtaken by it.
  await page.waitForURL(/#\/\w/);
}

/** Errors that nobody caught, and what the console calls errors: broken rules of the Content-Security-Policy, too. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}
