import { EVALUATION_BATCH, type ProbeOrder, type ProbeResult } from '../contract/job.ts';
import { median } from '../contract/statistics.ts';
import { orderOf, sourceOf } from '../datasets/batches.ts';
import { openLoader } from '../datasets/loader.ts';
import { predict } from './evaluation.ts';
import { initialise } from './initialise.ts';
import { stepFeeds } from './loop.ts';
import { statisticsLength } from './network.ts';
import type { Workspace } from './workspace.ts';

/** Steps before the clock counts: the first records, the second warms the session up. */
const WARM_UP = 3;

/** Times training and prediction steps on real batches; nothing is stored. */
export async function timeSteps(
  { task, recipe, source, steps }: ProbeOrder,
  workspace: Workspace,
): Promise<ProbeResult> {
  const prepared = await workspace.prepare(task, source);
  const { dataset, split, layout, description, network } = prepared;
  const weights = initialise(layout, { kind: 'he-normal', fan: 'in' }, { seed: 0, member: 0 });
  const step = workspace.trainingStep(task, prepared, recipe);
  step.write('weights', weights);
  step.write('velocity', new Float32Array(layout.total));
  step.write('mask', new Float32Array(layout.total).fill(1));
  const iterations = WARM_UP + steps;
  const batches = openLoader({
    source: sourceOf(dataset),
    order: orderOf({ phase: 'round', seed: 0, member: 0, round: 0, particle: 0 }, split.train, recipe),
    start: 0,
    end: iterations,
  });
  // A rate of zero: the weights stay what they are, so that nothing diverges.
  const rate = new Float32Array(1);
  const imagesShape = [recipe.batch, ...dataset.shape];
  const times: number[] = [];
  try {
    for (let at = 0; at < iterations; at++) {
      const start = performance.now();
      step.run(stepFeeds(batches.next(), imagesShape, rate));
      if (at >= WARM_UP) times.push(performance.now() - start);
    }
  } finally {
    batches.close();
  }
  const statistics = new Float32Array(statisticsLength(description)).fill(1);
  const prediction = workspace.predictionStep(task, prepared);
  const images = { images: dataset.test.images, shape: dataset.shape };
  const some = Int32Array.from(
    { length: Math.min(EVALUATION_BATCH, dataset.test.count) },
    (_, index) => index,
  );
  const evaluations = Array.from({ length: 3 }, () => {
    const start = performance.now();
    predict(prediction, weights, statistics, images, some, network.classes);
    return performance.now() - start;
  });
  return {
    stepMs: median(times),
    evaluationMs: Math.min(...evaluations),
    device: workspace.provenance.device,
  };
}
