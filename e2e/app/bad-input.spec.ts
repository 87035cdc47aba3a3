import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { ExperimentsPage } from './pages/experiments.ts';
import { NewExperiment } from './pages/new-experiment.ts';

/** A setting, what is typed there, and what is said of it. */
const wrong: readonly (readonly [path: string, text: string, said: RegExp])[] = [
  ['name', 'two/parts', /letters|characters|name/],
  ['sparsity.fraction', '1.5', /less than 1/],
  ['sparsity.fraction', '-', /number/],
  ['sparsity.rounds', '2.5', /whole/],
  ['sparsity.rounds', '-3', /at least/],
  ['recipe.epochs', '1e', /number/],
  ['recipe.batch', '0', /at least 1|out of range/],
  ['swa.start', '7', /out of range|less than|at most/],
  ['seeds', '1, 1', /already|twice|1/],
];

test('what cannot be is said beside its field, and nothing starts half-valid', async ({ page, studio }) => {
  const plan = new NewExperiment(page);
  await plan.open();
  await expect(plan.start).toBeEnabled();
  for (const [path, text, said] of wrong) {
    const field = plan.field(path);
    const before = await field.inputValue();
    await field.fill(text);
    await expect(field, path).toHaveAttribute('aria-invalid', 'true');
    await expect(plan.said(path)).toContainText(said);
    // As it was typed.
    await expect(field).toHaveValue(text);
    await expect(plan.start).toBeDisabled();
    await field.fill(before);
    await expect(field, path).not.toHaveAttribute('aria-invalid', 'true');
    await expect(plan.start).toBeEnabled();
  }

  // More rounds than weights can be taken away in.
  await plan.field('sparsity.rounds').fill('80');
  await expect(plan.problems).toContainText(/weights|round/);
  await expect(plan.start).toBeDisabled();
  // A list of problems leads to the fields.
  await plan.problems.getByRole('button').first().press('Enter');
  await expect(page.locator('[data-path^="sparsity"] :focus')).toBeVisible();
  await plan.field('sparsity.rounds').fill('3');
  await expect(plan.start).toBeEnabled();

  // Half a JSON: what was there before counts no more, and is not lost.
  await plan.openJson();
  const whole = await plan.json.inputValue();
  await plan.json.fill(whole.slice(0, -20));
  await expect(page.getByRole('region', { name: 'Experiment file' })).toContainText(/JSON|line/i);
  await expect(plan.start).toBeDisabled();
  await plan.json.fill(whole);
  await expect(plan.start).toBeEnabled();
  expect(await studio.json('list')).toEqual({ experiments: [] });
});

test.describe('with a finished experiment', () => {
  test.use({ begin: 'finished' });

  test('an export that cannot be written says why beside its file, and touches nothing', async ({
    page,
    studio,
  }) => {
    const letter = studio.write('letter.txt', 'dear colleague');
    const folder = join(studio.folder, 'folder.safetensors');
    mkdirSync(folder);
    const there = join(studio.folder, 'there.safetensors');
    writeFileSync(there, 'mine');
    const experiments = new ExperimentsPage(page);
    await experiments.row('swamp(2)').click();
    await experiments.table.focus();
    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog');
    const field = dialog.getByRole('combobox', { name: 'File' });
    const start = dialog.getByRole('button', { name: 'Export', exact: true });
    await expect(start).toBeEnabled();
    for (const [path, said] of [
      [join(letter, 'x.safetensors'), /letter\.txt|folder/],
      [folder, /folder/],
      [join(studio.folder, 'nowhere', 'x.safetensors'), /there is no folder/],
      [there, /is there already/],
    ] as const) {
      await field.fill(path);
      await page.keyboard.press('Tab');
      await start.click();
      await expect(field, path).toHaveAttribute('aria-invalid', 'true');
      await expect(dialog.locator('.problem, [class*=problem]').first()).toContainText(said);
      await expect(start).toBeEnabled();
    }
    expect(readFileSync(there, 'utf8')).toBe('mine');
    expect(readFileSync(letter, 'utf8')).toBe('dear colleague');
    await dialog.getByRole('checkbox', { name: 'Replace the file that is there' }).check();
    await start.click();
    await expect(dialog.getByRole('heading', { name: 'Exported' })).toBeVisible({ timeout: 60_000 });
    expect(readFileSync(there, 'utf8')).not.toBe('mine');
  });

  test('a finished run is extended and forked from its row', async ({ page, studio }) => {
    const { experiments: all } = await studio.json<{ experiments: { id: string }[] }>('list');
    const id = all[0]?.id ?? '';
    const row = new ExperimentsPage(page).row('swamp(2)');
    const menu = async (item: string): Promise<void> => {
      await row.click({ button: 'right' });
      await page.getByRole('menuitem', { name: item }).click();
    };
    await menu('Extend…');
    const plan = new NewExperiment(page);
    await expect(page).toHaveURL(new RegExp(`#/new\\?extend=${id}`));
    await expect(page.getByRole('region', { name: 'What changes' })).toContainText('Nothing yet');
    await plan.field('seeds').fill('1, 2');
    await expect(page.getByRole('region', { name: 'What changes' })).toContainText('seeds');
    await expect(plan.start).toBeEnabled();
    await page.goBack();
    await menu('Fork…');
    await expect(page).toHaveURL(new RegExp(`#/new\\?from=${id}`));
    await plan.field('recipe.learningRate').fill('0.02');
    await expect(page.getByRole('region', { name: 'What changes' })).toContainText('recipe.learningRate');
    await plan.field('name').fill('forked');
    await plan.begin();
    await expect(page).toHaveURL(/#\/run\/forked-/);
    await expect(page.getByRole('heading', { name: 'forked' })).toBeVisible();
    const { experiments: now } = await studio.json<{ experiments: { id: string }[] }>('list');
    expect(now.map((each) => each.id.replace(/-\w+$/, '')).sort()).toEqual(['forked', 'quick']);
  });
});
