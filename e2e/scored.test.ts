import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportFormat } from '../src-main/checkpoint/formats.ts';
import { inLibrary, makeFolder, removeFolder, resultsOf, swamp, swampJson } from './cli.ts';

// Arms that prune at the initialisation, as they are run: killed in a score and in trainings, and what they export.

const kinds = ['random', 'snip', 'grasp', 'synflow'];
const experiment = {
  name: 'scored',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [8] },
  recipe: { epochs: 1, batch: 128, optimizer: { momentum: 0.9, weightDecay: 5e-4 } },
  ticket: { iterations: 10 },
  sparsity: { kind: 'explicit', sparsities: [0.5, 0.9] },
  arms: [...kinds, { kind: 'snip', at: 'ticket' }],
  threads: 1,
  workers: 1,
};
const PRUNABLE = 784 * 8;

/** Positive zeros alone: a weight that is pruned is +0. */
function countZeros(values: ArrayLike<number | bigint>): number {
  return Array.from(values).filter((value) => Object.is(value, 0)).length;
}

const folder = makeFolder();
const file = join(folder, 'scored.json');
const undisturbed = join(folder, 'undisturbed');
let id = '';

beforeAll(async () => {
  writeFileSync(file, JSON.stringify(experiment));
  const run = await swampJson<{ experiment: string }>(['run', file, '--library', undisturbed]);
  expect(run.code, run.stderr).toBe(0);
  id = run.document.experiment;
});
afterAll(() => removeFolder(folder));

test('killed while it scores and while it trains, it ends with the same bits', async () => {
  const library = join(folder, 'library');
  const mark = join(folder, 'mark');
  const crashes = ['worker:score:3', 'worker:score:150', 'worker:training-step:90', 'host:commit:25'];
  const happened = (): string[] => (existsSync(mark) ? readFileSync(mark, 'utf8').trim().split('\n') : []);
  let args = ['run', file];
  for (let attempt = 0; attempt < 12; attempt++) {
    const left = crashes.filter((each) => !happened().includes(each));
    const env = {
      SWAMP_CRASH_AT: left.join(','),
      SWAMP_CRASH_MARK: mark,
      SWAMP_CHECKPOINT_SECONDS: '0.1',
    };
    const run = await swamp([...args, '--library', library], { env });
    if (run.code !== null) expect([0, 5], run.stderr).toContain(run.code);
    const stored = existsSync(join(library, 'swamp.db'))
      ? inLibrary(library, ({ store }) => store.experiments()[0])
      : undefined;
    if (stored) args = ['resume', stored.id];
    if (stored?.state === 'done') break;
  }
  expect(happened().toSorted()).toEqual(crashes.toSorted());
  expect(resultsOf(library)).toEqual(resultsOf(undisturbed));
}, 600_000);

test('trained networks have exact zeros, as many as each sparsity says', () => {
  inLibrary(undisturbed, ({ store, objects }) => {
    const zeros = store
      .plan(store.findExperiment(id))
      .jobs.filter(({ kind }) => kind === 'train-particle')
      .map(({ key }) => {
        const digest = store.result(key)?.outputs['solution'];
        return countZeros((digest && objects.read(digest).tensors.get('dense1/kernel')?.data) || []);
      });
    const pruned = [0.5, 0.1].map((left) => PRUNABLE - Math.floor(PRUNABLE * left + 0.5));
    // Round 0 is one for all; then each of the five arms trains once a sparsity.
    const wanted = [0, ...pruned.flatMap((count) => Array.from({ length: 5 }, () => count))];
    expect(zeros.toSorted((a, b) => a - b)).toEqual(wanted);
  });
});

test('an export has the zeros of its mask', async () => {
  const out = join(folder, 'grasp.safetensors');
  const exported = await swamp([
    ...['export', `${id}/grasp/1`, '--round', '2', '--format', 'safetensors', '--out', out],
    ...['--library', undisturbed],
  ]);
  expect(exported.code, exported.stderr).toBe(0);
  const { tensors } = exportFormat('safetensors').read(out);
  const kernel = tensors.get('dense1/kernel')?.data ?? [];
  const mask = tensors.get('mask/dense1/kernel')?.data ?? [];
  expect(mask).toHaveLength(PRUNABLE);
  expect(countZeros(mask)).toBe(PRUNABLE - Math.floor(PRUNABLE * 0.1 + 0.5));
  for (const [at, bit] of mask.entries())
    if (bit === 0 && !Object.is(kernel[at], 0)) throw new Error(`weight ${at}`);
});

test('no two methods make the same mask', () => {
  inLibrary(undisturbed, ({ store }) => {
    const masks = store
      .plan(store.findExperiment(id))
      .jobs.filter(({ kind }) => kind === 'score')
      .map(({ key }) => store.result(key)?.outputs['mask']);
    // Two sparsities of five arms.
    expect(masks).toHaveLength(10);
    expect(new Set(masks).size).toBe(10);
  });
});
