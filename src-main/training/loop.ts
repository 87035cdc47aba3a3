import { setImmediate } from 'node:timers/promises';
import { RunningAverage } from '../averaging/average.ts';
import { crashPoint } from '../checkpoint/crash.ts';
import type { Tensor } from '../checkpoint/tensor.ts';
import { SwampError, ExitCode } from '../contract/errors.ts';
import type { Series } from '../contract/job.ts';
import type { Batch, BatchLoader } from '../datasets/loader.ts';
import type { FeedValues, Program } from '../engine/program.ts';
import { applyMask } from '../pruning/mask.ts';
import { Stopped, type JobContext } from './context.ts';

/** A training: T steps from given weights. */
export interface Training {
  readonly step: Program;
  /** To start from; where the mask prunes, training starts from zero whatever is here. */
  readonly weights: Float32Array;
  /** Flat, 1 = alive; `null`: nothing is pruned. */
  readonly mask: Uint8Array | null;
  /** [batch, height, width, channels]. */
  readonly imagesShape: readonly number[];
  readonly iterations: number;
  readonly iterationsPerEpoch: number;
  /** Learning rate of iteration 0 … T − 1. */
  rate(iteration: number): number;
  /** After how many iterations a snapshot joins the average; empty: the last weights are the result. */
  readonly snapshots: ReadonlySet<number>;
  /** From which iteration on the averaging phase sets the learning rate; `iterations` where there is none. */
  readonly averagingFrom: number;
  /** Batches from iteration `start` on. */
  batches(start: number): BatchLoader;
}

/** What a training needs of its job. */
export type TrainingContext = Pick<JobContext, 'partial' | 'progress' | 'stopRequested' | 'checkpoints'>;

export interface Trained {
  readonly weights: Float32Array;
  readonly series: Series;
  /** Steps taken now, not counting those of a checkpoint. */
  readonly steps: number;
  readonly sessionMs: number;
}

/** Where a training stands: everything that the next iteration depends on. */
export interface Position {
  iteration: number;
  /** Of the snapshots so far. */
  average: RunningAverage | null;
  /** Of the epoch under way. */
  epoch: Tally;
  series: { iteration: number[]; loss: number[]; accuracy: number[]; learningRate: number[] };
}

/** A position as it is written: the average's sums are a tensor beside it. */
export type SavedPosition = Omit<Position, 'average'> & { readonly count: number };

/** Sums over steps. */
export interface Tally {
  loss: number;
  accuracy: number;
  steps: number;
}

/**
 * A checkpoint at the end of an epoch, where the last is older than this; and in the middle of one where it is so old
 * that its loss would hurt.
 */
export const CHECKPOINTS = { atEpochSeconds: 20, seconds: 120 } as const;
/** How often progress is reported and the worker listens for a stop. */
export const REPORT_MS = 200;

/**
 * Runs the training steps; goes on from the job's checkpoint where there is one.
 * @returns the mean of the snapshots, or the last weights where there are none.
 * @throws Stopped after saving a checkpoint, where the user asked to stop.
 * @throws SwampError where the loss stops being a number.
 */
export async function runTraining(training: Training, context: TrainingContext): Promise<Trained> {
  const { step, iterations, iterationsPerEpoch, snapshots } = training;
  const { atEpochSeconds, seconds } = context.checkpoints ?? CHECKPOINTS;
  const position = restore(training, context);
  const first = position.iteration;
  if (first > 0) crashPoint('restored');
  const sessionStart = step.sessionMs;
  const batches = training.batches(first);
  const rate = new Float32Array(1);
  let report = newTally();
  let reportedAt = performance.now();
  let savedAt = reportedAt;
  try {
    while (position.iteration < iterations) {
      const batch = batches.next();
      rate[0] = training.rate(position.iteration);
      const [loss = NaN, correct = 0] = step.run(stepFeeds(batch, training.imagesShape, rate));
      if (!Number.isFinite(loss)) throw diverged(training, position.iteration, loss);
      position.iteration++;
      crashPoint('training-step');
      add(position.epoch, loss, correct / batch.labels.length);
      add(report, loss, correct / batch.labels.length);
      if (snapshots.has(position.iteration)) {
        position.average ??= new RunningAverage({ length: training.weights.length });
        position.average.add(step.read('weights'));
      }
      const now = performance.now();
      const endOfEpoch = position.iteration % iterationsPerEpoch === 0;
      if (endOfEpoch || position.iteration === iterations) note(position, rate[0]);
      const age = (now - savedAt) / 1000;
      if (position.iteration < iterations && age >= (endOfEpoch ? atEpochSeconds : seconds)) {
        save(step, position, context);
        savedAt = performance.now();
      }
      if (now - reportedAt > REPORT_MS) {
        context.progress({
          iteration: position.iteration,
          iterations,
          loss: report.loss / report.steps,
          accuracy: report.accuracy / report.steps,
          stepMs: (now - reportedAt) / report.steps,
        });
        report = newTally();
        reportedAt = now;
        // The steps block the thread: let messages in.
        await setImmediate();
        if (context.stopRequested()) {
          save(step, position, context);
          throw new Stopped();
        }
      }
    }
  } finally {
    batches.close();
  }
  const weights = position.average?.mean() ?? step.read('weights');
  const { series } = position;
  const steps = iterations - first;
  return { weights, series, steps, sessionMs: step.sessionMs - sessionStart };
}

/** What a training step is fed (programs.ts). @param rate the learning rate, an array of one */
export function stepFeeds(
  { images, labels, mix }: Batch,
  imagesShape: readonly number[],
  rate: Float32Array,
): FeedValues {
  const feeds = {
    images: { shape: imagesShape, data: images },
    labels: { shape: [labels.length], data: labels },
    rate: { shape: [], data: rate },
  };
  if (!mix) return feeds;
  return {
    ...feeds,
    share: { shape: [], data: mix.share },
    partners: { shape: [mix.partners.length], data: mix.partners },
  };
}

/** Writes the state into the session: the checkpoint's, or the start's. */
function restore({ step, weights, mask }: Training, { partial }: TrainingContext): Position {
  const velocity = new Float32Array(weights.length);
  const position = newPosition();
  step.write('mask', mask ? Float32Array.from(mask) : new Float32Array(weights.length).fill(1));
  const saved = partial.load();
  if (!saved) {
    const start = weights.slice();
    if (mask) applyMask(start, mask);
    step.write('weights', start);
    step.write('velocity', velocity);
    return position;
  }
  step.write('weights', vector(saved.tensors.get('weights'), 'F32'));
  step.write('velocity', vector(saved.tensors.get('velocity'), 'F32'));
  const sum = saved.tensors.get('sum');
  const { count, ...rest } = JSON.parse(saved.metadata['position'] ?? '{}') as SavedPosition;
  return { ...rest, average: sum ? new RunningAverage({ sums: vector(sum, 'F64'), count }) : null };
}

function save(step: Program, { average, ...rest }: Position, { partial }: TrainingContext): void {
  const tensors = new Map<string, Tensor>();
  for (const name of ['weights', 'velocity']) {
    const data = step.read(name);
    tensors.set(name, { dtype: 'F32', shape: [data.length], data });
  }
  if (average) tensors.set('sum', { dtype: 'F64', shape: [average.sums.length], data: average.sums });
  const position: SavedPosition = { ...rest, count: average?.count ?? 0 };
  partial.save(tensors, { position: JSON.stringify(position) });
}

export function vector<D extends 'F32' | 'F64'>(
  tensor: Tensor | undefined,
  dtype: D,
): D extends 'F32' ? Float32Array : Float64Array {
  if (tensor?.dtype !== dtype) throw new Error('the checkpoint of this job is not one of a training');
  return tensor.data as D extends 'F32' ? Float32Array : Float64Array;
}

export function newPosition(): Position {
  return {
    iteration: 0,
    average: null,
    epoch: newTally(),
    series: { iteration: [], loss: [], accuracy: [], learningRate: [] },
  };
}

export function newTally(): Tally {
  return { loss: 0, accuracy: 0, steps: 0 };
}

export function add(tally: Tally, loss: number, accuracy: number): void {
  tally.loss += loss;
  tally.accuracy += accuracy;
  tally.steps++;
}

/** Closes an epoch. */
export function note(position: Position, rate: number): void {
  const { iteration, series, epoch } = position;
  series.iteration.push(iteration);
  series.loss.push(epoch.loss / epoch.steps);
  series.accuracy.push(epoch.accuracy / epoch.steps);
  series.learningRate.push(rate);
  position.epoch = newTally();
}

export function diverged(
  { averagingFrom }: Pick<Training, 'averagingFrom'>,
  iteration: number,
  loss: number,
): SwampError {
  return new SwampError(
    `The training diverged: the loss is ${loss} at iteration ${iteration}.`,
    iteration >= averagingFrom
      ? 'Its averaging phase had begun: lower swa.learningRate, or start the phase later with swa.start.'
      : 'Lower recipe.learningRate, or add recipe.warmup.',
    ExitCode.job,
  );
}
