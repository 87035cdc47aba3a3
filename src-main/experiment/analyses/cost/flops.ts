import { ALIVE, type PlannedJob } from '../../../contract/job.ts';
import { prunableOf } from '../../../pruning/mask.ts';
import { inferenceFlopsOf } from '../../comparison.ts';
import { cumulativeTrainingFlops, gradientsOf, trainingFlops, trainingIterations } from '../../cost.ts';
import { forwardFlops, PASSES_PER_STEP } from '../../training-flops.ts';
import type { Results, SubjectRun } from '../analysis.ts';

/**
 * Training FLOPs up to every round, dense and with pruned weights free: by the masks themselves where a training has one, by
 * the plan where the mask changes on the way.
 */
export function trainingFlopsBy(run: SubjectRun, results: Results): { dense: number[]; sparse: number[] } {
  return {
    dense: cumulativeTrainingFlops(run.plan, run.run),
    sparse: cumulativeTrainingFlops(run.plan, run.run, (job) => sparseFlops(run, job, results)),
  };
}

function sparseFlops({ plan }: SubjectRun, job: PlannedJob, results: Results): number {
  const { spec, inputs } = job;
  const mask = inputs.find(({ name }) => name === 'mask');
  const alive = mask && results(mask.job)?.series[ALIVE];
  if (!alive || !('recipe' in spec) || spec.kind === 'train-group') return trainingFlops(plan, job).sparse;
  const density = new Map(
    prunableOf(plan.layout).map(({ name, size }, at) => [name, (alive[at] ?? size) / size]),
  );
  const passes =
    PASSES_PER_STEP * gradientsOf(spec.recipe) * spec.recipe.batch * trainingIterations(plan, job);
  return passes * forwardFlops(plan.model, (kernel) => density.get(kernel) ?? 1);
}

/** FLOPs of one image: all networks of the arm; dense, and with pruned weights free (`null` before the mask is there). */
export function inferenceFlopsBy(
  run: SubjectRun,
  round: number,
  results: Results,
): { dense: number; sparse: number | null } {
  return {
    dense: run.run.members * forwardFlops(run.plan.model, () => 1),
    sparse: inferenceFlopsOf({ plan: run.plan, result: results }, run.run, round),
  };
}
