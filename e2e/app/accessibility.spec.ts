import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { seriousIn } from './axe.ts';
import { expect, quickExperiment, test } from './fixtures.ts';
import { drop } from './pages/drop.ts';
import { ExperimentsPage } from './pages/experiments.ts';
import { Run } from './pages/run.ts';

/** Opens something, looks at it, and closes it with Escape; whoever opened it has the keyboard again. */
async function look(page: Page, open: () => Promise<void>, dialog: Locator): Promise<void> {
  await open();
  await expect(dialog).toBeVisible();
  expect(await seriousIn(page, '[role=dialog], [role=menu]')).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
}

test.describe('axe finds nothing serious, light and dark,', () => {
  test.use({ begin: 'finished' });

  test('in the dialogs of the table', async ({ page, studio }) => {
    const experiments = new ExperimentsPage(page);
    const first = experiments.row('swamp(2)');
    await first.click();
    const menu = async (item: string): Promise<void> => {
      await first.click({ button: 'right' });
      await page.getByRole('menuitem', { name: item }).click();
    };
    await look(page, () => first.click({ button: 'right' }), page.getByRole('menu'));
    await look(page, () => menu('Tags…'), page.getByRole('dialog', { name: 'Tags' }));
    await look(page, () => menu('Export network…'), page.getByRole('dialog', { name: /^Export/ }));
    await look(page, () => menu('Pack into a run file…'), page.getByRole('dialog', { name: /^Pack/ }));
    const broken = join(studio.folder, 'broken.swamp');
    writeFileSync(broken, 'x');
    await look(page, () => drop(page, broken), page.getByRole('dialog').filter({ hasText: 'cannot be' }));
    await look(page, () => page.keyboard.press('?'), page.getByRole('dialog', { name: 'Keyboard' }));
    await experiments.table.focus();
    await page.keyboard.press('Escape');
    const columns = page.getByRole('button', { name: 'Columns' });
    await look(page, () => columns.click(), page.getByRole('dialog', { name: 'Columns' }));
  });

  test('on the Run page of a finished experiment', async ({ page, studio }) => {
    const { experiments } = await studio.json<{ experiments: { id: string }[] }>('list');
    const run = new Run(page);
    await run.open(experiments[0]?.id ?? '');
    await run.is('done');
    for (const tab of ['Round', 'Layers', 'Log', 'Settings and record']) {
      await page.getByRole('tab', { name: tab }).click();
      await expect(page.getByRole('tabpanel', { name: tab })).toBeVisible();
      expect(await seriousIn(page, 'main')).toEqual([]);
    }
  });
});

test('axe finds nothing serious on the Run page while it trains, nor where it asks before it cancels', async ({
  page,
  studio,
}) => {
  // Workers and axe share the machine.
  test.setTimeout(240_000);
  const { experiment } = await studio.json<{ experiment: string }>(
    'run',
    studio.write('long.json', { ...quickExperiment, name: 'long', recipe: { epochs: 200, batch: 32 } }),
    '--detach',
  );
  const run = new Run(page);
  await run.open(experiment);
  await expect(run.cells('running').first()).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('[data-fact="speed"]')).toBeVisible({ timeout: 30_000 });
  expect(await seriousIn(page, 'main')).toEqual([]);
  await look(page, () => run.button('Cancel…').click(), page.getByRole('dialog'));
  await run.is('running');
});
