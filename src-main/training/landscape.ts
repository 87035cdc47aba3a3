import type { Looks, Series } from '../contract/job.ts';
import { reestimate } from './common.ts';
import type { JobContext } from './context.ts';
import { predict } from './evaluation.ts';
import { judgedSeries } from './judged.ts';
import { metricsOf } from './metrics.ts';
import type { Prepared } from './workspace.ts';

/** Values of a measurement, in order; those of the test set are left out where none of it is looked at. */
const MEASURED = ['trainLoss', 'trainError', 'testLoss', 'testError'] as const;

/** Images of one set that are looked at. */
interface Seen {
  readonly images: Uint8Array;
  /** `null`: all. */
  readonly indices: Int32Array | null;
  readonly labels: Uint8Array;
}

/**
 * Loss and error of any weights of a network (method.md, Analyses): mean cross-entropy and share of wrong images, on un-augmented
 * training images and on test images, batch norm re-estimated for each.
 */
export class Landscape {
  readonly #context: JobContext;
  readonly #looks: Looks;
  readonly #prepared: Prepared;
  readonly #seen: readonly Seen[];
  readonly #forStatistics: Int32Array;
  readonly #before: number;

  constructor(context: JobContext, prepared: Prepared, looks: Looks) {
    this.#context = context;
    this.#prepared = prepared;
    this.#looks = looks;
    const { dataset, split } = prepared;
    const { trainingImages, testImages, statisticsImages } = looks;
    const { train, test } = dataset;
    const some = split.train.subarray(0, trainingImages);
    const training: Seen = {
      images: train.images,
      indices: some,
      labels: Uint8Array.from(some, (index: number) => train.labels[index] as number),
    };
    const count = Math.min(testImages ?? test.count, test.count);
    const unseen: Seen = {
      images: test.images,
      indices: count < test.count ? Int32Array.from({ length: count }, (_, index) => index) : null,
      labels: test.labels.subarray(0, count),
    };
    this.#seen = count > 0 ? [training, unseen] : [training];
    this.#forStatistics = split.train.subarray(0, statisticsImages);
    this.#before = this.#spent();
  }

  /** Numbers of a measurement. */
  get width(): number {
    return 2 * this.#seen.length;
  }

  /** Milliseconds inside Session calls. */
  get sessionMs(): number {
    return this.#spent() - this.#before;
  }

  /** Loss and error of weights on each set; NaN where the network gives no numbers. */
  measure(weights: Float32Array): number[] {
    const { task, batch } = this.#looks;
    const { dataset, network } = this.#prepared;
    const statistics = reestimate(this.#context, task, this.#prepared, weights, batch, this.#forStatistics);
    const step = this.#context.workspace.predictionStep(task, this.#prepared);
    return this.#seen.flatMap(({ images, indices, labels }) => {
      const { shape } = dataset;
      const probabilities = predict(step, weights, statistics, { images, shape }, indices, network.classes);
      if (probabilities.some(Number.isNaN)) return [NaN, NaN];
      const { nll, accuracy } = metricsOf(probabilities, labels, network.classes);
      return [nll, 1 - accuracy];
    });
  }

  #spent(): number {
    const { workspace } = this.#context;
    const { task } = this.#looks;
    return (
      workspace.predictionStep(task, this.#prepared).sessionMs +
      workspace.statisticsStep(task, this.#prepared).sessionMs
    );
  }
}

/** Measurements as series, one of each kind of value. */
export function measuredSeries(rows: readonly (readonly number[])[]): Series {
  return judgedSeries(rows, MEASURED.slice(0, rows[0]?.length ?? 0));
}
