import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type Page } from '@playwright/test';
import { launchOptions } from '../e2e/app/browser.ts';
import { Studio } from '../e2e/app/studio.ts';
import { makeLibrary } from './library.ts';
import { measureRun } from './ui-run.ts';

// The window over a large library: what passes between a key or click and the picture that answers it, as the page
// itself sees it, and what its process holds in memory. Prints one JSON document.

const TIMES = 7;
/** Runs of the comparison. */
const COMPARED = 20;

/** Milliseconds from an action to the frame that shows what came of it: the middle and the longest. */
interface Times {
  readonly median: number;
  readonly longest: number;
}

/** In the page: does something and waits for the frame after `told` has changed. */
async function acted(page: Page, action: Action): Promise<number> {
  return await page.evaluate(async (what: Action) => {
    const told = (): string => {
      const grid = document.querySelector('[role=treegrid]');
      const rows = [...(grid?.querySelectorAll('[role=row][aria-selected]') ?? [])].slice(0, 3);
      return `${grid?.getAttribute('aria-rowcount')} ${rows.map((row) => row.textContent).join()}`;
    };
    const canvases = (): number => document.querySelectorAll('main canvas').length;
    const before = told();
    const begin = performance.now();
    if (what.type === 'go') location.hash = what.to;
    else if (what.type === 'press') {
      const buttons = [...document.querySelectorAll<HTMLElement>('[role=columnheader] button.title')];
      buttons.find((button) => button.textContent?.trim() === what.text)?.click();
    } else {
      const input = document.querySelector<HTMLInputElement>('label.search input');
      if (!input) throw new Error('no search field');
      input.value = what.text;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
    const done = (): boolean => {
      if (what.type !== 'go') return told() !== before;
      if (what.wait === 'chart') return canvases() > 0;
      return document.querySelector('[role=row][aria-selected]') !== null;
    };
    return await new Promise<number>((finish, fail) => {
      const give = setTimeout(() => fail(new Error(`nothing came of ${JSON.stringify(what)}`)), 20_000);
      const look = (): void => {
        if (!done()) {
          requestAnimationFrame(look);
          return;
        }
        clearTimeout(give);
        requestAnimationFrame(() => finish(performance.now() - begin));
      };
      requestAnimationFrame(look);
    });
  }, action);
}

type Action =
  | { readonly type: 'go'; readonly to: string; readonly wait: 'rows' | 'chart' }
  | { readonly type: 'press'; readonly text: string }
  | { readonly type: 'search'; readonly text: string };

function timesOf(taken: readonly number[]): Times {
  const sorted = [...taken].sort((a, b) => a - b);
  const rounded = (value: number | undefined): number => Number((value ?? 0).toFixed(0));
  return { median: rounded(sorted[Math.floor(sorted.length / 2)]), longest: rounded(sorted.at(-1)) };
}

async function repeated(one: (time: number) => Promise<number>): Promise<Times> {
  const taken: number[] = [];
  for (let time = 0; time < TIMES; time++) taken.push(await one(time));
  return timesOf(taken);
}

/** From the start of the navigation to the frame with the first rows, in a page that has loaded nothing before. */
async function coldStart(browser: Browser, studio: Studio): Promise<number> {
  const page = await browser.newPage();
  try {
    await page.addInitScript(() => {
      const look = (): void => {
        if (document.querySelector('[role=row][aria-selected]') === null) requestAnimationFrame(look);
        else requestAnimationFrame(() => Object.assign(window, { firstRows: Math.round(performance.now()) }));
      };
      requestAnimationFrame(look);
    });
    await page.goto(await studio.address());
    await page.waitForFunction(() => 'firstRows' in window);
    return await page.evaluate(() => (window as unknown as { firstRows: number }).firstRows);
  } finally {
    await page.close();
  }
}

/** Bytes that the page's process holds, and its JavaScript's. */
async function memoryOf(browser: Browser, page: Page): Promise<Record<string, number>> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const resident = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(
      ({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    );
  const own = await page.context().newCDPSession(page);
  const { usedSize } = await own.send('Runtime.getHeapUsage');
  return { processMB: Math.round(Math.max(...resident)), heapMB: Math.round(usedSize / 2 ** 20) };
}

async function measure(studio: Studio): Promise<Record<string, unknown>> {
  const browser = await chromium.launch(launchOptions());
  try {
    const cold = await repeated(() => coldStart(browser, studio));
    const page = await browser.newPage();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(await studio.address());
    await page.waitForSelector('[role=row][aria-selected]');
    const there: Record<string, Times> = {};
    there['table, from another page'] = await repeated(async () => {
      await page.evaluate(() => (location.hash = '#/settings'));
      await page.waitForFunction(() => document.querySelector('[role=treegrid]') === null);
      return await acted(page, { type: 'go', to: '#/experiments', wait: 'rows' });
    });
    const titles = await page.evaluate(() =>
      [...document.querySelectorAll('[role=columnheader] button.title')].map((each) =>
        each.textContent.trim(),
      ),
    );
    const sorted: number[] = [];
    for (const text of titles) sorted.push(await acted(page, { type: 'press', text }));
    there[`sort by each of ${titles.length} columns`] = timesOf(sorted);
    const words = ['swamp', 'cifar swamp', 'fashion', 'star', 'digits imp', 'nothing of the kind', ''];
    there['search'] = await repeated((time) => acted(page, { type: 'search', text: words[time] ?? '' }));
    await page.waitForSelector('[role=row][aria-selected] input');
    const experiments = await page.evaluate(
      (count) =>
        [...document.querySelectorAll('[role=row][aria-selected] input')]
          .map((box) => /^Choose (\S+),/.exec(box.getAttribute('aria-label') ?? '')?.[1] ?? '')
          .filter((id, at, all) => id !== '' && all.indexOf(id) === at)
          .slice(0, count),
      COMPARED,
    );
    const few = experiments
      .slice(0, 4)
      .map((id) => `e=${id}`)
      .join('&');
    there[`comparison of ${Math.min(4, experiments.length)} experiments`] = await repeated(async () => {
      await page.evaluate(() => (location.hash = '#/settings'));
      await page.waitForFunction(() => document.querySelectorAll('main canvas').length === 0);
      return await acted(page, { type: 'go', to: `#/compare?${few}`, wait: 'chart' });
    });
    return { coldStart: cold, ...there, memory: await memoryOf(browser, page) };
  } finally {
    await browser.close();
  }
}

const { values } = parseArgs({
  options: {
    library: { type: 'string' },
    runs: { type: 'string', default: '10000' },
    points: { type: 'string', default: '10000000' },
    /** The page of an experiment of ten thousand jobs too, while it trains: needs the engine. */
    training: { type: 'boolean', default: false },
  },
});
const studio = new Studio();
const made = values.library === undefined ? mkdtempSync(join(tmpdir(), 'swamp-bench-')) : null;
try {
  if (made !== null) {
    const [runs, points] = [Number(values.runs), Number(values.points)];
    makeLibrary({ runs, points, folder: join(made, 'library'), onProgress: () => undefined });
  }
  const from = made === null ? resolve(values.library ?? '') : join(made, 'library');
  cpSync(from, studio.library, { recursive: true });
  if (made !== null) rmSync(made, { recursive: true, force: true });
  const result = { ...(await measure(studio)), ...(values.training ? await measureRun() : {}) };
  const [{ model = '' } = {}, ...more] = cpus();
  process.stdout.write(
    `${JSON.stringify({ machine: `${model}, ${more.length + 1} cores`, ...result }, null, 1)}\n`,
  );
} finally {
  await studio.close();
  if (made !== null) rmSync(made, { recursive: true, force: true });
}
