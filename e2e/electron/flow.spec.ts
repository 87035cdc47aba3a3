import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../../src-main/contract/compare.ts';
import { NewExperiment } from '../app/pages/new-experiment.ts';
import { Run } from '../app/pages/run.ts';
import { quickExperiment } from '../app/studio.ts';
import { expect, test } from './fixtures.ts';

test('from the window: start, watch, quit in the middle, go on, compare, export, and open it again', async ({
  desktop,
  studio,
}) => {
  test.setTimeout(240_000);
  let page = await desktop.start();
  const plan = new NewExperiment(page);
  await plan.open();
  await plan.write({ ...quickExperiment, name: 'flow', recipe: { epochs: 8, batch: 64 } });
  await plan.begin();
  let run = new Run(page);
  const experiment = await run.experiment();
  await run.is('running');
  // In the middle: something is done, something is not.
  await expect.poll(() => run.cells('done').count(), { timeout: 60_000 }).toBeGreaterThan(0);
  await desktop.quit('Stop and save');

  page = await desktop.start();
  run = new Run(page);
  await run.open(experiment);
  await run.is('paused');
  await run.button('Go on').click();
  await run.is('done');

  const { arms } = await studio.json<Comparison>('compare', experiment);
  const last = arms.at(-1)?.rounds.at(-1);
  await page.evaluate(`location.hash = ${JSON.stringify(`/compare?e=${experiment}`)}`);
  await expect(page.locator('canvas').first()).toBeVisible();
  await expect(page.getByText((100 * (last?.test?.accuracy ?? NaN)).toFixed(2)).first()).toBeVisible();

  await run.open(experiment);
  await run.is('done');
  await run.button('Export…').click();
  const dialog = page.getByRole('dialog');
  const network = join(studio.folder, 'network.safetensors');
  await dialog.getByRole('combobox', { name: 'File' }).fill(network);
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog.getByRole('heading', { name: 'Exported' })).toBeVisible({ timeout: 60_000 });
  expect(existsSync(network)).toBe(true);
  const evaluated = await studio.json<{ evaluation: { accuracy: number } }>('evaluate', network);
  expect(evaluated.evaluation.accuracy).toBeGreaterThan(0);
  await desktop.quit();

  const file = join(studio.folder, 'flow.swamp');
  expect((await studio.swamp('pack', experiment, '--out', file)).code).toBe(0);
  page = await desktop.start(file);
  const opened = page.getByRole('dialog', { name: 'Open a run file' });
  await expect(opened.getByRole('row', { name: experiment })).toBeVisible();
});
