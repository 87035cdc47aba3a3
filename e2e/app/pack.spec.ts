import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../../src-main/contract/compare.ts';
import { expect, logIn, Studio, test } from './fixtures.ts';
import { ComparePage } from './pages/compare.ts';
import { drop } from './pages/drop.ts';
import { ExperimentsPage } from './pages/experiments.ts';

test.use({ begin: 'finished' });

test('the window packs runs with what is chosen to go along; another library opens the file and compares equal', async ({
  page,
  studio,
  browser,
}) => {
  const comparison = await studio.json<Comparison>('compare', 'quick');
  const { experiment } = comparison;
  const experiments = new ExperimentsPage(page);
  await experiments.row('swamp(2)').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Pack into a run file…' }).click();
  const dialog = page.getByRole('dialog');
  const target = dialog.getByRole('combobox', { name: 'Run file' });
  const pack = dialog.getByRole('button', { name: 'Pack', exact: true });
  await expect(target).toHaveValue(`${experiment}.swamp`);

  // Where nothing can be written the field says so, and nothing is written.
  const path = join(studio.folder, 'handed over.swamp');
  await target.fill(join(studio.folder, 'nowhere', 'x.swamp'));
  await pack.click();
  await expect(dialog.getByText(/there is no folder/)).toBeVisible();
  await expect(target).toHaveAttribute('aria-invalid', 'true');
  writeFileSync(path, 'mine');
  await target.fill(path);
  await pack.click();
  await expect(dialog.getByText(/is there already/)).toBeVisible();
  await dialog.getByRole('checkbox', { name: 'Replace the file that is there' }).check();

  await dialog.getByRole('combobox', { name: 'Checkpoints that go along' }).click();
  await page.getByRole('option', { name: /^Every checkpoint/ }).click();
  await pack.click();
  await expect(dialog.getByRole('heading', { name: 'Run file written' })).toBeVisible({ timeout: 30_000 });
  await expect(dialog).toContainText(path);
  await expect(dialog).toContainText(/1 experiment, \d+ checkpoints/);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();
  expect(existsSync(path)).toBe(true);

  const other = new Studio();
  const context = await browser.newContext();
  try {
    const there = await context.newPage();
    await logIn(there, other);
    await expect(there.getByRole('heading', { name: 'Nothing has run yet' })).toBeVisible();
    await drop(there, path);
    const opened = there.getByRole('dialog', { name: 'Open a run file' });
    await opened.getByRole('button', { name: 'Take it in and compare' }).click();
    const imported = new ComparePage(there);
    await expect(imported.table('Figures')).toBeVisible();
    expect(await other.json<Comparison>('compare', experiment)).toEqual(comparison);
    const compare = new ComparePage(page);
    await compare.open([experiment]);
    await expect(compare.table('Figures')).toBeVisible();
    for (const table of ['Figures', 'Averaged differences'])
      expect(await imported.cells(table)).toEqual(await compare.cells(table));
    // Every checkpoint went along: extending there trains nothing that is done.
    const plan = await other.json<{ estimate: { trainingsStored: number } }>(
      ...['extend', experiment, '--rounds', '3', '--dry-run'],
    );
    expect(plan.estimate.trainingsStored).toBe(14);
  } finally {
    await context.close();
    await other.close();
  }
});
