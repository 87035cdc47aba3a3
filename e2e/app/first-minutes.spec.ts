import { existsSync } from 'node:fs';
import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { NewExperiment } from './pages/new-experiment.ts';
import { Run } from './pages/run.ts';

/** Clicks that it may take, fields that are clicked to type into them among them. */
const MOST_CLICKS = 10;

test('from the empty window to a comparison of SWAMP and IMP and an exported network, in a few clicks', async ({
  page,
  frame,
  studio,
}) => {
  test.slow();
  let clicks = 0;
  const click = async (what: Locator): Promise<void> => {
    clicks++;
    await what.click();
  };
  const plan = new NewExperiment(page);
  const run = new Run(page);

  await click(frame.navigation.getByRole('link', { name: 'New experiment' }));
  await click(plan.preset('demo').getByRole('button', { name: /^Change first/ }));
  // The demo in its smallest form, so that nobody waits for minutes here.
  for (const [path, value] of [
    ['sparsity.rounds', '2'],
    ['recipe.epochs', '2'],
  ] as const) {
    await click(plan.field(path));
    await plan.field(path).fill(value);
  }
  await expect(plan.start).toBeEnabled();
  await click(plan.start);
  const id = await run.experiment();
  await run.is('done');

  await click(run.button('Export…'));
  const dialog = page.getByRole('dialog');
  await click(dialog.getByRole('button', { name: 'Export', exact: true }));
  const file = await dialog.locator('.sw-file').textContent({ timeout: 60_000 });
  expect(file !== null && existsSync(file)).toBe(true);
  await click(dialog.getByRole('button', { name: 'Done' }));

  await click(run.button('Compare'));
  await expect(page).toHaveURL(new RegExp(`#/compare\\?e=${id}`));
  const main = page.getByRole('main');
  for (const arm of ['imp', 'swamp(4)']) await expect(main).toContainText(arm);
  expect(clicks).toBeLessThanOrEqual(MOST_CLICKS);
  expect((await studio.json<{ complete: boolean }>('compare', id)).complete).toBe(true);
});

test('the demo runs after two clicks', async ({ page, frame }) => {
  await frame.open('New experiment');
  await new NewExperiment(page).preset('demo').getByRole('button', { name: 'Start demo' }).click();
  const run = new Run(page);
  await run.experiment();
  await run.is('running');
  await run.button('Pause').click();
  await run.is('paused');
});
