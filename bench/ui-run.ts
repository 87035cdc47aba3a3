import { chromium, type Page } from '@playwright/test';
import { launchOptions } from '../e2e/app/browser.ts';
import { Studio } from '../e2e/app/studio.ts';
import { Running } from '../e2e/cli.ts';

// The page of an experiment of ten thousand jobs while it trains: how long it keeps the window from drawing.

/** Ten thousand jobs that take no time: what is measured is the window. */
const large = {
  name: 'large',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [4] },
  recipe: { epochs: 1, batch: 128 },
  ticket: { iterations: 1 },
  swa: { start: 0.5, every: 2 },
  sparsity: { kind: 'geometric', fraction: 0.2, rounds: 20 },
  arms: ['imp', { kind: 'imp-ensemble', members: 8 }, { kind: 'swamp', particles: 8 }],
  seeds: Array.from({ length: 11 }, (_, index) => index + 1),
  threads: 1,
  workers: 1,
};

/** What is watched, after the page has come to rest. */
const WATCHED_MS = 30_000;
const REST_MS = 5000;
/** Until rows and strips are there: to plan ten thousand jobs takes its time. */
const PATIENCE_MS = 120_000;

/** Tasks of 50 ms and more, which the browser calls long: how many in half a minute, and the longest. */
export interface LongTasks {
  readonly jobs: number;
  readonly tasks: number;
  readonly longestMs: number;
  /** From opening the page to its first strip. */
  readonly openedMs: number;
}

/** Starts such an experiment and looks at its page. */
export async function measureRun(): Promise<Record<string, LongTasks>> {
  const studio = new Studio();
  const browser = await chromium.launch(launchOptions());
  const file = studio.write('large.json', large);
  const run = new Running(['run', file, '--library', studio.library]);
  try {
    await run.until(() => studio.workerPids.length > 0);
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(await studio.address());
    await page.locator('[role=row][aria-selected] a').first().waitFor();
    const begin = Date.now();
    await page.locator('[role=row][aria-selected] a').first().click();
    await page.locator('[data-cell]').first().waitFor();
    const openedMs = Date.now() - begin;
    const jobs = await jobsOf(page);
    return { 'run page while it trains': { jobs, openedMs, ...(await longTasks(page)) } };
  } finally {
    await browser.close();
    run.interrupt();
    await studio.close();
    await run.ended;
  }
}

async function jobsOf(page: Page): Promise<number> {
  const text = await page.locator('[data-fact=jobs] dd').textContent();
  return Number(/of (\S+) done/.exec(text ?? '')?.[1]?.replace(/\D/g, '') ?? 0);
}

async function longTasks(page: Page): Promise<Pick<LongTasks, 'tasks' | 'longestMs'>> {
  return await page.evaluate(
    async ([rest, watched]) => {
      const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      await wait(rest);
      const taken: number[] = [];
      const observer = new PerformanceObserver((list) =>
        taken.push(...list.getEntries().map(({ duration }) => duration)),
      );
      observer.observe({ entryTypes: ['longtask'] });
      await wait(watched);
      observer.disconnect();
      return { tasks: taken.length, longestMs: Math.round(Math.max(0, ...taken)) };
    },
    [REST_MS, WATCHED_MS] as const,
  );
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await measureRun(), null, 1)}\n`);
