import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { logIn } from './app/fixtures.ts';
import { launchOptions } from './app/browser.ts';
import { quickExperiment, Studio } from './app/studio.ts';

// `npm run screenshots [-- --library DIR --size 2560x1440 --out DIR]`: every page, light and dark. Of a copy of the
// library; without one a small experiment is trained first.

const { values } = parseArgs({
  options: {
    library: { type: 'string' },
    size: { type: 'string', default: '1280x800' },
    out: { type: 'string', default: join(import.meta.dirname, '..', 'docs', 'images') },
  },
});
const [width = 1280, height = 800] = values.size.split('x').map(Number);
mkdirSync(values.out, { recursive: true });

interface Listed {
  readonly experiments: readonly { readonly id: string; readonly state: string }[];
}

const studio = new Studio();
const browser = await chromium.launch(launchOptions());
try {
  if (values.library === undefined) {
    process.stdout.write('Training a small experiment …\n');
    await studio.swamp('run', studio.write('quick.json', quickExperiment));
  } else studio.copyFrom(values.library);
  const { experiments } = await studio.json<Listed>('list');
  const id = (experiments.find(({ state }) => state === 'done') ?? experiments[0])?.id ?? '';
  const pages = {
    experiments: '/experiments',
    'new-experiment': '/new',
    run: `/run/${id}`,
    compare: `/compare?e=${id}`,
    settings: '/settings',
  };
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-GB' });
    const page = await context.newPage();
    await logIn(page, studio);
    for (const [name, route] of Object.entries(pages)) {
      await page.evaluate(`location.hash = ${JSON.stringify(route)}`);
      await page.getByRole('main').getByRole('heading').first().waitFor();
      // Charts have been drawn when nothing is fetched or moved any more.
      await page.waitForLoadState('networkidle');
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"], .skeleton') === null);
      await page.waitForTimeout(700);
      const path = join(values.out, `${name}-${colorScheme}.png`);
      await page.screenshot({ path });
      process.stdout.write(`${path}\n`);
    }
    await context.close();
  }
} finally {
  await browser.close();
  await studio.close();
}
