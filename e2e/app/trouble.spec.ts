import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, quickExperiment, Studio, test } from './fixtures.ts';
import { NewExperiment } from './pages/new-experiment.ts';
import { Run } from './pages/run.ts';

interface Shown {
  readonly experiments: readonly { readonly state: string; readonly jobs: { readonly failed: number } }[];
}

test('a training that diverges fails alone: what, why and what to do is said, the rest is kept, and it is tried again', async ({
  page,
  studio,
}) => {
  const plan = new NewExperiment(page);
  await plan.open();
  await plan.write({
    ...quickExperiment,
    name: 'steep',
    arms: [{ kind: 'swamp', particles: 1, swa: { learningRate: 1e30 } }, 'imp'],
  });
  await plan.begin();
  const run = new Run(page);
  const id = await run.experiment();
  await run.is('failed');
  const arm = 'swamp(1; SWA rate 1e+30)';
  const trouble = page.getByRole('alert').filter({ hasText: `${arm}, seed 1, round 0 failed.` });
  await expect(trouble).toContainText('The training diverged');
  await expect(trouble).toContainText('Lower recipe.learningRate');
  // The other arm has come to its end, and can be looked at and exported.
  await expect(run.cell('imp', 1, 2)).toHaveAttribute('data-state', 'done');
  await expect(run.cell(arm, 1, 0)).toHaveAttribute('data-state', 'failed');
  await run.cell('imp', 1, 2).click();
  await expect(run.button('Export…')).toBeEnabled();

  await page.getByRole('tab', { name: 'Log' }).click();
  const entries = page.getByRole('log', { name: 'Entries' }).getByText(/diverged/);
  await expect(entries).toHaveCount(1);
  await trouble.getByRole('button', { name: 'Retry this run' }).click();
  await expect(page.getByText('1 job in the queue again')).toBeVisible();
  await expect(entries).toHaveCount(2);
  await run.is('failed');
  // The same after a reload, from what is stored.
  await page.reload();
  await run.is('failed');
  await expect(trouble).toContainText('The training diverged');
  const failed = await studio.json<{ experiments: { id: string; jobs: { failed: number } }[] }>('list');
  expect(failed.experiments).toMatchObject([{ id, state: 'failed', jobs: { failed: 1 } }]);
});

/** 200 images as CIFAR-10 has them: a label and 3,072 bytes each. */
function images(): Uint8Array {
  const bytes = new Uint8Array(200 * 3073);
  return bytes.map((_, at) => (at % 3073 === 0 ? at % 10 : (at * 31) % 251));
}

test('a data folder that vanishes before the start, and before going on: nothing is lost, and it goes on when it is back', async ({
  page,
  studio,
}) => {
  const folder = join(studio.folder, 'pictures');
  mkdirSync(folder);
  for (const name of ['data_batch_1.bin', 'test_batch.bin']) writeFileSync(join(folder, name), images());
  const plan = new NewExperiment(page);
  await plan.open();
  await plan.write({
    ...quickExperiment,
    name: 'away',
    dataset: { kind: 'cifar10', path: folder },
    recipe: { epochs: 200, batch: 20, learningRate: 1e-4 },
  });
  await expect(plan.start).toBeEnabled();
  renameSync(folder, `${folder} away`);
  await plan.start.click();
  await expect(page.getByRole('alert')).toContainText(folder);
  expect(await studio.json('list')).toEqual({ experiments: [] });
  // The draft is as it was; once the folder is back it starts.
  await expect(plan.field('name')).toHaveValue('away');
  renameSync(`${folder} away`, folder);
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await plan.begin();
  const run = new Run(page);
  await run.experiment();
  await expect(run.cells('running').first()).toBeVisible({ timeout: 60_000 });
  await run.button('Pause').click();
  await run.is('paused');

  renameSync(folder, `${folder} away`);
  await run.button('Go on').click();
  const trouble = page.getByRole('alert').filter({ hasText: folder });
  await run.is('failed');
  await expect(trouble.first()).toContainText(/no such folder/);
  const done = await run.cells('done').count();
  renameSync(`${folder} away`, folder);
  await run.button('Retry failed').click();
  await run.is('running');
  await expect(trouble).toHaveCount(0);
  expect(await run.cells('done').count()).toBeGreaterThanOrEqual(done);
  await run.button('Pause').click();
  await run.is('paused');
});

/** A library on a disk of a few megabytes. */
const onSmallDisk = test.extend({
  studio: async ({}, use) => {
    const studio = new Studio();
    mkdirSync(studio.library);
    const mounted =
      process.getuid?.() === 0 &&
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=100m', 'tmpfs', studio.library]).status === 0;
    onSmallDisk.skip(!mounted, 'only root can mount a disk of a few megabytes');
    await use(studio);
    // The host first: without the disk it is not found, and would go on writing where the disk was.
    await studio.end();
    spawnSync('umount', ['-l', studio.library]);
    await studio.close();
  },
});

onSmallDisk(
  'a disk that fills up: the page says what was kept, nothing failed, and it goes on when there is room',
  async ({ page, studio }) => {
    const plan = new NewExperiment(page);
    await plan.open();
    await plan.write({
      ...quickExperiment,
      name: 'full',
      sparsity: { kind: 'geometric', fraction: 0.05, rounds: 60 },
      arms: ['imp'],
    });
    await plan.begin();
    const run = new Run(page);
    await expect.poll(() => run.cells('done').count(), { timeout: 60_000 }).toBeGreaterThan(1);
    const ballast = join(studio.library, 'ballast');
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M']);
    const trouble = page.getByRole('alert').filter({ hasText: 'It could not go on' });
    await expect(trouble).toContainText(/disk is full/, { timeout: 60_000 });
    await run.is('stopped');
    const kept = await run.cells('done').count();
    expect(kept).toBeGreaterThan(1);
    rmSync(ballast);
    const stored = async (): Promise<Shown> => await studio.json<Shown>('list');
    await expect.poll(async () => (await stored()).experiments[0]?.state).toBe('stopped');
    expect((await stored()).experiments).toMatchObject([{ jobs: { failed: 0 } }]);
    await run.button('Go on').click();
    await run.is('running');
    await expect(trouble).toBeHidden();
    await expect.poll(() => run.cells('done').count(), { timeout: 60_000 }).toBeGreaterThan(kept);
  },
);
