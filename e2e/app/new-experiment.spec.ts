import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './fixtures.ts';
import { NewExperiment } from './pages/new-experiment.ts';

test('what is typed stays as it is typed, and what is wrong with it stands beside it', async ({
  page,
  frame,
}) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await expect(plan.start).toBeEnabled();
  const rate = plan.field('recipe.learningRate');
  await rate.fill('');
  await rate.pressSequentially('0.');
  await expect(rate).toHaveValue('0.');
  await rate.pressSequentially('0');
  await expect(plan.said('recipe.learningRate')).toContainText('out of range');
  await expect(plan.start).toBeDisabled();
  await rate.pressSequentially('5');
  await expect(rate).toHaveValue('0.05');
  await expect(plan.said('recipe.learningRate')).not.toContainText('out of range');
  await expect(plan.start).toBeEnabled();

  await rate.fill('1e');
  await expect(plan.said('recipe.learningRate')).toContainText('number');
  await expect(rate).toHaveValue('1e');
  await expect(rate).toHaveAttribute('aria-invalid', 'true');
  await expect(plan.start).toBeDisabled();
});

test('a list where one value belongs is a sweep', async ({ page, frame }) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await plan.field('recipe.batch').fill('64, 128');
  await expect(plan.said('recipe.batch')).toContainText('an experiment for each');
  await expect(plan.start).toHaveText('Start 2 experiments');
});

test('a schedule that falls and a folder that is not there are refused in their place', async ({
  page,
  frame,
}) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await plan.write({
    name: 'wrong',
    dataset: { kind: 'cifar10', path: '/nowhere/at/all' },
    model: { kind: 'resnet', depth: 8 },
    sparsity: { kind: 'explicit', sparsities: [0.5, 0.4] },
    arms: ['imp'],
  });
  await expect(plan.problems).toContainText('rise from round to round');
  await plan.openJson();
  await expect(page.getByRole('region', { name: 'Experiment file' })).toContainText(/Line \d+/);
  await expect(plan.start).toBeDisabled();
  await page.getByRole('textbox', { name: 'Sparsity of round 2, a fraction' }).fill('0.75');
  await expect(plan.said('dataset.path')).toContainText('/nowhere/at/all');
  await expect(plan.start).toBeDisabled();
});

test('the schedule is dragged, and moved with the keys', async ({ page, frame }) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await plan.field('sparsity.rounds').fill('4');
  const end = page.getByRole('slider', { name: 'Sparsity of round 4' });
  await end.scrollIntoViewIfNeeded();
  const before = await plan.field('sparsity.fraction').inputValue();
  const box = await end.boundingBox();
  if (!box) throw new Error('the curve has no end');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y - 20, { steps: 4 });
  await page.mouse.up();
  await expect(plan.field('sparsity.fraction')).not.toHaveValue(before);
  const dragged = Number(await plan.field('sparsity.fraction').inputValue());
  expect(dragged).toBeGreaterThan(Number(before));

  const rounds = page.getByRole('slider', { name: 'Pruning rounds' });
  await rounds.focus();
  await page.keyboard.press('ArrowRight');
  await expect(plan.field('sparsity.rounds')).toHaveValue('5');

  await page.getByRole('button', { name: 'Move single rounds' }).click();
  const second = page.getByRole('slider', { name: 'Sparsity of round 2' });
  await second.focus();
  const at = Number(await second.getAttribute('aria-valuenow'));
  await page.keyboard.press('Shift+ArrowUp');
  await expect.poll(async () => Number(await second.getAttribute('aria-valuenow'))).toBeCloseTo(at + 5, 0);
  await page.keyboard.press('Delete');
  await expect(page.getByRole('slider', { name: /^Sparsity of round/ })).toHaveCount(4);
  await expect(plan.start).toBeEnabled();
});

test('the list of rounds has what masks will have beside what was asked; arms name their own options', async ({
  page,
  frame,
}) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await plan.write({
    name: 'grouped',
    dataset: 'digits',
    model: { kind: 'lenet', hidden: [300, 100] },
    recipe: { epochs: 1 },
    sparsity: { kind: 'explicit', sparsities: [0.75] },
    scope: { kind: 'n-m', m: 8 },
    arms: ['imp'],
  });
  const rounds = page.getByRole('region', { name: 'Rounds of the schedule' });
  // The second layer has 300 inputs, which 8 does not divide.
  await expect(rounds.getByRole('row').nth(2)).toContainText(/66\.5 %\s*88,800/);
  await expect(rounds.getByRole('textbox')).toHaveValue('0.75');
  await expect(plan.said('scope.m')).toContainText('group, M');

  await plan.write({ name: 'rules', dataset: 'digits', model: 'lenet', arms: ['rigl'] });
  await expect(plan.said('arms[0].every')).toContainText('mask updated every');
  await expect(plan.said('arms[0].every')).toContainText('ΔT: iterations between two updates');
  await expect(plan.said('arms[0].fraction')).toContainText('replaced at an update');
});

test('arms are added, changed and taken out; the draft is there again after a reload', async ({
  page,
  frame,
}) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await page.getByRole('button', { name: 'More for swamp(4)' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await expect(page.getByRole('article', { name: 'Arm 3: swamp(5)' })).toBeVisible();
  const arm = page.getByRole('article', { name: /^Arm 3/ });
  await arm.getByRole('combobox', { name: 'How the number of particles is given' }).click();
  await page.getByRole('option', { name: 'steps by sparsity (SWAMP+)' }).click();
  await expect(page.getByRole('article', { name: 'Arm 3: swamp(1, 5 from 60 %)' })).toBeVisible();
  await page.getByRole('button', { name: 'Remove imp', exact: true }).click();
  await plan.field('name').fill('mine');
  await expect(plan.start).toBeEnabled();
  await page.reload();
  await expect(plan.field('name')).toHaveValue('mine');
  await expect(page.getByRole('article', { name: /^Arm \d/ })).toHaveCount(2);
  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(plan.field('name')).toHaveValue('my-experiment');
});

test('data are looked at before they are used', async ({ page, frame }) => {
  await frame.open('New experiment');
  await page.getByRole('button', { name: 'What is in it…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('row')).toHaveCount(11);
  await expect(dialog.getByRole('img')).toBeVisible();
});

test('axe finds nothing serious', async ({ page, frame }) => {
  await frame.open('New experiment');
  await expect(new NewExperiment(page).start).toBeEnabled();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    const { violations } = await new AxeBuilder({ page }).include('main').analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual([]);
  }
});

test('what masks may prune is chosen, and the denominator says what sparsity is then a share of', async ({
  page,
  frame,
}) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await plan.write({
    name: 'sets',
    dataset: 'digits',
    model: { kind: 'lenet', hidden: [16] },
    recipe: { epochs: 1 },
    sparsity: { kind: 'geometric', fraction: 0.5, rounds: 2 },
    arms: ['imp'],
  });
  const denominator = page.getByRole('complementary', { name: 'Cost and start' });
  await expect(denominator).toContainText('12,544 weights (');
  const choose = async (path: string, value: 'yes' | 'no') => {
    await plan.said(path).getByRole('combobox').click();
    await page.getByRole('option', { name: value, exact: true }).click();
  };

  await choose('prunable.dense', 'no');
  await expect(plan.problems).toContainText('no weight of the model lenet may be pruned');
  await expect(plan.start).toBeDisabled();
  await choose('pruneClassifier', 'yes');
  await expect(denominator).toContainText('160 weights (');
  await expect(plan.start).toBeEnabled();
  await choose('prunable.dense', 'yes');
  await expect(denominator).toContainText('12,704 weights (');
  // Convolutions are what this model has none of: nothing changes.
  await choose('prunable.convolutions', 'no');
  await expect(plan.start).toBeEnabled();
  await plan.openJson();
  expect(await plan.draft()).toMatchObject({
    pruneClassifier: true,
    prunable: { convolutions: false, dense: true },
  });
});

test('among what scores are compared is chosen; what does not go with it is told beside it and beside its arm', async ({
  page,
  frame,
}) => {
  await frame.open('New experiment');
  const plan = new NewExperiment(page);
  await plan.write({
    name: 'groups',
    dataset: 'digits',
    model: { kind: 'lenet', hidden: [16] },
    recipe: { epochs: 1 },
    sparsity: { kind: 'explicit', sparsities: [0.5] },
    arms: ['imp', 'rigl'],
  });
  const second = page.getByRole('article', { name: /^Arm 2/ });
  await expect(second).toContainText('no update of the mask falls before step 42');
  await second.locator('[data-path="arms[1].every"] input').fill('10');
  await expect(plan.start).toBeEnabled();
  await plan.said('scope').getByRole('combobox').click();
  await page.getByRole('option', { name: /^N:M/ }).click();
  await expect(plan.said('scope')).toContainText('masks of rigl change a few weights at a time');
  await expect(plan.start).toBeDisabled();
  await plan.said('scope').getByRole('combobox').click();
  await page.getByRole('option', { name: /^Uniform/ }).click();
  await expect(plan.start).toBeEnabled();
});
