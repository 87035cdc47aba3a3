import type { Comparison } from '../../src-main/contract/compare.ts';
import type { Metrics } from '../../src-main/contract/metrics.ts';
import { expect, quickExperiment, test } from './fixtures.ts';
import { NewExperiment } from './pages/new-experiment.ts';
import { Run } from './pages/run.ts';

/** Long enough to be stopped in the middle. */
const long = {
  ...quickExperiment,
  name: 'long',
  recipe: { epochs: 60, batch: 32 },
  arms: ['imp', { kind: 'swamp', particles: 2 }],
};

const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`;

function figures(test: Metrics, validation: Metrics | null): string[] {
  return [
    percent(test.accuracy),
    validation ? percent(validation.accuracy) : '–',
    test.nll.toFixed(4),
    test.ece.toFixed(4),
  ];
}

test('an experiment is started, watched to its end, and every figure is that of the command line', async ({
  page,
  frame,
  studio,
}) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await plan.write(quickExperiment);
  await expect(plan.cost('trainings')).toHaveText('14');
  await plan.begin();

  const run = new Run(page);
  const id = await run.experiment();
  await run.is('running');
  await expect(run.cells('running').first()).toBeVisible({ timeout: 60_000 });
  await run.is('done');
  await expect(run.cells('done')).toHaveCount(9);

  const { arms } = await studio.json<Comparison>('compare', id);
  for (const arm of arms)
    for (const { round, seeds } of arm.rounds)
      for (const { seed, test: own, validation, particles, ensemble } of seeds) {
        await run.cell(arm.arm, seed, round).click();
        await expect(
          page.getByRole('heading', { name: `${arm.arm}, seed ${seed}, round ${round}` }),
        ).toBeVisible();
        await expect(run.cell(arm.arm, seed, round)).toHaveAccessibleName(
          new RegExp(`test accuracy ${percent(own.accuracy)}$`),
        );
        const trainings = (await run.trainings('training')).filter(([name]) => !name?.startsWith('ticket'));
        const expected = particles.map((each) => figures(each.test, each.validation));
        // One training that is the arm's solution is evaluated as such.
        expect(trainings.map((row) => row.slice(-4))).toEqual(
          expected.length > 0 ? expected : [figures(own, validation)],
        );
        const together = (await run.trainings('together')).map((row) => row.slice(-4));
        if (arm.kind === 'imp-ensemble') expect(together).toEqual([figures(own, validation)]);
        else if (ensemble)
          expect(together).toEqual([figures(own, validation), figures(ensemble.test, ensemble.validation)]);
      }
});

test('it is paused, goes on, is cancelled and tried again; the window says what is true', async ({
  page,
  frame,
  studio,
}) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await plan.write(long);
  await plan.begin();
  const run = new Run(page);
  const id = await run.experiment();
  await expect(run.cells('running').first()).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('[data-fact="speed"]')).toContainText('images/s');
  await expect(page.locator('[data-fact="memory"]')).toContainText('MB');

  await run.button('Pause').click();
  await run.is('paused');
  await expect(run.cells('running')).toHaveCount(0);
  const { experiment } = await studio.json<{ experiment: { state: string } }>('show', id);
  expect(experiment.state).toBe('paused');

  await run.button('Go on').click();
  await run.is('running');

  await run.button('Cancel…').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the experiment' }).click();
  await run.is('cancelled');

  await run.button('Retry failed').click();
  await run.is('running');
  await run.button('Pause').click();
  await run.is('paused');
});

test.describe('a finished experiment', () => {
  test.use({ begin: 'finished' });

  test('the strip is gone along with the keys; tags can be taken back', async ({ page, studio }) => {
    const { experiments } = await studio.json<{ experiments: { id: string; tags: string[] }[] }>('list');
    const id = experiments[0]?.id ?? '';
    const run = new Run(page);
    await run.open(id);
    await run.is('done');
    await run.cell('imp', 1, 0).click();
    await page.keyboard.press('ArrowRight');
    await expect(run.cell('imp', 1, 1)).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(run.cell('imp-ensemble(2)', 1, 1)).toHaveAttribute('aria-pressed', 'true');

    await run.button('Star').click();
    await expect(run.button('Take the star away')).toBeVisible();
    const tagsOf = async (): Promise<string[]> => {
      const { experiments: now } = await studio.json<{ experiments: { id: string; tags: string[] }[] }>(
        'list',
      );
      return now[0]?.tags ?? [];
    };
    expect(await tagsOf()).toEqual(['star']);
    // Its notice with the button may have gone by now.
    await page.keyboard.press('Control+z');
    await expect(run.button('Star')).toBeVisible();
    expect(await tagsOf()).toEqual([]);

    await page.getByRole('tab', { name: 'Layers' }).click();
    await expect(page.getByRole('region', { name: 'Layers by round' })).toContainText('100 %');
    await page.getByRole('tab', { name: 'Log' }).click();
    await expect(page.getByRole('log', { name: 'Entries' })).toContainText('round 2 of 2 done');
    await page.getByRole('tab', { name: 'Settings and record' }).click();
    await expect(page.getByRole('region', { name: 'Settings and record' })).toContainText('training steps');
  });

  test('it is extended by a round: what changes is said, only that is trained', async ({ page, studio }) => {
    const { experiments } = await studio.json<{ experiments: { id: string }[] }>('list');
    const id = experiments[0]?.id ?? '';
    const run = new Run(page);
    await run.open(id);
    await run.button('Extend').click();
    const plan = new NewExperiment(page);
    await plan.field('sparsity.rounds').fill('3');
    await expect(page.getByRole('region', { name: 'What changes' })).toContainText('sparsity.rounds');
    // Each round trains one network of IMP, the ensemble's second member and two particles.
    await expect(plan.cost('trainings')).toContainText('14 stored already');
    await plan.begin();
    expect(await run.experiment()).toBe(id);
    await run.is('done');
    await expect(run.cells('done')).toHaveCount(12);
  });
});
