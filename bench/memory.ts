import { setImmediate } from 'node:timers/promises';
import type { EngineBuild } from '../src-main/contract/job.ts';
import { loadTensorFlow } from '../src-main/engine/tensorflow.ts';
import { EVALUATION_BATCH } from '../src-main/contract/job.ts';
import { estimateStatistics, predict } from '../src-main/training/evaluation.ts';
import { networkTask, randomImages, randomWeights } from '../src-main/training/fixtures.ts';
import { statisticsLength } from '../src-main/training/network.ts';
import { predictionStep, statisticsStep, trainingStep } from '../src-main/training/programs.ts';

// Resident memory of a process that works as a worker does: blocks of training steps with an evaluation after
// each; all programs disposed of and recorded again, for another batch, RERECORDINGS times. Run with --expose-gc.
// Prints one JSON document.

const BLOCKS = Number(process.env['BLOCKS'] ?? 12);
const STEPS = Number(process.env['STEPS'] ?? 1000);
const RERECORDINGS = Number(process.env['RERECORDINGS'] ?? 20);
const MODEL = process.env['MODEL'] ?? 'lenet';
/** Blocks before memory counts: TensorFlow's thread caches and the allocator's arenas fill up first. */
const WARM_UP = Math.floor(BLOCKS / 3);

const CLASSES = 10;
const [spec, shape] =
  MODEL === 'lenet'
    ? ([{ kind: 'lenet' }, [28, 28, 1]] as const)
    : ([{ kind: 'resnet', depth: 8, width: 16 }, [16, 16, 3]] as const);
const tensorflow = loadTensorFlow(JSON.parse(process.env['SWAMP_ENGINE'] ?? '{}') as EngineBuild);
const task = networkTask(spec, shape, CLASSES);
const data = randomImages(2 * EVALUATION_BATCH + 100, shape, CLASSES);
const pixels = shape[0] * shape[1] * shape[2];
const order = Int32Array.from({ length: data.labels.length }, (_, at) => at);

function programs() {
  return {
    training: trainingStep(tensorflow, task, { momentum: 0.9, nesterov: false, weightDecay: 1e-4 }),
    statistics: statisticsStep(tensorflow, task),
    prediction: predictionStep(tensorflow, task),
  };
}

let current = programs();
let weights = randomWeights(task.layout);

function train(steps: number, batch: number): void {
  const { training } = current;
  training.write('weights', weights);
  training.write('velocity', new Float32Array(task.layout.total));
  training.write('mask', new Float32Array(task.layout.total).fill(1));
  for (let at = 0; at < steps; at++) {
    const from = (at * 37) % (data.labels.length - batch);
    training.run({
      images: {
        shape: [batch, ...shape],
        data: data.images.slice(from * pixels, (from + batch) * pixels),
      },
      labels: { shape: [batch], data: Int32Array.from(data.labels.subarray(from, from + batch)) },
      rate: { shape: [], data: Float32Array.of(1e-4) },
    });
  }
  weights = training.read('weights');
}

function evaluate(): void {
  const length = statisticsLength(task.description);
  const statistics = estimateStatistics(current.statistics, weights, length, data, order, 128);
  predict(current.prediction, weights, statistics, data, null, CLASSES);
}

/** After what JavaScript left is collected; buffers go a turn of the event loop after their arrays. */
async function residentMB(): Promise<number> {
  for (let at = 0; at < 3; at++) {
    globalThis.gc?.();
    await setImmediate();
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

const blocks: number[] = [];
for (let block = 0; block < BLOCKS; block++) {
  train(STEPS, 128);
  evaluate();
  blocks.push(await residentMB());
}
const recordings: number[] = [];
for (let at = 0; at < RERECORDINGS; at++) {
  for (const program of Object.values(current)) program.dispose();
  current = programs();
  // The second shape makes the first one's state move along.
  train(2, at % 2 === 0 ? 64 : 96);
  train(2, 128);
  evaluate();
  recordings.push(await residentMB());
}

/** Least-squares slope, MB a block. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  for (const [at, value] of values.entries()) {
    above += (at - middle) * (value - mean);
    below += (at - middle) ** 2;
  }
  return below === 0 ? 0 : above / below;
}

const { binding } = tensorflow.backend;
for (const program of Object.values(current)) program.dispose();
const steady = recordings.slice(Math.floor(recordings.length / 3));
const result = {
  model: MODEL,
  steps: BLOCKS * STEPS,
  growthMBPer1000Steps: (slope(blocks.slice(WARM_UP)) * 1000) / STEPS,
  rerecordings: RERECORDINGS,
  growthMBPerRerecording: slope(steady),
  blocksMB: blocks.map((value) => Math.round(value * 10) / 10),
  rerecordingsMB: recordings.map((value) => Math.round(value * 10) / 10),
  tensorsLeft: binding.getNumOfTensors(),
  graphsLeft: binding.getNumOfSavedModels(),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
