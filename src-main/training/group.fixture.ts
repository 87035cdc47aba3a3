import type { Layout } from '../contract/parameters.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { Engine } from '../engine/engine.ts';
import type { Program } from '../engine/program.ts';
import { describeModel, modelLayout, openModel } from '../models/registry.ts';
import { openRule } from '../pruning/dynamic/registry.ts';
import { fullMask, prunableOf, type Mask } from '../pruning/mask.ts';
import { runGroup, type GroupTraining, type TrainedGroup } from './group.ts';
import type { TrainingContext } from './loop.ts';
import { gradientStep, trainingStep, type NetworkTask, type StepOptions } from './programs.ts';

/** What dynamic_reference.py computed with PyTorch; see there. Vectors are in base64. */
export interface DynamicReference {
  readonly torch: string;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly rate: number;
  readonly classes: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly shape: readonly [number, number, number];
  readonly images: string;
  readonly labels: string;
  readonly cases: readonly DynamicCase[];
}

export interface DynamicCase {
  readonly name: string;
  readonly seed: number;
  /** How far PyTorch's float32 is from its float64. */
  readonly float64: number;
  readonly rule: NamedSpec;
  readonly particles: number;
  readonly steps: number;
  readonly batch: number;
  readonly width: number;
  /** Prunable weights alive at first, and at last. */
  readonly start: number;
  readonly end: number;
  readonly snapshots: readonly number[];
  /** Integers that SET's choices are made of, in order. */
  readonly draws: readonly number[];
  readonly weights: Readonly<Record<string, string>>;
  readonly mask: Readonly<Record<string, string>>;
  /** int32 [particles, steps, batch]. */
  readonly batches: string;
  /** After each update, the prunable weights in layout order. */
  readonly masks: readonly string[];
  /** Of each particle. */
  readonly final: readonly Readonly<Record<string, string>>[];
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');
/** Copied: a small buffer lies in a larger one at any place. */
const floatsOf = (text: string): Float32Array => new Float32Array(new Uint8Array(bytesOf(text)).buffer);

/** ResNet-8 of a case on the reference's images. */
export function caseTask(
  { shape, classes, mean, deviation }: DynamicReference,
  { width }: DynamicCase,
): NetworkTask {
  const spec = { kind: 'resnet', depth: 8, width };
  return {
    model: openModel(spec),
    description: describeModel(spec, shape, classes),
    layout: modelLayout(spec, shape, classes, false),
    classes,
    normalisation: { mean, deviation },
  };
}

/** Weights by name as one flat vector. */
export function flatOf(layout: Layout, values: Readonly<Record<string, string>>): Float32Array {
  const flat = new Float32Array(layout.total);
  for (const { name, offset } of layout.parameters) flat.set(floatsOf(values[name] ?? ''), offset);
  return flat;
}

function maskOf(layout: Layout, values: Readonly<Record<string, string>>): Mask {
  const mask = fullMask(layout);
  for (const { name, offset } of prunableOf(layout)) mask.set(bytesOf(values[name] ?? ''), offset);
  return mask;
}

/** A mask's prunable weights in layout order, as the reference has them. */
export function bitsOf(mask: Mask, layout: Layout): string {
  return prunableOf(layout)
    .map(({ offset, size }) => mask.subarray(offset, offset + size).join(''))
    .join('');
}

export interface CaseOptions {
  /** Called before each batch of a particle. */
  readonly onBatch?: (particle: number, iteration: number) => void;
}

interface Programs {
  readonly step: Program;
  readonly gradients: Program;
}
const recorded = new WeakMap<Engine, Map<string, Programs>>();

/** Recorded once for all cases that share them: a training writes all of their state before it begins. */
function programsFor(engine: Engine, task: NetworkTask, options: StepOptions): Programs {
  const known = recorded.get(engine) ?? new Map<string, Programs>();
  recorded.set(engine, known);
  const key = JSON.stringify([task.layout.total, options]);
  const programs = known.get(key) ?? {
    step: trainingStep(engine, task, options),
    gradients: gradientStep(engine, task, {}),
  };
  known.set(key, programs);
  return programs;
}

/** A case as a training of ours. @param masks takes the mask of each update */
export function caseTraining(
  engine: Engine,
  reference: DynamicReference,
  one: DynamicCase,
  masks: string[],
  { onBatch = () => undefined }: CaseOptions = {},
): GroupTraining {
  const task = caseTask(reference, one);
  const { layout } = task;
  const { momentum, weightDecay, shape } = reference;
  const rule = openRule(one.rule);
  const options = { momentum, nesterov: false, weightDecay, feedback: rule.feedback };
  const { step, gradients } = programsFor(engine, task, options);
  const images = bytesOf(reference.images);
  const labels = bytesOf(reference.labels);
  const order = new Int32Array(new Uint8Array(bytesOf(one.batches)).buffer);
  const pixels = shape[0] * shape[1] * shape[2];
  const drawn = { at: 0 };
  return {
    step,
    gradients: rule.takesGradient ? gradients : null,
    rule: {
      ...rule,
      next(inputs) {
        const mask = rule.next(inputs);
        masks.push(bitsOf(mask, layout));
        return mask;
      },
    },
    layout,
    weights: flatOf(layout, one.weights),
    mask: maskOf(layout, one.mask),
    alive: { start: one.start, end: one.end },
    particles: one.particles,
    imagesShape: [one.batch, ...shape],
    iterations: one.steps,
    iterationsPerEpoch: 5,
    rate: () => reference.rate,
    snapshots: new Set(one.snapshots),
    averagingFrom: one.steps,
    batches(particle, start) {
      let at = start;
      return {
        iterationsPerEpoch: 5,
        next() {
          onBatch(particle, at);
          const from = (particle * one.steps + at) * one.batch;
          const rows = [...order.subarray(from, from + one.batch)];
          at++;
          return {
            images: Uint8Array.from(
              rows.flatMap((row) => [...images.subarray(row * pixels, (row + 1) * pixels)]),
            ),
            labels: Int32Array.from(rows, (row) => labels[row] ?? NaN),
          };
        },
        close: () => undefined,
      };
    },
    // The reference draws on and on; a resumed training asks for the same update again.
    drawFor: () => (range) => (one.draws[drawn.at++] ?? NaN) % range,
  };
}

/** Runs a case. */
export async function runCase(
  engine: Engine,
  reference: DynamicReference,
  one: DynamicCase,
  context: TrainingContext,
): Promise<TrainedGroup & { readonly masks: readonly string[] }> {
  const masks: string[] = [];
  const trained = await runGroup(caseTraining(engine, reference, one, masks), context);
  return { ...trained, masks };
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
