import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arms } from '../src-main/experiment/arms/registry.ts';
import { makeFolder, removeFolder, resultsOf, swamp } from './cli.ts';

/** Rules that change masks must do so within a training of 56 steps. */
function shortened(kind: string): { kind: string; every?: number } {
  const { shape } = arms.get(kind)?.schema as { shape?: Record<string, unknown> };
  return { kind, ...(shape && 'every' in shape ? { every: 7 } : {}) };
}

/** Two pruning rounds, trainings of a moment. */
const settings = {
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [8] },
  recipe: { epochs: 1, batch: 128, learningRate: 0.05, optimizer: { weightDecay: 1e-4 } },
  ticket: { iterations: 30 },
  swa: { start: 0.4, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.5, rounds: 2 },
  threads: 1,
  // A job that is killed by more of them in turn would be given up.
  workers: 2,
};

/** Every arm there is. */
const specs = [...arms.keys()].map(shortened);

/** In the middle of a training, and between two networks that are judged. */
const crashes = ['worker:training-step:25', 'worker:judged:2'];

const folder = makeFolder();
const undisturbed = join(folder, 'undisturbed');
/** One after another, so that each does what the arms before it have not done. */
const disturbed = join(folder, 'disturbed');

async function run(name: string, own: readonly object[], library: string, env = {}): Promise<void> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ name, ...settings, arms: own }));
  const { code, stderr } = await swamp(['run', file, '--library', library], { env });
  expect(code, stderr).toBe(0);
}

beforeAll(() => run('all', specs, undisturbed), 600_000);
afterAll(() => removeFolder(folder));

/** Does nothing that others before it have not done. */
const shares = ['dense', 'swamp-plus'];

test.each(specs)(
  '$kind, killed in the middle, ends with the same bits',
  async (spec) => {
    const { kind } = spec;
    const mark = join(folder, `${kind}.mark`);
    const env = { SWAMP_CRASH_AT: crashes.join(), SWAMP_CRASH_MARK: mark, SWAMP_CHECKPOINT_SECONDS: '0.01' };
    await run(kind, [spec], disturbed, env);
    if (!shares.includes(kind)) expect(existsSync(mark)).toBe(true);
    const expected = resultsOf(undisturbed);
    for (const [key, result] of Object.entries(resultsOf(disturbed))) expect(result).toEqual(expected[key]);
  },
  120_000,
);
