import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '../../src-main/checkpoint/safetensors.ts';
import { tensorNamed, type Tensors } from '../../src-main/checkpoint/tensor.ts';
import type { NamedSpec } from '../../src-main/contract/recipe.ts';
import type { Engine } from '../../src-main/engine/engine.ts';
import { ensureEngine } from '../../src-main/engine/provision/index.ts';
import { loadTensorFlow } from '../../src-main/engine/tensorflow.ts';
import { loadWasm } from '../../src-main/engine/wasm/load.ts';
import { describeModel, modelLayout, openModel } from '../../src-main/models/registry.ts';
import { fullMask } from '../../src-main/pruning/mask.ts';
import { chooseMask } from '../../src-main/pruning/scopes/registry.ts';
import { hessianVectorProduct, lossGradient } from '../../src-main/training/derivatives.ts';
import { flatStatistics } from '../../src-main/training/flat.ts';
import type { NetworkTask } from '../../src-main/training/programs.ts';
import {
  distance,
  inputsOf,
  only,
  prunableIndices,
  rankCorrelation,
  withSumOf,
} from '../../src-main/training/scores/fixtures.ts';
import { scoresOf } from '../../src-main/training/scores/registry.ts';

// Gradients, Hessian-vector products and scores at initialisation that scores_reference.py computed with PyTorch,
// computed by both engines. Usage: node scores.ts FOLDER
// Prints a Markdown table; exits with 1 where a bound is broken.

interface Reference {
  readonly torch: string;
  readonly seed: number;
  readonly float64: number;
  readonly temperature: number;
  readonly sparsity: number;
  readonly batches: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

const CLASSES = 10;
const SPEC = { kind: 'resnet', depth: 8, width: 4 };
/** Norm of the difference by the norm; and how far a rank correlation may be from 1, neighbours that rounding changes over. */
const DISTANCE = 1e-4;
const RANKS = 1e-6;

const folder = process.argv[2] ?? '.';
const reference = JSON.parse(readFileSync(join(folder, 'scores.json'), 'utf8')) as Reference;
const { tensors } = readSafetensors(join(folder, 'scores.safetensors'));
const images = tensorNamed(tensors, 'images', 'U8', 'scores');
const labels = tensorNamed(tensors, 'labels', 'U8', 'scores').data;
const [count = 0, height = 0, width = 0, channels = 0] = images.shape;
const shape = [height, width, channels] as const;
const layout = modelLayout(SPEC, shape, CLASSES, false);
const description = describeModel(SPEC, shape, CLASSES);
const network: NetworkTask = {
  model: openModel(SPEC),
  description,
  layout,
  classes: CLASSES,
  normalisation: reference,
};
const prunable = prunableIndices(layout);
const alive = Math.floor(layout.prunable * (1 - reference.sparsity) + 0.5);

/** Tensors whose name begins with `prefix/`, without it. */
function part(prefix: string): Tensors {
  const own = [...tensors].filter(([name]) => name.startsWith(`${prefix}/`));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}

/** A vector of all parameters, or one of the prunable ones among zeros. */
function theirs(name: string): Float32Array {
  const given = part(name);
  const flat = new Float32Array(layout.total);
  for (const { name: parameter, offset } of layout.parameters)
    if (given.has(parameter)) flat.set(tensorNamed(given, parameter, 'F32', name).data, offset);
  return flat;
}

/** The batches whose derivatives are averaged. */
const feeds = Array.from({ length: reference.batches }, (_, batch) => {
  const size = count / reference.batches;
  const pixels = height * width * channels;
  return {
    images: {
      shape: [size, ...shape],
      data: images.data.slice(batch * size * pixels, (batch + 1) * size * pixels),
    },
    labels: {
      shape: [size],
      data: Int32Array.from(labels.subarray(batch * size, (batch + 1) * size)),
    },
  };
});

function derivative(engine: Engine, statistics: 'batch' | 'given' | null): Float32Array {
  const program = statistics
    ? hessianVectorProduct(engine, network, { temperature: 1, statistics })
    : lossGradient(engine, network, { temperature: 1 });
  const sum = statistics ? 'product' : 'sum';
  program.write('weights', theirs('weights'));
  program.write(sum, new Float32Array(layout.total));
  if (statistics) program.write('vector', theirs('vector'));
  if (statistics === 'given')
    program.write('statistics', flatStatistics(description, part('statistics'), 'scores'));
  for (const feed of feeds) program.run(feed);
  const made = program.read(sum).map((value) => value / feeds.length);
  program.dispose();
  return made;
}

async function scores(engine: Engine, method: NamedSpec): Promise<Float32Array> {
  const weights = theirs('weights');
  const given = { engine, network, shape, images: images.data, labels, weights, method, alive };
  return await scoresOf(method, inputsOf(given));
}

const failures: string[] = [];

function cell(what: string, value: number, bound: number): string {
  const fine = value <= bound;
  if (!fine) failures.push(`${what}: ${value} is above ${bound}`);
  return `${value.toExponential(1)}${fine ? '' : ' **above the bound**'}`;
}

function row(
  name: string,
  engine: string,
  made: Float32Array,
  wanted: Float32Array,
  ranked: boolean,
): string {
  const order = ranked ? 1 - rankCorrelation(made, wanted, prunable) : null;
  const cells = [
    name,
    engine,
    String(ranked ? prunable.length : made.length),
    cell(`${name}, ${engine}`, distance(made, wanted), DISTANCE),
    order === null ? '' : `1 − ${cell(`order of ${name}, ${engine}`, order, RANKS)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

async function compare(name: string, engine: Engine): Promise<string[]> {
  const batch = count;
  const snip = only(await scores(engine, { kind: 'snip', batch }), prunable);
  const grasp = only(
    await scores(engine, { kind: 'grasp', batch, temperature: reference.temperature }),
    prunable,
  );
  const synflow = only(await scores(engine, { kind: 'synflow', steps: 1 }), prunable);
  const last = await scores(engine, { kind: 'synflow' });
  const mask = chooseMask(undefined, { scores: last, mask: fullMask(layout), layout, alive });
  const wanted = theirs('mask');
  const differ = prunable.filter((at) => mask[at] !== wanted[at]).length;
  if (differ > 0) failures.push(`mask of SynFlow, ${name}: ${differ} weights differ`);
  return [
    row('gradient', name, derivative(engine, null), theirs('gradient'), false),
    row('H·v, batch norm by the batch', name, derivative(engine, 'batch'), theirs('product'), false),
    row('H·v, batch norm by given statistics', name, derivative(engine, 'given'), theirs('frozen'), false),
    row('SNIP', name, snip, theirs('snip'), true),
    // Theirs are −w·Hg, of which the largest go; ours the scores to be kept.
    row(
      'GraSP',
      name,
      grasp,
      theirs('grasp').map((score) => -score),
      true,
    ),
    row(
      'SynFlow, first step',
      name,
      withSumOf(synflow, theirs('synflow'), prunable),
      theirs('synflow'),
      true,
    ),
    `| SynFlow, mask after 100 steps | ${name} | ${prunable.length} | ${differ} differ | |`,
  ];
}

const tensorflow = loadTensorFlow(await ensureEngine());
const wasm = await loadWasm({ variant: 'wasm', tensorflow: 'tfjs', binding: '', libraryPath: [] });
const lines = [
  `ResNet-8 of width 4, ${count} images of ${height}×${width} (ten of each class), PyTorch ${reference.torch} in float64, seed ${reference.seed}; PyTorch's own float32 is ${reference.float64.toExponential(1)} from it.`,
  '',
  '| what | engine | numbers | distance by the norm | rank correlation |',
  '|---|---|---|---|---|',
];
lines.push(...(await compare('TensorFlow', tensorflow)), ...(await compare('WebAssembly', wasm)));
process.stdout.write(`${lines.join('\n')}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
