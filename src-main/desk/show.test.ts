import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ShownJob, ShownRun } from '../contract/api/details.ts';
import { parseConfig } from '../experiment/config.ts';
import { createExperiment, prepareStored } from '../experiment/studio.ts';
import { openLibrary } from '../store/library.ts';
import { showExperiment } from './show.ts';

/** Iterations of an epoch. */
const EPOCH = 56;

/** Runs of arms, with 10 epochs a training, as they are shown before anything of them runs. */
async function shown(arms: readonly Record<string, unknown>[]): Promise<ShownRun[]> {
  const folder = mkdtempSync(join(tmpdir(), 'show-'));
  const library = openLibrary(folder, { create: true });
  onTestFinished(() => {
    library.close();
    rmSync(folder, { recursive: true });
  });
  const config = parseConfig({
    name: 'shown',
    dataset: { kind: 'digits' },
    model: { kind: 'lenet' },
    recipe: { epochs: 10 },
    ticket: { iterations: 20 },
    sparsity: { kind: 'geometric', fraction: 0.5, rounds: 1 },
    arms,
  });
  const prepared = prepareStored(config, {
    dataset: { title: 'digits', digest: 'd'.repeat(64), shape: [28, 28, 1], classes: 10, test: 2000 },
    splits: { 1: { digest: '1'.repeat(64), training: 7200, validation: 800 } },
    precision: 'float32',
    backend: 'tensorflow-cpu',
    threads: 1,
    workers: 1,
  });
  const id = await createExperiment(library, prepared);
  return showExperiment(library, id, prepared).runs;
}

const lengthOf = ({ iterations, iterationsPerEpoch, particles }: ShownJob): number[] => [
  iterations,
  iterationsPerEpoch,
  particles,
];
/** T, the iterations of an epoch and the particles of a round's jobs of one role. */
const lengths = (run: ShownRun | undefined, round: number, role: string): number[][] =>
  (run?.rounds[round]?.jobs ?? []).filter((job) => job.role === role).map(lengthOf);

test('a training is told with the length of each of its particles, the epoch’s, and their number', async () => {
  const [group, tuned, soup, imp] = await shown([
    { kind: 'rigl-swamp', particles: 4 },
    { kind: 'fine-tune', epochs: 3 },
    { kind: 'soup', vary: 'epochs', factors: [0.5, 2] },
    { kind: 'imp' },
  ]);
  expect(lengths(group, 1, 'particle')).toEqual([[10 * EPOCH, EPOCH, 4]]);
  expect(lengths(tuned, 1, 'particle')).toEqual([[3 * EPOCH, EPOCH, 1]]);
  expect(lengths(soup, 1, 'particle')).toEqual([
    [5 * EPOCH, EPOCH, 1],
    [20 * EPOCH, EPOCH, 1],
  ]);
  expect(lengths(imp, 0, 'ticket')).toEqual([[20, EPOCH, 1]]);
  expect(lengths(imp, 1, 'evaluate')).toEqual([[0, 0, 0]]);
});
