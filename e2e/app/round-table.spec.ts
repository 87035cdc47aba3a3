import type { Comparison } from '../../src-main/contract/compare.ts';
import { expect, quickExperiment, test } from './fixtures.ts';
import { Run } from './pages/run.ts';

const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`;

test('particles that share a mask, and a pooled network, have the figures of the command line', async ({
  page,
  studio,
}) => {
  const experiment = {
    ...quickExperiment,
    name: 'groups',
    recipe: { epochs: 2, batch: 128 },
    sparsity: { kind: 'geometric', fraction: 0.5, rounds: 1 },
    arms: [
      { kind: 'rigl-swamp', particles: 2, every: 20, swa: { every: 5 } },
      'lottery-pools',
      { kind: 'fine-tune', epochs: 1 },
    ],
  };
  const ended = await studio.swamp('run', studio.write('groups.json', experiment));
  expect(ended.code, ended.stderr).toBe(0);
  const { experiments } = await studio.json<{ experiments: { id: string }[] }>('list');
  const id = experiments[0]?.id ?? '';
  const { arms } = await studio.json<Comparison>('compare', id);
  const run = new Run(page);
  await run.open(id);
  const told = async (kind: string): Promise<string[][]> => {
    const arm = arms.find((each) => each.kind === kind);
    await run.cell(arm?.arm ?? '', 1, 1).click();
    await expect(page.getByRole('heading', { name: `${arm?.arm}, seed 1, round 1` })).toBeVisible();
    const rows = await page.getByRole('region', { name: 'Trainings of the round' }).getByRole('row').all();
    const cells = await Promise.all(rows.slice(1).map((row) => row.locator('td').allTextContents()));
    return cells.map((row) => row.map((text) => text.trim())).filter(([name]) => !name?.startsWith('ticket'));
  };
  const own = (kind: string) => arms.find((each) => each.kind === kind)?.rounds[1]?.seeds[0];

  const group = own('rigl-swamp');
  expect((await told('rigl-swamp')).map((row) => [row[0], row.at(-4)])).toEqual([
    ['2 particles together', '–'],
    ...(group?.particles ?? []).map(({ test }, at) => [`particle ${at}`, percent(test.accuracy)]),
    ['average', percent(group?.test.accuracy ?? 0)],
    ['ensemble', percent(group?.ensemble?.test.accuracy ?? 0)],
  ]);
  // 56 iterations an epoch, 2 epochs.
  expect((await told('rigl-swamp'))[0]?.[2]).toBe('2 × 112');

  const pools = own('lottery-pools');
  expect((await told('lottery-pools')).map((row) => [row[0], row.at(-4)])).toEqual([
    ['particle 0', percent(pools?.particles[0]?.test.accuracy ?? 0)],
    ['pooled', percent(pools?.test.accuracy ?? 0)],
  ]);
  expect((await told('fine-tune')).map((row) => [row[0], row[2]])).toEqual([['particle 0', '56']]);
});
