import { interpolate } from '../averaging/average.ts';
import type { SpecOf } from '../contract/job.ts';
import { readWeights, reestimate } from './common.ts';
import { inputs, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { predict } from './evaluation.ts';
import { Judged } from './judged.ts';
import { metricsOf } from './metrics.ts';

/**
 * Loss and error along the line between two solutions (Frankle et al. 2020; method.md, Analyses): at (1 − α)·a + α·b, α from 0
 * to 1, batch norm re-estimated at each; mean cross-entropy and share of wrong images, on a stated number of un-augmented training images and
 * on the test set. Series `alpha`, `trainLoss`, `trainError`, `testLoss`, `testError`.
 */
export async function connectivity(spec: SpecOf<'connectivity'>, context: JobContext): Promise<JobOutput> {
  const { task, batch, points, trainingImages } = spec;
  const { order, workspace } = context;
  const prepared = await workspace.prepare(task, order.source);
  const { dataset, split, network, layout } = prepared;
  const [a, b] = inputs(order, 'solution').map((digest) => readWeights(context, layout, digest));
  if (!a || !b) throw new Error('connectivity is between two solutions');
  const { shape, train, test } = dataset;
  const some = split.train.slice(0, trainingImages);
  const labels = Uint8Array.from(some, (index: number) => train.labels[index] as number);
  const step = workspace.predictionStep(task, prepared);
  const spent = (): number => step.sessionMs + workspace.statisticsStep(task, prepared).sessionMs;
  const before = spent();
  const { classes } = network;
  const measure = (weights: Float32Array): number[] => {
    const statistics = reestimate(context, task, prepared, weights, batch);
    const on = (images: Uint8Array, indices: Int32Array | null): Float32Array =>
      predict(step, weights, statistics, { images, shape }, indices, classes);
    const seen = metricsOf(on(train.images, some), labels, classes);
    const unseen = metricsOf(on(test.images, null), test.labels, classes);
    return [seen.nll, 1 - seen.accuracy, unseen.nll, 1 - unseen.accuracy];
  };
  const judged = new Judged(context, { width: 4, total: points });
  const alpha = Array.from({ length: points }, (_, at) => at / (points - 1));
  const rows: (readonly number[])[] = [];
  for (const at of alpha) rows.push(await judged.next(() => measure(interpolate(a, b, at))));
  const column = (index: number): number[] => rows.map((row) => row[index] ?? NaN);
  return {
    ...NOTHING,
    series: {
      alpha,
      trainLoss: column(0),
      trainError: column(1),
      testLoss: column(2),
      testError: column(3),
    },
    sessionMs: spent() - before,
  };
}
