import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arms } from '../src-main/experiment/arms/registry.ts';
import { inLibrary, makeFolder, resultsOf, swamp } from './cli.ts';

/** Rules that change masks must do so within a training of 56 steps. */
function shortened(kind: string): object {
  const { shape } = arms.get(kind)?.schema as { shape?: Record<string, unknown> };
  return { kind, ...(shape && 'every' in shape ? { every: 7 } : {}) };
}

/** Every arm there is, two pruning rounds, trainings of a moment: enough to be cut in the middle of each. */
const experiment = {
  name: 'arms',
  dataset: 'digits',
  model: { kind: 'lenet', hidden: [8] },
  recipe: { epochs: 1, batch: 128, learningRate: 0.05, optimizer: { weightDecay: 1e-4 } },
  ticket: { iterations: 30 },
  swa: { start: 0.4, every: 10 },
  sparsity: { kind: 'geometric', fraction: 0.5, rounds: 2 },
  arms: [...[...arms.keys()].map(shortened), { kind: 'soup', average: 'greedy' }],
  threads: 1,
  workers: 1,
};

/**
 * A worker dies after so many steps: each number once, so that workers one after another die further and further on in
 * the experiment; and where networks are judged.
 */
const crashes = [
  ...Array.from({ length: 60 }, (_, at) => `worker:training-step:${50 + at}`),
  ...[2, 3, 5, 6, 8].map((count) => `worker:judged:${count}`),
];

const folder = makeFolder();
const file = join(folder, 'arms.json');
const undisturbed = join(folder, 'undisturbed');

beforeAll(async () => {
  writeFileSync(file, JSON.stringify(experiment));
  const run = await swamp(['run', file, '--library', undisturbed]);
  expect(run.code, run.stderr).toBe(0);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('killed in the middle of every arm, an experiment ends with the same bits', async () => {
  const library = join(folder, 'library');
  const mark = join(folder, 'mark');
  const env = { SWAMP_CRASH_AT: crashes.join(','), SWAMP_CRASH_MARK: mark, SWAMP_CHECKPOINT_SECONDS: '0.05' };
  const run = await swamp(['run', file, '--library', library], { env });
  expect(run.code, run.stderr).toBe(0);
  const happened = existsSync(mark) ? readFileSync(mark, 'utf8').trim().split('\n') : [];
  expect(happened.length).toBeGreaterThan(20);
  expect(resultsOf(library)).toEqual(resultsOf(undisturbed));
  expect(runsNotCut(library)).toEqual([]);
}, 600_000);

const LONG = ['train-particle', 'train-ticket', 'train-group', 'soup', 'pool', 'connectivity'];

/** Runs with long jobs that no other run has, of which none was begun more than once. */
function runsNotCut(library: string): string[] {
  return inLibrary(library, ({ store }) => {
    const [experiment] = store.experiments();
    if (!experiment) return ['there is no experiment'];
    const { jobs, runJobs } = store.plan(experiment.id);
    const long = new Map(jobs.filter(({ kind }) => LONG.includes(kind)).map((job) => [job.key, job]));
    const runsOf = new Map<string, Set<string>>();
    for (const { run, job } of runJobs) runsOf.set(job, (runsOf.get(job) ?? new Set()).add(run));
    const runs = [...new Set(runJobs.map(({ run }) => run))];
    return runs.filter((run) => {
      const own = runJobs.filter((each) => each.run === run && runsOf.get(each.job)?.size === 1);
      const tried = own.flatMap(({ job }) => long.get(job)?.attempts ?? []);
      return tried.length > 0 && tried.every((attempts) => attempts < 2);
    });
  });
}
