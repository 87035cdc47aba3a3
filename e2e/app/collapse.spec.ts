import { expect, test } from './fixtures.ts';
import { ComparePage } from './pages/compare.ts';
import { Run } from './pages/run.ts';

/** A random mask of 13 weights leaves a layer of 32 among 12,576 nothing, on this seed. */
const collapsing = {
  name: 'collapsing',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [16, 2] },
  recipe: { epochs: 1, batch: 128 },
  ticket: { iterations: 10 },
  sparsity: { kind: 'explicit', sparsities: [0.999] },
  arms: ['dense', 'random'],
  threads: 1,
  workers: 1,
};

test('a layer that is pruned to nothing is told on the page of the run and in compare, and only there', async ({
  page,
  studio,
}) => {
  const ended = await studio.swamp('run', studio.write('collapsing.json', collapsing));
  expect(ended.code, ended.stderr).toBe(0);
  const { experiments } = await studio.json<{ experiments: { id: string }[] }>('list');
  const id = experiments[0]?.id ?? '';

  const run = new Run(page);
  await run.open(id);
  const told = page.getByRole('status').filter({ hasText: 'Layer collapse' });
  const heading = (arm: string, round: number) =>
    page.getByRole('heading', { name: `${arm}, seed 1, round ${round}` });
  await run.cell('random', 1, 1).click();
  await expect(heading('random', 1)).toBeVisible();
  await expect(told.first()).toHaveText(
    'Layer collapse: nothing is left of dense2/kernel in round 1 (sparsity 99.90 %).',
  );
  await run.cell('dense', 1, 0).click();
  await expect(heading('dense', 0)).toBeVisible();
  await expect(told).toHaveCount(0);

  const compare = new ComparePage(page);
  await compare.open([id]);
  await page.getByRole('main').getByRole('button', { name: 'More', exact: true }).click();
  const sentence = 'Layer collapse: random leaves nothing of dense2/kernel at 99.90 % sparsity (seed 1).';
  await expect(page.getByText(sentence).first()).toBeVisible();
  await expect(page.getByText(/Layer collapse: dense/)).toHaveCount(0);
  // As on the command line.
  const shown = await studio.swamp('show', id);
  expect(shown.stdout + shown.stderr).toContain(sentence);
});
