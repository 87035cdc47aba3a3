import type { ComparedArm, ComparedRound, ComparedSeed, MeasuredComparison } from '../contract/compare.ts';
import type { ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import { ALIVE, type JobResult } from '../contract/job.ts';
import type { Evaluation } from '../contract/metrics.ts';
import { deviation, mean } from '../contract/statistics.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import { prunableOf } from '../pruning/mask.ts';
import { meanMetrics, overMetrics } from '../statistics/student.ts';
import { cumulativeTrainingFlops } from './cost.ts';
import { modelTitle } from './own-choice.ts';
import { maskJob, type Plan, type PlannedRun } from './plan.ts';
import { forwardFlops } from './training-flops.ts';

export interface ComparisonSources {
  readonly experiment: ExperimentId;
  readonly name: string;
  /** For people. */
  readonly dataset: string;
  readonly model: NamedSpec;
  readonly plan: Plan;
  /** What a done job gave. */
  readonly result: (key: JobKey) => Pick<JobResult, 'evaluation' | 'series'> | null;
}

/** Compares an experiment's arms round by round, from what is stored; rounds that are not finished are left out. */
export function compareExperiment(sources: ComparisonSources): MeasuredComparison {
  const { experiment, name, dataset, model, plan } = sources;
  const byArm = Map.groupBy(plan.runs, ({ arm }) => arm);
  const arms = [...byArm].map(([arm, runs]): ComparedArm => ({
    arm,
    kind: runs[0]?.kind ?? '',
    rounds: compareRounds(sources, runs),
  }));
  return {
    experiment,
    name,
    dataset,
    model: modelTitle(model),
    denominator: { ...plan.denominator },
    complete: arms.every(({ rounds, arm }) => {
      const runs = byArm.get(arm) ?? [];
      return (
        rounds.length === (runs[0]?.rounds ?? 0) && rounds.every(({ seeds }) => seeds.length === runs.length)
      );
    }),
    arms,
  };
}

function compareRounds(sources: ComparisonSources, runs: readonly PlannedRun[]): ComparedRound[] {
  const rounds: ComparedRound[] = [];
  const trainingFlops = runs.map((run) => cumulativeTrainingFlops(sources.plan, run));
  for (let round = 0; round < (runs[0]?.rounds ?? 0); round++) {
    const done = runs.flatMap((run, at) => {
      const seed = compareSeed(sources, run, round);
      const inferenceFlops = inferenceFlopsOf(sources, run, round);
      if (!seed || inferenceFlops === null) return [];
      const collapsed = collapsedIn(sources, run, round);
      return [
        {
          seed: collapsed.length > 0 ? { ...seed, collapsed } : seed,
          inferenceFlops,
          trainingFlops: trainingFlops[at]?.[round] ?? 0,
        },
      ];
    });
    const planned = sources.plan.rounds[round];
    if (done.length === 0 || !planned) continue;
    const seeds = done.map(({ seed }) => seed);
    const tests = seeds.map(({ test }) => test);
    const validations = seeds.flatMap(({ validation }) => validation ?? []);
    rounds.push({
      round,
      sparsity: planned.sparsity,
      remaining: 1 - planned.sparsity,
      inferenceFlops: mean(done.map((each) => each.inferenceFlops)),
      trainingFlops: mean(done.map((each) => each.trainingFlops)),
      test: meanMetrics(tests),
      validation: validations.length > 0 ? meanMetrics(validations) : null,
      testDeviation: tests.length > 1 ? overMetrics(tests, deviation) : null,
      seeds,
    });
  }
  return rounds;
}

/** One run in one round, or `null` where it is not finished. */
export function compareSeed(
  { result, experiment }: Pick<ComparisonSources, 'result' | 'experiment'>,
  run: PlannedRun,
  round: number,
): ComparedSeed | null {
  const links = run.links.filter((link) => link.round === round);
  const evaluated = (role: (typeof links)[number]['role']): (Evaluation | null)[] =>
    links.filter((link) => link.role === role).map(({ job }) => result(job)?.evaluation ?? null);
  const [stands] = evaluated('evaluate');
  const particles = evaluated('evaluate-particle');
  const ensembles = evaluated('ensemble');
  if (!stands || [...particles, ...ensembles].includes(null)) return null;
  return {
    seed: run.seed,
    run: runId(experiment, run),
    ...stands,
    particles: particles.filter((each) => each !== null),
    ensemble: ensembles[0] ?? null,
  };
}

export function runId(experiment: ExperimentId, { slug, seed }: PlannedRun): RunId {
  return `${experiment}/${slug}/${seed}` as RunId;
}

/** Sparse FLOPs of one image in a round, every network of the arm; `null` where its masks are not there yet. */
export function inferenceFlopsOf(
  { plan, result }: Pick<ComparisonSources, 'plan' | 'result'>,
  run: PlannedRun,
  round: number,
): number | null {
  const tensors = prunableOf(plan.layout);
  let flops = 0;
  for (let member = 0; member < run.members; member++) {
    const job = maskJob(run, round, member);
    if (job === null) {
      flops += forwardFlops(plan.model, () => 1);
      continue;
    }
    const alive = result(job)?.series[ALIVE];
    if (!alive) return null;
    const density = new Map(tensors.map(({ name, size }, at) => [name, (alive[at] ?? 0) / size]));
    flops += forwardFlops(plan.model, (kernel) => density.get(kernel) ?? 1);
  }
  return flops;
}

/** Prunable tensors that the masks of a run's round leave nothing of; of an ensemble, that of any member. */
export function collapsedIn(
  {
    plan,
    result,
  }: { readonly plan: Plan; readonly result: (key: JobKey) => Pick<JobResult, 'series'> | null },
  run: PlannedRun,
  round: number,
): string[] {
  const layers = Array.from({ length: run.members }, (_, member) => {
    const job = maskJob(run, round, member);
    const made = job === null ? null : result(job);
    return made ? collapsedLayers(plan, made) : [];
  });
  return [...new Set(layers.flat())];
}

/** Prunable tensors that a job's mask leaves nothing of. */
export function collapsedLayers({ layout }: Plan, { series }: Pick<JobResult, 'series'>): string[] {
  const alive = series[ALIVE] ?? [];
  return prunableOf(layout).flatMap(({ name }, at) => (alive[at] === 0 ? [name] : []));
}
