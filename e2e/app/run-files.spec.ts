import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../../src-main/contract/compare.ts';
import { expect, logIn, Studio, test as base } from './fixtures.ts';
import { ComparePage } from './pages/compare.ts';

const test = base.extend<{ compare: ComparePage; other: Studio }>({
  compare: async ({ page }, use) => await use(new ComparePage(page)),
  /** A library with nothing in it. */
  other: async ({}, use) => {
    const studio = new Studio();
    await use(studio);
    await studio.close();
  },
});
test.use({ begin: 'finished' });

test('exports the smallest network, which is then what it was said to be', async ({
  studio,
  compare,
  page,
}) => {
  const { experiment, smallest } = await studio.json<Comparison>('compare', 'quick', '--within', '5');
  await compare.open([experiment], '&within=5');
  const at = smallest.arms.findIndex(({ arm }) => arm === 'swamp(2)');
  const network = smallest.arms[at]?.overSeeds;
  const row = compare
    .table('Smallest network about as good as dense')
    .getByRole('row')
    .nth(at + 1);
  await row.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(`Round ${network?.round ?? ''}:`);
  const file = join(studio.folder, 'network.safetensors');
  await dialog
    .getByRole('combobox', { name: 'File' })
    .fill(join(studio.folder, 'nowhere', 'network.safetensors'));
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog.getByText(/there is no folder/)).toBeVisible();
  await dialog.getByRole('combobox', { name: 'File' }).fill(file);
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog.getByRole('heading', { name: 'Exported' })).toBeVisible({ timeout: 60_000 });
  const shown = await dialog.getByRole('row', { name: /^test/ }).getByRole('cell').allInnerTexts();
  const evaluated = await studio.json<{ evaluation: { accuracy: number } }>('evaluate', file);
  expect(shown[0]).toBe((100 * evaluated.evaluation.accuracy).toFixed(2));
  expect(shown[0]).toBe((100 * (network?.test.accuracy ?? NaN)).toFixed(2));
  expect(existsSync(`${file}.md`)).toBe(true);
  await dialog.getByText('Model card', { exact: true }).click();
  await expect(dialog.locator('pre')).toContainText('## Sparsity');
});

test('packs experiments, which another library opens and compares', async ({
  studio,
  compare,
  other,
  page,
  browser,
}) => {
  const comparison = await studio.json<Comparison>('compare', 'quick');
  const { experiment } = comparison;
  const file = join(studio.folder, 'quick.swamp');
  const packed = await studio.swamp('pack', experiment, '--out', file);
  expect(packed.code, packed.stderr).toBe(0);

  const context = await browser.newContext();
  const there = await context.newPage();
  await logIn(there, other);
  const chosen = there.waitForEvent('filechooser');
  await there.keyboard.press('Control+o');
  await (await chosen).setFiles(file);
  const dialog = there.getByRole('dialog', { name: 'Open a run file' });
  await expect(dialog.getByRole('row', { name: experiment })).toContainText('new');
  await dialog.getByRole('button', { name: 'Take it in and compare' }).click();
  await expect(there).toHaveURL(new RegExp(`compare\\?e=${experiment}`), { timeout: 30_000 });
  const imported = new ComparePage(there);
  await expect(imported.table('Figures')).toBeVisible();
  await compare.open([experiment]);
  await expect(compare.table('Figures')).toBeVisible();
  expect(await imported.cells('Figures')).toEqual(await compare.cells('Figures'));
  expect(await other.json<Comparison>('compare', experiment)).toEqual(comparison);

  // Its notice with the button may have gone by now.
  await there.keyboard.press('Control+z');
  await expect(there.getByText(/^Undone/)).toBeVisible();
  expect(await other.json('list')).toEqual({ experiments: [] });
  await context.close();
  expect(page.isClosed()).toBe(false);
});

test('refuses a damaged file with the reason', async ({ studio, page }) => {
  const file = join(studio.folder, 'quick.swamp');
  await studio.swamp('pack', 'quick', '--out', file);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length / 2)));
  const chosen = page.waitForEvent('filechooser');
  await page.keyboard.press('Control+o');
  await (await chosen).setFiles(file);
  const dialog = page.getByRole('dialog', { name: 'Open a run file' });
  await expect(dialog.getByRole('alert')).toContainText('This file cannot be opened');
  await expect(dialog.getByRole('button', { name: 'Take it in and compare' })).toBeDisabled();
});
