import { chromium, _electron } from '@playwright/test';
import { join } from 'node:path';
import { launchOptions } from '../e2e/app/browser.ts';
import { Studio } from '../e2e/app/studio.ts';
import { provideElectron, provideScreen } from '../e2e/electron/electron.ts';
import { Screen } from '../e2e/electron/screen.ts';

// How long a cold start takes until the window answers: from the command to a page that has its host's answer.

const TURNS = 5;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** In the page: resolves when the navigation is there and the host has been heard. */
const interactive = `new Promise((done) => {
  const look = () => document.querySelector('nav a') && !document.querySelector('[role=alert]') ? done() : requestAnimationFrame(look);
  look();
})`;

async function inBrowser(): Promise<{ serve: number; page: number }> {
  const studio = new Studio();
  const browser = await chromium.launch(launchOptions());
  const page = await browser.newPage();
  try {
    const started = performance.now();
    const address = await studio.address();
    const served = performance.now();
    await page.goto(address);
    await page.waitForURL(/\/#\//);
    await page.evaluate(interactive);
    return { serve: served - started, page: performance.now() - served };
  } finally {
    await browser.close();
    await studio.close();
  }
}

async function inElectron(program: string, display: string): Promise<number> {
  const studio = new Studio();
  const root = join(import.meta.dirname, '..');
  const isRoot = process.getuid?.() === 0;
  const started = performance.now();
  const app = await _electron.launch({
    executablePath: program,
    args: [
      ...(isRoot ? ['--no-sandbox'] : []),
      root,
      `--user-data-dir=${join(studio.folder, 'user')}`,
      '--library',
      studio.library,
    ],
    env: { ...(process.env as Record<string, string>), DISPLAY: display },
  });
  try {
    const page = await app.firstWindow();
    await page.waitForURL(/#\//);
    await page.evaluate(interactive);
    return performance.now() - started;
  } finally {
    app.process().kill('SIGKILL');
    await studio.close();
  }
}

const browser: { serve: number; page: number }[] = [];
for (let turn = 0; turn < TURNS; turn++) browser.push(await inBrowser());
process.stdout.write(
  `swamp serve: ready after ${median(browser.map(({ serve }) => serve)).toFixed(0)} ms, page interactive ${median(browser.map(({ page }) => page)).toFixed(0)} ms later (median of ${TURNS})\n`,
);
const electron = await provideElectron();
const lacking = typeof electron === 'string' ? electron : provideScreen(electron);
if (typeof electron === 'string' || lacking !== null) process.stdout.write(`Electron: ${lacking ?? ''}\n`);
else {
  const screen = await Screen.open();
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) times.push(await inElectron(electron.program, screen.display));
  screen.close();
  process.stdout.write(
    `Electron ${electron.version}: interactive after ${median(times).toFixed(0)} ms (median of ${TURNS}, the tests' debugger included)\n`,
  );
}
