import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Comparison } from '../../src-main/contract/compare.ts';
import { expect, test } from './fixtures.ts';
import { ComparePage } from './pages/compare.ts';
import { Run } from './pages/run.ts';

test.use({ begin: 'finished' });

interface Evaluated {
  readonly evaluation: { readonly accuracy: number; readonly nll: number };
  readonly classes: readonly { readonly name: string; readonly images: number; readonly accuracy: number }[];
  readonly confusion: readonly (readonly number[])[];
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /search/i }).fill(title);
  await page.getByRole('option', { name: title }).first().click();
}

test('a network of a run is evaluated as the command line evaluates its file, class by class', async ({
  studio,
  page,
}) => {
  const { experiment, arms } = await studio.json<Comparison>('compare', 'quick');
  const file = join(studio.folder, 'network.safetensors');
  await studio.swamp('export', `${experiment}/imp/1`, '--round', '1', '--out', file);
  const expected = await studio.json<Evaluated>('evaluate', file);

  const run = new Run(page);
  await run.open(experiment);
  await run.cell('imp', 1, 1).click();
  await run.button('More').click();
  await page.getByRole('menuitem', { name: 'Evaluate network…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('combobox', { name: 'Round' })).toContainText('Round 1');
  await dialog.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(dialog.getByRole('heading', { name: 'Evaluated' })).toBeVisible({ timeout: 60_000 });
  await expect(dialog).toContainText(percent(expected.evaluation.accuracy));
  await expect(dialog).toContainText(`${expected.evaluation.nll.toFixed(4)} nats`);
  const stored = arms.find(({ arm }) => arm === 'imp')?.rounds[1]?.seeds[0]?.test.accuracy ?? NaN;
  expect(expected.evaluation.accuracy).toBeCloseTo(stored, 6);
  const rows = dialog.getByRole('table', { name: 'By class' }).locator('tbody tr');
  await expect(rows).toHaveCount(expected.classes.length);
  for (const [at, { name, images, accuracy }] of expected.classes.entries())
    await expect(rows.nth(at)).toHaveText(new RegExp(`${name}\\s*${images}\\s*${percent(accuracy)}`));
  const confused = await dialog.locator('table.confusion td').allInnerTexts();
  expect(confused.map(Number)).toEqual(expected.confusion.flat());
  // Nothing of it is left in the library.
  expect(existsSync(join(studio.library, 'exports'))).toBe(false);
});

test('predictions of a network in a file are those of the command line; what is wrong stands in the dialog', async ({
  studio,
  page,
}) => {
  const { experiment } = await studio.json<Comparison>('compare', 'quick');
  const file = join(studio.folder, 'network.safetensors');
  await studio.swamp('export', `${experiment}/swamp-2/1`, '--out', file);
  const out = join(studio.folder, 'said.csv');
  await studio.swamp('predict', file, '--top', '3', '--out', out);

  await command(page, 'Evaluate a network in a file…');
  const dialog = page.getByRole('dialog');
  const evaluate = dialog.getByRole('button', { name: 'Evaluate', exact: true });
  await expect(evaluate).toBeDisabled();
  const path = dialog.getByRole('combobox', { name: 'Network' });
  await path.fill(join(studio.folder, 'none.safetensors'));
  await page.keyboard.press('Tab');
  await evaluate.click();
  await expect(dialog.getByRole('alert')).toContainText('there is no file');
  await path.fill(file);
  await page.keyboard.press('Tab');
  await dialog.getByRole('checkbox', { name: 'Write what it says of each image' }).check();
  await dialog.getByRole('combobox', { name: /^Predictions/ }).fill(out);
  await page.keyboard.press('Tab');
  await dialog.getByRole('textbox', { name: /most probable classes/ }).fill('3');
  await evaluate.click();
  await expect(dialog.getByText(/is there already/)).toBeVisible();
  const mine = join(studio.folder, 'mine.csv');
  await dialog.getByRole('combobox', { name: /^Predictions/ }).fill(mine);
  await page.keyboard.press('Tab');
  await evaluate.click();
  await expect(dialog.getByText(mine)).toBeVisible({ timeout: 60_000 });
  expect(readFileSync(mine, 'utf8')).toBe(readFileSync(out, 'utf8'));
});

test('an evaluation is stopped, and nothing is left of it', async ({ studio, page }) => {
  const { experiment } = await studio.json<Comparison>('compare', 'quick');
  await new Run(page).open(experiment);
  await command(page, 'Evaluate a network of this run');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await expect(dialog.getByRole('button', { name: 'Evaluate', exact: true })).toBeEnabled();
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Under way' })).toHaveCount(0);
});

test('the report page is that of the command line', async ({ studio, page }) => {
  const { experiment } = await studio.json<Comparison>('compare', 'quick');
  const html = join(studio.folder, 'page.html');
  await studio.swamp('compare', experiment, '--html', html);
  await new ComparePage(page).open([experiment]);
  const begun = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Report page' }).click();
  const download = await begun;
  expect(download.suggestedFilename()).toBe(`${experiment}.html`);
  expect(readFileSync(await download.path(), 'utf8')).toBe(readFileSync(html, 'utf8'));
});
