import { seriousIn } from './axe.ts';
import { expect, quickExperiment, test, type Studio } from './fixtures.ts';
import { Analyses } from './pages/analyses.ts';
import { ComparePage } from './pages/compare.ts';
import { ExperimentsPage } from './pages/experiments.ts';
import { Run } from './pages/run.ts';

test.use({ begin: 'finished' });
// Workers share the machine with the browser.
test.describe.configure({ timeout: 300_000 });

/** The experiment that is in the library from the beginning. */
async function quickOf(studio: Studio): Promise<string> {
  const { experiments } = await studio.json<{ experiments: { id: string; name: string }[] }>('list');
  return experiments.find(({ name }) => name === 'quick')?.id ?? '';
}

test('one is chosen, costed, started and looked at; the same is not done twice', async ({
  page,
  frame,
  studio,
}) => {
  const id = await quickOf(studio);
  const run = new Run(page);
  await run.open(id);
  await run.is('done');
  const analyses = new Analyses(page);
  await analyses.openTab();
  await expect(page.getByRole('heading', { name: 'No analyses yet' })).toBeVisible();

  await analyses.openDialog();
  await analyses.kind('Masks');
  await expect(analyses.run('swamp(2), seed 1')).toBeChecked();
  await expect(analyses.plan('jobs')).toHaveText(/^\d+$/, { timeout: 90_000 });
  await analyses.begin();

  // Waiting and running it is under way by its name, and leads here.
  await analyses.is('done');
  await expect(page.getByRole('tab', { name: /^Analyses/ })).toHaveText(/1$/);
  await expect(analyses.list.getByRole('button')).toHaveCount(1);
  await expect(analyses.figures.locator('canvas').first()).toBeVisible();

  const csv = await analyses.saveFirst('CSV of the figures');
  const analysis = await analyses.id();
  expect(csv.name).toMatch(new RegExp(`^${analysis}-.*\\.csv$`));
  expect(csv.bytes.toString().split('\r\n').length).toBeGreaterThan(3);
  expect((await analyses.saveFirst('SVG picture')).bytes.toString()).toContain('<svg');
  expect((await analyses.saveFirst('PNG picture')).bytes.subarray(1, 4).toString()).toBe('PNG');

  // The numbers behind a chart, and back.
  const first = analyses.figures.filter({ has: page.locator('canvas') }).first();
  const figure = analyses.opened.locator(`[data-figure="${await first.getAttribute('data-figure')}"]`);
  await figure.getByRole('button', { name: 'As a table' }).click();
  await expect(figure.getByRole('table')).toBeVisible();
  await figure.getByRole('button', { name: 'As a chart' }).click();
  await expect(figure.locator('canvas')).toBeVisible();

  // Once more the same: what is stored is opened.
  await analyses.openDialog();
  await analyses.kind('Masks');
  await expect(analyses.dialog).toContainText('The same is stored already', { timeout: 90_000 });
  await analyses.begin();
  await expect(analyses.list.getByRole('button')).toHaveCount(1);

  // It is no experiment, and yet it is found.
  await frame.open('Experiments');
  const experiments = new ExperimentsPage(page);
  await expect(experiments.row('swamp(2)')).toBeVisible();
  await expect(experiments.table).not.toContainText('masks');
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox', { name: /^Search/ }).fill('masks');
  await page.getByRole('option', { name: /^Masks/ }).click();
  await expect(analyses.opened).toHaveAttribute('data-analysis', analysis);

  // Removed, and brought back.
  await analyses.more('Remove');
  await expect(page.getByRole('heading', { name: 'No analyses yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(analyses.list.getByRole('button')).toHaveCount(1);
  await expect(analyses.opened).toHaveAttribute('data-analysis', analysis);
});

test('a long one shows how far it is, is paused, goes on, is cancelled and tried again', async ({
  page,
  studio,
}) => {
  const id = await quickOf(studio);
  const run = new Run(page);
  await run.open(id);
  await run.is('done');
  const analyses = new Analyses(page);
  await analyses.openTab();
  await analyses.openDialog();
  await analyses.kind('Flatness');
  // Minutes of work, in many steps.
  await analyses.dialog.getByLabel('probes', { exact: true }).fill('10000');
  await analyses.begin();
  await analyses.is('running');
  await expect(analyses.opened.locator('[data-progress]')).toContainText(/of \d+ jobs done/);
  const underWay = page.getByRole('region', { name: 'Under way' });
  await expect(underWay.getByRole('link', { name: /^Flatness/ })).toBeVisible();
  // What is not there yet is said where its chart will be.
  await expect(analyses.figures.first()).toBeVisible();

  await analyses.button('Pause').click();
  await analyses.is('paused');
  await analyses.button('Go on').click();
  await analyses.is('running');
  // It leads from everywhere to where it is shown.
  await page.getByRole('tab', { name: 'Round', exact: true }).click();
  await underWay.getByRole('link', { name: /^Flatness/ }).click();
  await expect(analyses.opened).toBeVisible();

  await analyses.button('Cancel').click();
  await analyses.is('cancelled');
  await analyses.button('Try again').click();
  await analyses.is('running');
  await analyses.button('Pause').click();
  await analyses.is('paused');
});

test('what cannot be done is said before it begins, beside what it is about', async ({ page, studio }) => {
  const other = studio.write('other.json', {
    ...quickExperiment,
    name: 'other',
    model: { kind: 'lenet', hidden: [8] },
    sparsity: { kind: 'geometric', fraction: 0.5, rounds: 1 },
    arms: ['imp'],
  });
  expect((await studio.swamp('run', other)).code).toBe(0);
  const { experiments } = await studio.json<{ experiments: { id: string }[] }>('list');
  const compare = new ComparePage(page);
  await compare.open(experiments.map(({ id }) => id));

  const analyses = new Analyses(page);
  await analyses.openDialog();
  const { dialog, start } = analyses;

  // Networks of other shapes are not joined.
  await analyses.kind('Linear connectivity');
  await expect(dialog.getByRole('alert')).toContainText(/shape|weights/, { timeout: 90_000 });
  await expect(start).toBeDisabled();

  // A plane needs three solutions; an ensemble of two has none.
  await analyses.kind('Loss surface');
  for (const box of await dialog.getByRole('checkbox', { name: /, seed 1$/ }).all()) await box.uncheck();
  await expect(dialog).toContainText('Choose one run or more.');
  await analyses.run('imp-ensemble(2), seed 1').check();
  await expect(dialog.getByRole('alert')).toContainText('three solutions', { timeout: 90_000 });
  // Networks are named in the window's words.
  await expect(dialog.getByRole('alert')).not.toContainText('@');
  await expect(start).toBeDisabled();

  // A value that cannot be stands beside its field.
  const size = dialog.getByLabel('size', { exact: true });
  await size.fill('3');
  await expect(size).toHaveAttribute('aria-invalid', 'true', { timeout: 90_000 });
  await expect(start).toBeDisabled();

  // Too few.
  await analyses.kind('Mask transfer');
  await expect(dialog.getByRole('radio', { name: 'Runs' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('particles that retention removed are named with the setting, and trained again where that is wished', async ({
  page,
  studio,
}) => {
  const id = await quickOf(studio);
  await studio.swamp('settings', 'retention.particles', 'none');
  await studio.swamp('gc');
  const run = new Run(page);
  await run.open(id);
  await run.is('done');
  const analyses = new Analyses(page);
  await analyses.openTab();
  await analyses.openDialog();
  await analyses.kind('Linear connectivity');
  const { dialog, start } = analyses;
  await analyses.run('imp, seed 1').uncheck();
  await analyses.run('imp-ensemble(2), seed 1').setChecked(false);
  await dialog.getByRole('combobox', { name: 'pairs' }).click();
  await page.getByRole('option', { name: 'particles' }).click();
  await expect(dialog).toContainText('Particles of finished runs', { timeout: 90_000 });
  await expect(start).toBeDisabled();
  await dialog.getByRole('checkbox', { name: /^Train/ }).check();
  await analyses.begin();
  await analyses.is('done');
});

test('compared runs are analysed where they are compared; axe finds nothing serious', async ({
  page,
  studio,
}) => {
  const id = await quickOf(studio);
  const compare = new ComparePage(page);
  await compare.open([id]);
  const analyses = new Analyses(page);
  await analyses.openDialog();
  await analyses.kind('Particles, their average and their ensemble against sparsity');
  await expect(analyses.run('imp, seed 1')).toBeChecked();
  await expect(analyses.start).toBeEnabled({ timeout: 90_000 });
  expect(await seriousIn(page, '[role=dialog]')).toEqual([]);
  await analyses.begin();
  await analyses.is('done');
  await expect(page).toHaveURL(/#\/compare\?.*analysis=/);
  await analyses.figures.locator('canvas').first().scrollIntoViewIfNeeded();
  await expect(analyses.figures.locator('canvas').first()).toBeVisible();
  expect(await seriousIn(page, 'main')).toEqual([]);
});
