import type { ExperimentId, JobKey, RunId } from '../../contract/ids.ts';
import { ALIVE, type JobResult, type PlannedJob } from '../../contract/job.ts';
import type { Evaluation } from '../../contract/metrics.ts';
import type { NamedSpec } from '../../contract/recipe.ts';
import type { StartResolution } from '../../contract/start.ts';
import type { JobRole } from '../../contract/states.ts';
import { countOverlaps } from '../../analysis/overlap.ts';
import { prunableOf } from '../../pruning/mask.ts';
import { parseConfig } from '../config.ts';
import { planExperiment, type Plan, type PlannedRun } from '../plan.ts';
import type { StoredResolution } from '../resolve.ts';
import { resolvedOf } from '../resolve.ts';
import type { Results } from './analysis.ts';
import { openAnalysis, type OpenAnalysis } from './plan.ts';

// Analyses of experiments that were planned and never run, with results as a test gives them.

/** An experiment by its configuration, with what a test changes; `split` tells its splits from others; other `threads`, other jobs; of `start`, see below. */
export type GivenExperiment = Readonly<Record<string, unknown>>;

const resolution = (split: string, threads: number): StoredResolution => ({
  dataset: { title: 'Digits', digest: 'd'.repeat(64), shape: [4, 4, 1], classes: 2, test: 2000 },
  splits: Object.fromEntries(
    [1, 2, 3].map((seed) => [
      String(seed),
      { digest: `${split}${seed}`.repeat(64).slice(0, 64), training: 7200, validation: 800 },
    ]),
  ),
  precision: 'float32',
  backend: 'tensorflow-cpu',
  threads,
  workers: 1,
});

/** A mask to begin under that leaves half of the weights. */
const start: StartResolution = { mask: { digest: 'b'.repeat(64), names: 'swamp', alive: 60 } };

/** LeNet of 16 − 6 − 4 − 2 on images of 4×4: 120 prunable weights, three pruning rounds, the last at 87.5 %. */
function configOf({ split: _split, ...change }: GivenExperiment) {
  return parseConfig({
    name: 'test',
    dataset: { kind: 'digits' },
    model: { kind: 'lenet', hidden: [6, 4] },
    recipe: { epochs: 10 },
    sparsity: { kind: 'geometric', fraction: 0.5, rounds: 3 },
    arms: ['imp', { kind: 'swamp', particles: 2 }],
    seeds: [1, 2, 3],
    ...change,
  });
}

export interface Opened extends OpenAnalysis {
  /** Of the experiments, by id. */
  readonly plans: ReadonlyMap<string, Plan>;
}

/**
 * @param runs `EXPERIMENT/SLUG/SEED` with `@ROUND` and `:PARTICLE` where those are named
 * @param experiments by id
 */
export function opened(
  analysis: NamedSpec,
  runs: readonly string[],
  experiments: Readonly<Record<string, GivenExperiment>> = { 'test-0': {} },
): Opened {
  const of = Object.entries(experiments).map(([experiment, change]) => ({
    experiment: experiment as ExperimentId,
    config: configOf(change),
    resolution: {
      ...resolution(
        typeof change['split'] === 'string' ? change['split'] : '',
        typeof change['threads'] === 'number' ? change['threads'] : 2,
      ),
      ...(change['start'] === undefined ? {} : { start }),
    },
  }));
  const subjects = runs.map((text) => {
    const [run = '', round, particle] = text.split(/[@:]/);
    return {
      run: run as RunId,
      ...(round === undefined ? {} : { round: Number(round) }),
      ...(particle === undefined ? {} : { particle: Number(particle) }),
    };
  });
  const plans = of.map(
    ({ experiment, config, resolution }) =>
      [experiment, planExperiment({ config, resolved: resolvedOf(resolution) })] as const,
  );
  return { ...openAnalysis({ analysis, subjects, of }), plans: new Map(plans) };
}

export type Given = Partial<Pick<JobResult, 'evaluation' | 'series'>>;

/** Results by job; what is not given is not done. */
export function resultsOf(given: ReadonlyMap<JobKey, Given>): Results {
  return (key) => {
    const result = given.get(key);
    if (!result) return null;
    const provenance = { tensorflow: '2.21.0', device: 'CPU', host: 'machine', app: '0' };
    return { evaluation: result.evaluation ?? null, series: result.series ?? {}, provenance };
  };
}

/** Metrics of one test and one validation accuracy. */
export function evaluation(test: number, validation = test): Evaluation {
  const metrics = (accuracy: number) => ({ accuracy, nll: 3 - 2 * accuracy, ece: accuracy / 10 });
  return { test: metrics(test), validation: metrics(validation) };
}

/** Evaluations of all runs of a plan. @param of what a role of a run in a round comes to; `null`: not done */
export function evaluate(
  plan: Plan,
  of: (run: PlannedRun, at: { role: JobRole; round: number; index: number }) => Evaluation | null,
): Map<JobKey, Given> {
  const given = new Map<JobKey, Given>();
  for (const run of plan.runs)
    for (const { job, role, round, index } of run.links) {
      if (!role.startsWith('evaluate') && role !== 'ensemble') continue;
      const made = of(run, { role, round, index });
      if (made) given.set(job, { evaluation: made });
    }
  return given;
}

/** Masks by the job that makes them, and results of these jobs and of those that compare them. */
export function masked(
  { plan, plans }: Opened,
  maskOf: (job: PlannedJob) => Uint8Array,
): { masks: Map<JobKey, Uint8Array>; given: Map<JobKey, Given> } {
  const masks = new Map<JobKey, Uint8Array>();
  const given = new Map<JobKey, Given>();
  for (const { jobs, layout } of plans.values())
    for (const job of jobs.filter(({ spec: { kind } }) => ['prune', 'score', 'import'].includes(kind))) {
      const mask = maskOf(job);
      masks.set(job.key, mask);
      const alive = prunableOf(layout).map(({ offset, size }) =>
        mask.subarray(offset, offset + size).reduce((sum, bit) => sum + bit, 0),
      );
      given.set(job.key, { series: { [ALIVE]: alive } });
    }
  for (const { key, spec, inputs } of plan.jobs) {
    if (spec.kind !== 'overlap') continue;
    const counted = countOverlaps(
      inputs.map((input) => masks.get(input.job) as Uint8Array),
      plan.layout,
    );
    const { intersection, union, layers } = counted;
    given.set(key, {
      series: { intersection: [...intersection], union: [...union], layers: [...layers] },
    });
  }
  return { masks, given };
}
