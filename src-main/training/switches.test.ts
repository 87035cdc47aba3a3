import { readFileSync } from 'node:fs';
import { beforeAll, expect, inject, test } from 'vitest';
import { Recipe } from '../contract/recipe.ts';
import { cutOut } from '../datasets/batches.ts';
import type { Engine } from '../engine/engine.ts';
import { loadTensorFlow } from '../engine/tensorflow.ts';
import { loadWasm } from '../engine/wasm/load.ts';
import { describeModel, modelLayout, openModel } from '../models/registry.ts';
import { applyMask, fullMask, prunableOf } from '../pruning/mask.ts';
import { learningRateOf } from './learning-rate/registry.ts';
import { stepOptions, trainingStep, type NetworkTask } from './programs.ts';

// Each switch of a recipe on a residual network with batch norm and stride 2, as PyTorch trains it in float64
// (e2e/verify/torch_reference.py --fixture).

interface Case {
  readonly name: string;
  readonly nesterov: boolean;
  readonly switches: Readonly<Record<string, number>>;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly rates: readonly number[];
  readonly losses: readonly number[];
  readonly final: string;
}
interface Reference {
  readonly width: number;
  readonly side: number;
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly images: string;
  readonly labels: string;
  readonly initial: string;
  readonly mask: string;
  readonly batches: string;
  readonly centres: string;
  readonly partners: string;
  readonly shares: readonly number[];
  readonly cases: readonly Case[];
}

const reference = JSON.parse(
  readFileSync(new URL('../../e2e/verify/fixtures/switches.json', import.meta.url), 'utf8'),
) as Reference;
const { side, steps, batch } = reference;
const shape = [side, side, 3] as const;
const spec = { kind: 'resnet', depth: 8, width: reference.width };
const CLASSES = 10;

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'base64'));
const floats = (text: string): Float32Array => new Float32Array(bytes(text).buffer);
const integers = (text: string): Int32Array => new Int32Array(bytes(text).buffer);

const images = bytes(reference.images);
const labels = bytes(reference.labels);
const [batches, centres, partners] = [reference.batches, reference.centres, reference.partners].map(
  integers,
) as [Int32Array, Int32Array, Int32Array];

/** The losses' relative difference and the distance of the update of all steps, by its norm; PyTorch's own float32: 1.5e-6. */
const NEAR = 1e-5;

const engines: Record<string, Engine> = {};
beforeAll(async () => {
  engines['TensorFlow'] = loadTensorFlow(inject('engine'));
  engines['WebAssembly'] = await loadWasm({
    variant: 'wasm',
    tensorflow: 'tfjs',
    binding: '',
    libraryPath: [],
  });
});

/** What a user would write to train as the case does. */
function recipeOf({ nesterov, switches }: Case): Recipe {
  const { momentum, weightDecay, rate } = reference;
  const { sharpness, cutout, ...others } = switches;
  return Recipe.parse({
    optimizer: { momentum, nesterov, weightDecay, ...(sharpness !== undefined && { sharpness }) },
    learningRate: rate,
    schedule: { kind: switches['warmup'] === undefined ? 'constant' : 'cosine' },
    batch,
    epochs: 1,
    ...(cutout !== undefined && { augment: { cutout } }),
    ...others,
  });
}

/** The images of a step, with holes where the recipe cuts them. */
function imagesOf(at: number, { augment: { cutout } }: Recipe, mean: readonly number[]): Uint8Array {
  const pixels = side * side * 3;
  const fed = new Uint8Array(batch * pixels);
  for (const [place, row] of batches.subarray(at * batch, (at + 1) * batch).entries()) {
    const own = fed.subarray(place * pixels, (place + 1) * pixels);
    own.set(images.subarray(row * pixels, (row + 1) * pixels));
    const [y = NaN, x = NaN] = centres.subarray(2 * (at * batch + place));
    const background = mean.map((value) => Math.round(255 * value));
    if (cutout > 0) cutOut(own, shape, background, cutout, { row: y, column: x });
  }
  return fed;
}

/** Trains the case's steps; its losses, the first and the last weights. */
function train(engine: Engine, one: Case) {
  const layout = modelLayout(spec, shape, CLASSES, false);
  const task: NetworkTask = {
    model: openModel(spec),
    description: describeModel(spec, shape, CLASSES),
    layout,
    classes: CLASSES,
    normalisation: one,
  };
  const recipe = recipeOf(one);
  const start = floats(reference.initial);
  const mask = fullMask(layout);
  let from = 0;
  for (const { offset, size } of prunableOf(layout))
    mask.set(bytes(reference.mask).subarray(from, (from += size)), offset);
  // PyTorch's zeros may be −0.
  applyMask(start, mask);
  const step = trainingStep(engine, task, stepOptions(recipe));
  step.write('weights', start);
  step.write('velocity', new Float32Array(layout.total));
  step.write('mask', Float32Array.from(mask));
  const rate = learningRateOf(recipe, null, { iterations: steps, iterationsPerEpoch: steps });
  const losses = Array.from({ length: steps }, (_, at) => {
    const rows = batches.subarray(at * batch, (at + 1) * batch);
    const [loss = NaN] = step.run({
      images: { shape: [batch, ...shape], data: imagesOf(at, recipe, one.mean) },
      labels: { shape: [batch], data: Int32Array.from(rows, (row) => labels[row] ?? NaN) },
      rate: { shape: [], data: Float32Array.of(rate(at)) },
      ...(recipe.mixup > 0 && {
        share: { shape: [], data: Float32Array.of(reference.shares[at] ?? NaN) },
        partners: { shape: [batch], data: partners.slice(at * batch, (at + 1) * batch) },
      }),
    });
    return loss;
  });
  const final = step.read('weights');
  step.dispose();
  return { start, mask, losses, final, rate };
}

/** ‖ours − theirs‖ / ‖theirs − start‖ */
function updateDistance(ours: Float32Array, theirs: Float32Array, start: Float32Array): number {
  const norm = (a: Float32Array, b: Float32Array): number =>
    Math.hypot(...a.map((value, at) => value - (b[at] ?? NaN)));
  return norm(ours, theirs) / norm(theirs, start);
}

/** Each on TensorFlow; on WebAssembly all together, as optimizer.test.ts holds each to its formula there. */
const trainings = [
  ...reference.cases.map((one) => [one.name, 'TensorFlow', one] as const),
  ...reference.cases
    .filter(({ name }) => name === 'all')
    .map((one) => [one.name, 'WebAssembly', one] as const),
];

test.each(trainings)('%s: as in PyTorch, on %s', (_name, on, one) => {
  const { start, mask, losses, final, rate } = train(engines[on] as Engine, one);
  for (const [at, loss] of losses.entries()) {
    expect(rate(at)).toBeCloseTo(one.rates[at] ?? NaN, 12);
    expect(Math.abs(loss / (one.losses[at] ?? NaN) - 1), `loss of step ${at}`).toBeLessThan(NEAR);
  }
  expect(updateDistance(final, floats(one.final), start)).toBeLessThan(NEAR);
  expect(final.filter((value, at) => mask[at] === 0 && !Object.is(value, 0))).toHaveLength(0);
});

test('every switch alone, and all of them, are another training than the plain one', () => {
  const [plain, ...others] = reference.cases;
  const start = floats(reference.initial);
  for (const { name, final } of others)
    expect(updateDistance(floats(final), floats(plain?.final ?? ''), start), name).toBeGreaterThan(
      100 * NEAR,
    );
});
