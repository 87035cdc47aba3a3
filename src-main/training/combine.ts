import { greedySoup, type Judge } from '../averaging/greedy.ts';
import { lotteryPool, type Pooled } from '../averaging/lottery-pool.ts';
import type { SpecOf, Task } from '../contract/job.ts';
import type { Metrics } from '../contract/metrics.ts';
import { scoreWeights } from '../pruning/criteria/registry.ts';
import { applyMask, fullMask, type Mask } from '../pruning/mask.ts';
import { chooseMask } from '../pruning/scopes/registry.ts';
import { keepMask, readMask, readWeights, reestimate } from './common.ts';
import { inputs, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { predict } from './evaluation.ts';
import { weightTensors } from './flat.ts';
import { Judged } from './judged.ts';
import { metricsOf } from './metrics.ts';
import type { Prepared } from './workspace.ts';

/** Averages a selection of solutions, chosen on validation. */
export async function soup(spec: SpecOf<'soup'>, context: JobContext): Promise<JobOutput> {
  const { task, batch } = spec;
  const { order, workspace, objects } = context;
  const prepared = await workspace.prepare(task, order.source);
  const { layout } = prepared;
  const candidates = inputs(order, 'solution').map((digest) => readWeights(context, layout, digest));
  const { judge, sessionMs } = judging(context, task, prepared, batch, 2 * candidates.length - 1);
  const { weights, taken } = await greedySoup(candidates, judge);
  const { digest } = objects.put(weightTensors(layout, weights));
  return {
    ...NOTHING,
    outputs: { solution: digest },
    series: { taken: taken.map(Number) },
    sessionMs: sessionMs(),
  };
}

/** Interpolates a solution with its neighbours, pruning again to its sparsity, chosen on validation. */
export async function pool(spec: SpecOf<'pool'>, context: JobContext): Promise<JobOutput> {
  const { task, batch, criterion, scope, alive, coefficients } = spec;
  const { order, workspace, objects } = context;
  const prepared = await workspace.prepare(task, order.source);
  const { layout } = prepared;
  const [own, ...neighbours] = inputs(order, 'solution').map((digest) =>
    readWeights(context, layout, digest),
  );
  if (!own) throw new Error('a pool of nothing');
  const base = readMask(context, layout) ?? fullMask(layout);
  const again = (weights: Float32Array): Pooled<Mask> => {
    const scores = scoreWeights(criterion, { weights, layout });
    // Weights that none of the networks has are zero, and stay behind all others.
    const mask = chooseMask(scope, { scores, mask: fullMask(layout), layout, alive });
    applyMask(weights, mask);
    return { weights, mask };
  };
  const total = 1 + neighbours.length * coefficients.length;
  const { judge, sessionMs } = judging(context, task, prepared, batch, total);
  const pooled = await lotteryPool({ weights: own, mask: base }, neighbours, coefficients, again, judge);
  const kept = keepMask(context, layout, pooled.mask);
  const { digest } = objects.put(weightTensors(layout, pooled.weights));
  return {
    ...kept,
    outputs: { ...kept.outputs, solution: digest },
    series: { ...kept.series, taken: pooled.taken },
    sessionMs: sessionMs(),
  };
}

/** Judges on the validation images, batch norm re-estimated each time; the test set has no say. */
function judging(
  context: JobContext,
  task: Task,
  prepared: Prepared,
  batch: number,
  total: number,
): { judge: Judge; sessionMs: () => number } {
  const { workspace } = context;
  const { dataset, split, network } = prepared;
  const { shape, train } = dataset;
  const judged = new Judged(context, { width: 3, total });
  const labels = Uint8Array.from(split.validation, (index: number) => train.labels[index] as number);
  const step = workspace.predictionStep(task, prepared);
  const spent = (): number => step.sessionMs + workspace.statisticsStep(task, prepared).sessionMs;
  const before = spent();
  const measure = (weights: Float32Array): Metrics => {
    const statistics = reestimate(context, task, prepared, weights, batch);
    const images = { images: train.images, shape };
    const probabilities = predict(step, weights, statistics, images, split.validation, network.classes);
    return metricsOf(probabilities, labels, network.classes);
  };
  return {
    judge: async (weights) => {
      const values = await judged.next(() => {
        const { accuracy, nll, ece } = measure(weights);
        return [accuracy, nll, ece];
      });
      const [accuracy = NaN, nll = NaN, ece = NaN] = values;
      return { accuracy, nll, ece };
    },
    sessionMs: () => spent() - before,
  };
}
