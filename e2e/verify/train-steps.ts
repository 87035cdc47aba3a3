import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '../../src-main/checkpoint/safetensors.ts';
import { tensorNamed, type Tensors } from '../../src-main/checkpoint/tensor.ts';
import { cutOut } from '../../src-main/datasets/batches.ts';
import { ensureEngine } from '../../src-main/engine/provision/index.ts';
import { loadTensorFlow } from '../../src-main/engine/tensorflow.ts';
import { describeModel, modelLayout, openModel } from '../../src-main/models/registry.ts';
import { estimateStatistics, predict, type Images } from '../../src-main/training/evaluation.ts';
import { undisturbed } from '../../src-main/training/fixtures.ts';
import { flatStatistics, flatWeights } from '../../src-main/training/flat.ts';
import { learningRateOf, type LearningRate } from '../../src-main/training/learning-rate/registry.ts';
import { runTraining } from '../../src-main/training/loop.ts';
import { statisticsLength } from '../../src-main/training/network.ts';
import {
  predictionStep,
  statisticsStep,
  trainingStep,
  type NetworkTask,
} from '../../src-main/training/programs.ts';

// Trains what torch_reference.py trained, with the recorded steps, and compares. Usage: node train-steps.ts FOLDER
// Prints a Markdown table; exits with 1 where a bound is broken.

interface Case {
  readonly name: string;
  readonly seed: number;
  /** How far PyTorch's float32 is from its float64. */
  readonly float64: number;
  readonly data: 'lenet' | 'resnet8';
  readonly steps: number;
  readonly rate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly masked: boolean;
  readonly tolerance: number;
  readonly snapshots: readonly number[];
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** Of the recipe that are on. */
  readonly switches: {
    readonly labelSmoothing?: number;
    readonly mixup?: number;
    readonly cutout?: number;
    readonly accumulate?: number;
    readonly sharpness?: number;
    readonly warmup?: number;
  };
}

interface Reference {
  readonly torch: string;
  readonly numpy: string;
  readonly images: string;
  readonly cases: readonly Case[];
}

const CLASSES = 10;
const BATCH = 128;
/** Bounds on the rest: relative to the vector's norm, but probabilities as they are. */
const WEIGHTS = 1e-3;
/** A step's update of all weights, the difference of two that are nearly equal: rounding weighs more. With switches. */
const UPDATES = 2e-2;
const STATISTICS = 1e-4;
const PROBABILITIES = 1e-4;

const models = {
  lenet: { kind: 'lenet' },
  resnet8: { kind: 'resnet', depth: 8, width: 16 },
} as const;

const folder = process.argv[2] ?? '.';
const reference = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Reference;
const tensorflow = loadTensorFlow(await ensureEngine());

function read(name: string): Tensors {
  return readSafetensors(join(folder, `${name}.safetensors`)).tensors;
}

/** Tensors whose name begins with `prefix`, without it. */
function part(tensors: Tensors, prefix: string): Tensors {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}

type Floats = Float32Array | Float64Array;

/** ‖ours − theirs‖ / ‖theirs‖ */
function distance(ours: Floats, theirs: Floats): number {
  let difference = 0;
  let norm = 0;
  for (const [index, value] of theirs.entries()) {
    difference += ((ours[index] ?? NaN) - value) ** 2;
    norm += value ** 2;
  }
  return Math.sqrt(difference / norm);
}

function largest(ours: Floats, theirs: Floats, relative: boolean): number {
  let most = 0;
  for (const [index, value] of theirs.entries()) {
    const difference = Math.abs((ours[index] ?? NaN) - value) / (relative ? Math.abs(value) : 1);
    if (!(difference <= most)) most = difference;
  }
  return most;
}

/** Constant, but behind a warm-up, where half a cosine follows. */
function rateOf({ rate, steps, switches: { warmup = 0 } }: Case): LearningRate {
  const schedule = { kind: warmup > 0 ? 'cosine' : 'constant' };
  const span = { iterations: steps, iterationsPerEpoch: steps };
  return learningRateOf({ learningRate: rate, schedule, warmup }, null, span);
}

const failures: string[] = [];

function cell(what: string, value: number, bound: number): string {
  const fine = value <= bound;
  if (!fine) failures.push(`${what}: ${value} is above ${bound}`);
  return `${value.toExponential(1)}${fine ? '' : ' **above the bound**'}`;
}

async function compare(one: Case): Promise<string> {
  const given = read(one.name);
  const data = read(`${one.data}-data`);
  const images = tensorNamed(data, 'images', 'U8', one.data);
  const labels = tensorNamed(data, 'labels', 'U8', one.data).data;
  const [, height = 0, width = 0, channels = 0] = images.shape;
  const shape = [height, width, channels] as const;
  const set: Images = { images: images.data, shape };
  const spec = models[one.data];
  const layout = modelLayout(spec, shape, CLASSES, false);
  const task: NetworkTask = {
    model: openModel(spec),
    description: describeModel(spec, shape, CLASSES),
    layout,
    classes: CLASSES,
    normalisation: one,
  };
  const weights = flatWeights(layout, part(given, 'initial/'), one.name);
  const mask = one.masked ? new Uint8Array(layout.total).fill(1) : null;
  for (const { name, prunable, offset } of layout.parameters)
    if (mask && prunable) mask.set(tensorNamed(given, `mask/${name}`, 'BOOL', one.name).data, offset);

  const batches = tensorNamed(given, 'batches', 'I32', one.name).data;
  const losses: number[] = [];
  const pixels = height * width * channels;
  const { switches } = one;
  const step = trainingStep(tensorflow, task, { ...one, ...switches, mixup: switches.mixup !== undefined });
  const centres = tensorNamed(given, 'centres', 'I32', one.name).data;
  const shares = tensorNamed(given, 'shares', 'F32', one.name).data;
  const partners = tensorNamed(given, 'partners', 'I32', one.name).data;
  const background = one.mean.map((value) => Math.round(255 * value));
  /** How far each update is from PyTorch's, by its norm; of cases with switches. */
  const updates: number[] = [];
  let before: Float32Array = weights.slice();
  let theirBefore: Float32Array = before;
  const run = step.run.bind(step);
  step.run = (feeds) => {
    const made = run(feeds);
    const at = losses.push(made[0] ?? NaN) - 1;
    if (Object.keys(switches).length > 0) {
      const now = step.read('weights');
      const theirs = flatWeights(layout, part(given, `after-${at}/`), one.name);
      const update = (to: Float32Array, from: Float32Array) =>
        to.map((value, index) => value - (from[index] ?? NaN));
      updates.push(distance(update(now, before), update(theirs, theirBefore)));
      [before, theirBefore] = [now, theirs];
    }
    return made;
  };
  const { weights: averaged } = await runTraining(
    {
      step,
      weights,
      mask,
      imagesShape: [BATCH, ...shape],
      iterations: one.steps,
      iterationsPerEpoch: one.steps,
      rate: rateOf(one),
      snapshots: new Set(one.snapshots),
      averagingFrom: one.steps,
      batches(start) {
        let at = start;
        return {
          iterationsPerEpoch: one.steps,
          next() {
            const rows = [...batches.subarray(at * BATCH, (at + 1) * BATCH)];
            const images = Uint8Array.from(
              rows.flatMap((row) => [...set.images.subarray(row * pixels, (row + 1) * pixels)]),
            );
            for (let image = 0; switches.cutout !== undefined && image < BATCH; image++) {
              const [row = NaN, column = NaN] = centres.subarray(2 * (at * BATCH + image));
              const own = images.subarray(image * pixels, (image + 1) * pixels);
              cutOut(own, shape, background, switches.cutout, { row, column });
            }
            const mix = {
              share: shares.slice(at, at + 1),
              partners: partners.slice(at * BATCH, (at + 1) * BATCH),
            };
            at++;
            return {
              images,
              labels: Int32Array.from(rows, (row) => labels[row] ?? NaN),
              ...(switches.mixup !== undefined && { mix }),
            };
          },
          close: () => undefined,
        };
      },
    },
    undisturbed(),
  );
  const theirAverage = flatWeights(layout, part(given, 'averaged/'), one.name);
  const order = Int32Array.from({ length: 10 * BATCH }, (_, at) => at);
  const length = statisticsLength(task.description);
  // From PyTorch's average, so that only the re-estimation is compared.
  const estimation = statisticsStep(tensorflow, task);
  const statistics = estimateStatistics(estimation, theirAverage, length, set, order, BATCH);
  const theirStatistics = flatStatistics(task.description, part(given, 'statistics/'), one.name);
  const prediction = predictionStep(tensorflow, task);
  const predicted = predict(prediction, theirAverage, theirStatistics, set, order.subarray(0, 700), CLASSES);
  const last = step.read('weights');
  const revived = mask?.reduce(
    (count, alive, index) => count + (alive === 0 && last[index] !== 0 ? 1 : 0),
    0,
  );
  if (revived) failures.push(`${one.name}: ${revived} pruned weights are not zero`);
  for (const program of [step, estimation, prediction]) program.dispose();
  const theirs = (name: string) => flatWeights(layout, part(given, `${name}/`), one.name);
  const cells = [
    `${one.name}`,
    `${one.steps} at ${one.rate}, seed ${one.seed}`,
    cell(
      `${one.name}, losses`,
      largest(Float64Array.from(losses), tensorNamed(given, 'losses', 'F64', one.name).data, true),
      one.tolerance,
    ),
    one.tolerance.toExponential(0),
    one.float64.toExponential(1),
    cell(`${one.name}, weights`, distance(last, theirs('final')), WEIGHTS),
    updates.length > 0 ? cell(`${one.name}, updates`, Math.max(...updates), UPDATES) : '',
    cell(`${one.name}, average`, distance(averaged, theirAverage), WEIGHTS),
    length > 0 ? cell(`${one.name}, statistics`, distance(statistics, theirStatistics), STATISTICS) : '',
    cell(
      `${one.name}, predictions`,
      largest(predicted, tensorNamed(given, 'predictions', 'F32', one.name).data, false),
      PROBABILITIES,
    ),
  ];
  return `| ${cells.join(' | ')} |`;
}

const lines = [
  `TensorFlow ${tensorflow.version} (${tensorflow.device}) against PyTorch ${reference.torch}, NumPy ${reference.numpy}; ResNet-8 on ${reference.images}.`,
  '',
  '| case | steps | losses, largest relative difference | allowed | PyTorch from its own float64 | last weights | worst update | SWA average | batch-norm statistics | probabilities |',
  '|---|---|---|---|---|---|---|---|---|---|',
];
for (const one of reference.cases) lines.push(await compare(one));
process.stdout.write(`${lines.join('\n')}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
