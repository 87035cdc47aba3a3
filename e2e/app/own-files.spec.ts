import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator } from '@playwright/test';
import { expect, quickExperiment, test } from './fixtures.ts';
import { NewExperiment } from './pages/new-experiment.ts';
import { Run } from './pages/run.ts';

const examples = fileURLToPath(new URL('../../resources/examples', import.meta.url));

test('a data set, a model and a criterion of one’s own are chosen, mended and run', async ({
  page,
  studio,
}) => {
  const home = join(studio.folder, 'home');
  cpSync(examples, home, { recursive: true });
  const plan = new NewExperiment(page);
  await plan.open();
  await plan.write({ ...quickExperiment, name: 'own', recipe: { epochs: 60, batch: 50 }, arms: ['imp'] });
  await expect(plan.start).toBeEnabled();

  /** Chooses a file for a setting. @returns where its path is typed. */
  const choose = async (region: string, label: string): Promise<Locator> => {
    const section = page.getByRole('region', { name: region, exact: true });
    await section.getByRole('combobox', { name: label, exact: true }).click();
    await page.getByRole('option', { name: 'A file of your own…' }).click();
    await expect(plan.start).toBeDisabled();
    return section.getByRole('combobox', { name: 'file', exact: true });
  };
  const data = await choose('Data', 'data set');
  await data.fill(join(home, 'my-dataset.ts'));
  await expect(data).not.toHaveAttribute('aria-invalid', 'true');

  // A model that is not there, that is no TypeScript, that is no model, and then is one.
  const model = await choose('Model', 'model');
  const below = page.getByRole('region', { name: 'Model', exact: true });
  await model.fill(join(home, 'nowhere.ts'));
  await expect(below).toContainText(/no file .*nowhere\.ts/);
  await expect(model).toHaveAttribute('aria-invalid', 'true');
  const good = readFileSync(join(home, 'my-model.ts'), 'utf8');
  const file = join(home, 'edited.ts');
  writeFileSync(file, `${good}\nconst half = {`);
  await model.fill(file);
  await expect(below).toContainText(/edited\.ts.*(syntax|Expression expected|Unexpected|Expected)/i);
  await expect(plan.start).toBeDisabled();
  writeFileSync(file, 'export default 7;\n');
  await model.fill('');
  await model.fill(file);
  await expect(below).toContainText(/edited\.ts/);
  await expect(below).not.toContainText(/Expression expected|Unexpected/);
  await expect(model).toHaveAttribute('aria-invalid', 'true');
  writeFileSync(file, good);
  await model.fill('');
  await model.fill(file);
  await expect(model).not.toHaveAttribute('aria-invalid', 'true');

  const criterion = await choose('Sparsity', 'criterion');
  await criterion.fill(join(home, 'my-criterion.ts'));
  await page.keyboard.press('Tab');
  await expect(plan.start).toBeEnabled({ timeout: 30_000 });
  await plan.start.click();
  const run = new Run(page);
  const id = await run.experiment();
  await expect(run.cells('running').first()).toBeVisible({ timeout: 60_000 });
  await run.button('Pause').click();
  await run.is('paused');
  const shown = await studio.json<{ config: Record<string, { kind: string }> }>('show', id);
  expect(JSON.stringify(shown)).toContain('my-criterion.ts');

  // The file was changed since: that is said, and it goes on when it is as it was.
  writeFileSync(file, `${good}\n// edited\n`);
  await run.button('Go on').click();
  const trouble = page.getByText(/edited\.ts changed since the experiment was planned/).first();
  await expect(trouble).toBeVisible();
  writeFileSync(file, good);
  await run.button('Retry failed').click();
  await run.is('running');
  await expect(trouble).toBeHidden();
});
