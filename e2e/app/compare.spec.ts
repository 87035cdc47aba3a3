import { AxeBuilder } from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import type { Comparison } from '../../src-main/contract/compare.ts';
import { expect, quickExperiment, test as base } from './fixtures.ts';
import { ComparePage } from './pages/compare.ts';

const test = base.extend<{ compare: ComparePage }>({
  compare: async ({ page }, use) => await use(new ComparePage(page)),
});
test.use({ begin: 'finished', permissions: ['clipboard-read', 'clipboard-write'] });

/** The one experiment that is there to begin with. */
async function quick(studio: { json<T>(...args: string[]): Promise<T> }): Promise<Comparison> {
  return await studio.json<Comparison>('compare', 'quick');
}

const percent = (value: number): string => (100 * value).toFixed(2);

test('shows what `swamp compare` prints, in table and picture', async ({ studio, compare }) => {
  const comparison = await quick(studio);
  await compare.open([comparison.experiment]);
  const [head, ...rows] = await compare.cells('Figures');
  expect(head?.slice(3)).toEqual(comparison.arms.map(({ arm }) => arm));
  const rounds = comparison.arms[0]?.rounds ?? [];
  expect(rows).toHaveLength(rounds.length);
  for (const [at, row] of rows.entries()) {
    expect(row[0]).toBe(String(rounds[at]?.round));
    expect(row.slice(3)).toEqual(
      comparison.arms.map(({ rounds: own }) => percent(own[at]?.test.accuracy ?? NaN)),
    );
  }
  const series = await compare.drawn(/^Test accuracy against sparsity/);
  for (const [index, { arm, rounds: own }] of comparison.arms.entries()) {
    const line = series.find(({ id }) => id === `line:${index}`);
    expect(line?.name).toBe(arm);
    const data = line?.data as [number, number][];
    expect(data).toHaveLength(own.length);
    for (const [at, round] of own.entries()) {
      expect(data[at]?.[0]).toBeCloseTo(100 * round.remaining, 3);
      expect(data[at]?.[1]).toBeCloseTo(100 * round.test.accuracy, 3);
    }
  }
});

test('shows particles, smallest networks and differences as they were computed', async ({
  studio,
  compare,
}) => {
  const comparison = await quick(studio);
  await compare.open([comparison.experiment]);
  const index = comparison.arms.findIndex(({ kind }) => kind === 'swamp');
  const particles = comparison.arms[index]?.rounds.flatMap(({ seeds }) =>
    seeds.flatMap((seed) => seed.particles.map(({ test }) => 100 * test.accuracy)),
  );
  const series = await compare.drawn(/^swamp\(2\): the average against its particles/);
  const drawn = series.find(({ id }) => id === `particles:${index}`)?.data as [number, number][];
  expect(drawn.map(([, y]) => y.toFixed(3))).toEqual(particles?.map((value) => value.toFixed(3)));

  const [, ...smallest] = await compare.cells('Smallest network about as good as dense');
  expect(smallest.map(([arm, round]) => [arm, round])).toEqual(
    comparison.smallest.arms.map(({ arm, overSeeds }) => [arm, String(overSeeds?.round ?? '–')]),
  );

  await compare.page.getByLabel('Averaged from').fill('40');
  await expect(compare.page).toHaveURL(/from=0\.4/);
  const from = await studio.json<Comparison>('compare', 'quick', '--from', '0.4');
  const signed = (value: number): string =>
    value === 0 ? '0.00' : `${value > 0 ? '+' : '−'}${Math.abs(100 * value).toFixed(2)}`;
  await expect(compare.table('Averaged differences')).toBeVisible();
  const [, ...differences] = await compare.cells('Averaged differences');
  for (const { arm, baseline, average } of from.pairs) {
    const row = differences.find(([name]) => name === `${arm} − ${baseline}`);
    expect(row?.[1]).toBe(signed(average?.test.mean.accuracy ?? NaN));
  }
});

test('keeps every choice in the address', async ({ studio, compare, page }) => {
  const comparison = await quick(studio);
  await compare.open([comparison.experiment]);
  await compare.choose('Figure', 'NLL');
  await compare.choose('Measured on', 'Validation');
  await compare.choose('Against', 'Inference cost');
  await compare.choose('Scale', 'Linear');
  await compare.arm('imp-ensemble(2)').click();
  await expect(page).toHaveURL(/metric=nll&split=validation&x=inference&scale=linear&hide=imp-ensemble\(2\)/);
  await page.reload();
  await expect(compare.arm('imp-ensemble(2)')).toHaveAttribute('aria-pressed', 'false');
  const label = /^Validation NLL against inference cost/;
  await expect(compare.figure(label)).toBeVisible();
  const series = await compare.drawn(label);
  expect(series.filter(({ id }) => id.startsWith('line:')).map(({ name }) => name)).toEqual([
    'imp',
    'swamp(2)',
  ]);
  const [, first] = await compare.cells('Figures');
  expect(first?.slice(3)).toEqual(comparison.arms.map(({ rounds }) => rounds[0]?.validation?.nll.toFixed(3)));
});

test('copies the tables that `swamp compare` writes', async ({ studio, compare }) => {
  const { experiment } = await quick(studio);
  await compare.open([experiment]);
  for (const [format, words] of [
    ['markdown', 'Markdown'],
    ['latex', 'LaTeX'],
  ] as const) {
    await compare.ofTables(`Copy all tables as ${words}`);
    await expect(compare.page.getByText(`All tables copied as ${words}.`)).toBeVisible();
    const written = await studio.swamp('compare', 'quick', '--format', format);
    expect((await compare.clipboard()).trimEnd()).toBe(written.stdout.trimEnd());
  }
  const csv = studio.write('figures.csv', '');
  await studio.swamp('compare', 'quick', '--csv', csv);
  const saved = await compare.saved(() => compare.ofTables('Save every measurement as CSV…'));
  expect(saved.bytes.toString('utf8')).toBe(readFileSync(csv, 'utf8'));
});

test('saves pictures and their figures', async ({ studio, compare }) => {
  const { experiment, arms } = await quick(studio);
  await compare.open([experiment]);
  const label = /Test accuracy against sparsity/;
  const png = await compare.save(label, 'PNG picture');
  expect(png.name).toBe(`${experiment}.png`);
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  // Three dots a pixel of 880 × 480.
  expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([2640, 1440]);
  const svg = (await compare.save(label, 'SVG picture')).bytes.toString('utf8');
  expect(svg).toMatch(/^<svg[^]*<\/svg>\s*$/);
  for (const { arm } of arms) expect(svg).toContain(arm);
  expect(svg).toContain('dense');
  const csv = (await compare.save(label, 'CSV of the figures')).bytes.toString('utf8');
  expect(csv.split('\r\n')[0]).toContain('arm,kind,round,sparsity');
});

test('adds runs of another experiment, tells what differs and what pairs', async ({
  studio,
  compare,
  page,
}) => {
  const { experiment } = await quick(studio);
  const faster = {
    ...quickExperiment,
    name: 'faster',
    recipe: { ...quickExperiment.recipe, learningRate: 0.02 },
  };
  const run = await studio.swamp('run', studio.write('faster.json', faster));
  expect(run.code, run.stderr).toBe(0);
  await compare.open([experiment]);
  await page.getByRole('button', { name: 'Add runs' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add runs' });
  await dialog.getByLabel('Search runs').fill('faster swamp');
  await dialog.getByRole('checkbox', { name: 'swamp(2) faster' }).check();
  await dialog.getByRole('button', { name: 'Add 1 run' }).click();
  await expect(page).toHaveURL(/e=faster-/);
  const table = compare.table('Settings that differ');
  await expect(table).toContainText('learningRate');
  await expect(compare.arm('swamp(2)')).toHaveCount(2);
  const [head] = await compare.cells('Figures');
  expect(head?.filter((text) => text.startsWith('swamp(2)'))).toHaveLength(2);
});

test('picks out runs along an axis', async ({ studio, compare, page }) => {
  const { experiment } = await quick(studio);
  await compare.open([experiment]);
  const picture = compare.figure(/^Runs across/);
  await picture.scrollIntoViewIfNeeded();
  // What is above it may still come, and move it.
  await expect(async () => {
    const box = await picture.boundingBox();
    if (!box) throw new Error('the picture has no place');
    // The first axis holds the arms, the last of them on top.
    await page.mouse.move(box.x + 60, box.y + 54);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + 80, { steps: 4 });
    await page.mouse.move(box.x + 60, box.y + 130, { steps: 4 });
    await page.mouse.up();
    await expect(page.getByText('1 of 3 runs')).toBeVisible({ timeout: 3000 });
  }).toPass();
  const stand = compare.table('Runs').locator('tbody tr:not(.faded)');
  await expect(stand).toHaveCount(1);
  await expect(stand).toContainText(`${experiment}/swamp-2/1`);
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(stand).toHaveCount(3);
});

test('tells an empty page what it is for, and a wrong address what is wrong', async ({
  compare,
  page,
  frame,
}) => {
  await frame.open('Compare');
  await expect(page.getByRole('heading', { name: 'Nothing to compare yet' })).toBeVisible();
  await page.goto(`${new URL(page.url()).origin}/#/compare?e=nothing-1234`);
  await expect(page.getByRole('alert')).toContainText('nothing-1234');
  expect(compare.page).toBe(page);
});

for (const theme of ['light', 'dark'] as const) {
  test(`has nothing that axe finds serious, ${theme}`, async ({ studio, compare, page }) => {
    await page.emulateMedia({ colorScheme: theme });
    const { experiment } = await quick(studio);
    await compare.open([experiment]);
    await expect(compare.table('Figures')).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include('main').analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
}
