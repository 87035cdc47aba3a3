import type { Digest, JobKey } from '../../contract/ids.ts';
import type { SpecOf, Task } from '../../contract/job.ts';
import type { Layout } from '../../contract/parameters.ts';
import type { NamedSpec } from '../../contract/recipe.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Program } from '../../engine/program.ts';
import { fullMask } from '../../pruning/mask.ts';
import type { JobContext } from '../context.ts';
import { hessianVectorProduct, lossGradient } from '../derivatives.ts';
import { undisturbed } from '../fixtures.ts';
import { flowStep } from '../flow.ts';
import type { NetworkTask } from '../programs.ts';
import type { Prepared, Workspace } from '../workspace.ts';
import type { ScoreInputs } from './score.ts';

// Scores without a library and a worker, for tests and for `npm run verify`.

/** A score job on images in memory. */
export interface Given {
  readonly engine: Engine;
  readonly network: NetworkTask;
  readonly shape: readonly [number, number, number];
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly weights: Float32Array;
  readonly method: NamedSpec;
  readonly alive: number;
  readonly mask?: Uint8Array;
  readonly seed?: number;
  readonly stopRequested?: () => boolean;
}

const programs = new Map<Engine, Map<NetworkTask, Map<string, Program>>>();

/** Recorded once, as in a worker. */
function once(engine: Engine, network: NetworkTask, name: string, make: () => Program): Program {
  const byNetwork = programs.get(engine) ?? new Map<NetworkTask, Map<string, Program>>();
  programs.set(engine, byNetwork);
  const byName = byNetwork.get(network) ?? new Map<string, Program>();
  byNetwork.set(network, byName);
  const program = byName.get(name) ?? make();
  byName.set(name, program);
  return program;
}

/** A score job's inputs around a data set in memory. */
export function inputsOf(given: Given): ScoreInputs {
  const { engine, network, shape, images, labels, weights, method, alive, mask, seed = 1 } = given;
  const { layout, description, classes, normalisation } = network;
  const train = { count: labels.length, images, labels };
  const prepared: Prepared = {
    dataset: {
      title: 'test',
      shape,
      classes: Array.from({ length: classes }, String),
      train,
      test: train,
      normalisation,
      digest: '' as Digest,
      division: '',
    },
    split: { train: Int32Array.from(labels.keys()), validation: new Int32Array(0) } as Prepared['split'],
    description,
    layout,
    network,
  };
  const workspace: Pick<Workspace, 'lossGradient' | 'hessianVectorProduct' | 'flowStep'> = {
    lossGradient: (_task, { network }, options) =>
      once(engine, network, `gradient ${options.temperature}`, () => lossGradient(engine, network, options)),
    hessianVectorProduct: (_task, { network }, options) =>
      once(engine, network, `product ${options.temperature}`, () =>
        hessianVectorProduct(engine, network, options),
      ),
    flowStep: (_task, { network }) => once(engine, network, 'flow', () => flowStep(engine, network, shape)),
  };
  const spec: SpecOf<'score'> = {
    kind: 'score',
    task: {} as Task,
    seed,
    member: 0,
    method,
    pruneClassifier: false,
    alive,
  };
  const context: JobContext = {
    ...undisturbed(),
    stopRequested: given.stopRequested ?? (() => false),
    order: { key: '' as JobKey, spec, inputs: {}, source: { kind: 'digits' } },
    workspace: workspace as Workspace,
    objects: {
      read: () => ({ tensors: new Map(), metadata: {} }),
      put: () => ({ digest: '' as Digest, bytes: 0 }),
    },
  };
  return { weights, mask: mask ?? fullMask(layout), spec, prepared, context };
}

/** Ranks 0, 1, … of the prunable scores; equal ones in the order of the layout. */
function ranks(scores: Float32Array, chosen: readonly number[]): Float64Array {
  const order = chosen.toSorted((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
  const found = new Float64Array(scores.length);
  for (const [rank, at] of order.entries()) found[at] = rank;
  return Float64Array.from(chosen, (at) => found[at] as number);
}

/** Spearman's rank correlation of what is prunable. */
export function rankCorrelation(ours: Float32Array, theirs: Float32Array, chosen: readonly number[]): number {
  const [a, b] = [ranks(ours, chosen), ranks(theirs, chosen)];
  const squares = a.reduce((sum, rank, at) => sum + (rank - (b[at] as number)) ** 2, 0);
  return 1 - (6 * squares) / (a.length * (a.length ** 2 - 1));
}

/** ‖ours − theirs‖ / ‖theirs‖ */
export function distance(ours: Float32Array, theirs: Float32Array): number {
  let [difference, norm] = [0, 0];
  for (const [index, value] of theirs.entries()) {
    difference += ((ours[index] ?? NaN) - value) ** 2;
    norm += value ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** Indices of what masks may prune. */
export function prunableIndices({ parameters }: Layout): number[] {
  return parameters.flatMap(({ prunable, offset, size }) =>
    prunable ? Array.from({ length: size }, (_, at) => offset + at) : [],
  );
}

/** Scores that are known up to a factor, with the sum of others: those of SynFlow. */
export function withSumOf(ours: Float32Array, theirs: Float32Array, chosen: readonly number[]): Float32Array {
  const total = (scores: Float32Array): number => chosen.reduce((sum, at) => sum + (scores[at] ?? 0), 0);
  const factor = total(theirs) / total(ours);
  return ours.map((score) => score * factor);
}

/** The same vector with zeros where nothing may be pruned. */
export function only(scores: Float32Array, chosen: readonly number[]): Float32Array {
  const made = new Float32Array(scores.length);
  for (const at of chosen) made[at] = scores[at] as number;
  return made;
}
