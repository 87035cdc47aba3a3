import { LEAST_TIMING_MS, type SpecOf } from '../contract/job.ts';
import { readWeights } from './common.ts';
import { input, NOTHING, type JobContext, type JobOutput } from './context.ts';
import { gather } from './evaluation.ts';
import { flatStatistics } from './flat.ts';
import { Judged } from './judged.ts';

/**
 * Times predictions of a network on test images: from the images' bytes to the probabilities, each batch size by itself, after
 * predictions that do not count. Kernels are dense: pruned weights are multiplied like others.
 */
export async function latency(spec: SpecOf<'latency'>, context: JobContext): Promise<JobOutput> {
  const { task, batches, warmUp, repetitions } = spec;
  const { order, workspace, objects } = context;
  const prepared = await workspace.prepare(task, order.source);
  const { dataset, description, layout } = prepared;
  const step = workspace.predictionStep(task, prepared);
  const before = step.sessionMs;
  const stored = input(order, 'statistics');
  const statistics = flatStatistics(
    description,
    objects.read(stored).tensors,
    `object ${stored.slice(0, 12)}`,
  );
  step.write('weights', readWeights(context, layout, input(order, 'solution')));
  step.write('statistics', statistics.length > 0 ? statistics : new Float32Array(1));
  const judged = new Judged(context, { width: 1, total: batches.length * repetitions });
  const series: Record<string, number[]> = {};
  for (const batch of batches) {
    const { test, shape } = dataset;
    const pixels = shape[0] * shape[1] * shape[2];
    const data = new Uint8Array(batch * pixels);
    gather(
      test.images,
      pixels,
      Int32Array.from({ length: batch }, (_, at) => at % test.count),
      data,
    );
    const predict = (): void => {
      step.run({ images: { shape: [batch, ...shape], data } });
    };
    const repetition = (): number => {
      const start = performance.now();
      for (let predictions = 1; ; predictions++) {
        predict();
        const ms = performance.now() - start;
        if (ms >= LEAST_TIMING_MS) return ms / predictions;
      }
    };
    let warm = false;
    const times: number[] = [];
    for (let at = 0; at < repetitions; at++) {
      const [ms = NaN] = await judged.next(() => {
        // What was measured before a stop is kept, what was warm then is not.
        for (let lap = 0; lap < warmUp && !warm; lap++) predict();
        warm = true;
        return [repetition()];
      });
      times.push(ms);
    }
    series[`ms-${batch}`] = times;
  }
  return { ...NOTHING, series, sessionMs: step.sessionMs - before };
}
