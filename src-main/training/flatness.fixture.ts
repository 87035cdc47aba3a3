import type { Tensor } from '../checkpoint/tensor.ts';
import type { Digest, JobKey } from '../contract/ids.ts';
import type { SpecOf, Task } from '../contract/job.ts';
import type { Engine } from '../engine/engine.ts';
import type { Program } from '../engine/program.ts';
import { describeModel, modelLayout, openModel } from '../models/registry.ts';
import { fullMask, prunableOf } from '../pruning/mask.ts';
import type { JobContext, JobOutput } from './context.ts';
import { Curvature } from './curvature.ts';
import { hessianVectorProduct } from './derivatives.ts';
import { undisturbed } from './fixtures.ts';
import { maskTensors, weightTensors } from './flat.ts';
import { hessianEigenvalues, hessianTrace } from './flatness.ts';
import { flatOf } from './group.fixture.ts';
import type { NetworkTask } from './programs.ts';
import type { Prepared, Workspace } from './workspace.ts';

/** A solution, and what flatness_reference.py computed of it with PyTorch; see there. */
export interface FlatnessCase {
  readonly weights: Readonly<Record<string, string>>;
  readonly statistics: Readonly<Record<string, string>>;
  readonly mask: Readonly<Record<string, string>>;
  readonly vector: Readonly<Record<string, string>>;
  readonly product: Readonly<Record<string, string>>;
  /** Rows of the matrix. */
  readonly alive: number;
  /** Of the whole matrix. */
  readonly trace: number;
  /** Standard deviation of a probe, by the whole matrix. */
  readonly deviation: number;
  /** The largest, from the largest down. */
  readonly eigenvalues: readonly number[];
}

export interface FlatnessReference {
  readonly torch: string;
  readonly seed: number;
  /** How far PyTorch's float32 is from its float64. */
  readonly float64: number;
  readonly width: number;
  readonly shape: readonly [number, number, number];
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly looks: { readonly images: number; readonly batch: number };
  readonly images: string;
  readonly labels: string;
  readonly dense: FlatnessCase;
  readonly masked: FlatnessCase;
}

const CLASSES = 10;
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const floatsOf = (text: string): Float32Array => new Float32Array(bytesOf(text).buffer);

/** Jobs that look at a solution's curvature, without a library and a worker. */
export class Flatness {
  readonly prepared: Prepared;
  readonly #reference: FlatnessReference;
  readonly #given: FlatnessCase;
  readonly #workspace: Workspace;
  readonly #objects: ReadonlyMap<string, ReadonlyMap<string, Tensor>>;

  constructor(engine: Engine, reference: FlatnessReference, name: 'dense' | 'masked') {
    const { width, shape, mean, deviation } = reference;
    const given = reference[name];
    const model = { kind: 'resnet', depth: 8, width };
    const layout = modelLayout(model, shape, CLASSES, false);
    const normalisation = { mean, deviation };
    const description = describeModel(model, shape, CLASSES);
    const network: NetworkTask = {
      ...{ model: openModel(model), description, layout, classes: CLASSES, normalisation },
    };
    const labels = bytesOf(reference.labels);
    const train = { count: labels.length, images: bytesOf(reference.images), labels };
    this.#reference = reference;
    this.#given = given;
    this.prepared = {
      dataset: {
        ...{ title: 'test', shape, train, test: train, normalisation },
        classes: Array.from({ length: CLASSES }, String),
        digest: '' as Digest,
        division: '',
      },
      split: {
        train: Int32Array.from(labels.keys()),
        validation: new Int32Array(0),
        digest: '' as Digest,
      },
      ...{ description, layout, network },
    };
    const mask = fullMask(layout);
    for (const { name, offset } of prunableOf(layout)) {
      const own = given.mask[name];
      if (own !== undefined) mask.set(bytesOf(own), offset);
    }
    this.#objects = new Map<string, ReadonlyMap<string, Tensor>>([
      ['solution', weightTensors(layout, flatOf(layout, given.weights))],
      ['statistics', statistics(given)],
      ...(name === 'masked' ? [['mask', maskTensors(mask, layout)] as const] : []),
    ]);
    let program: Program | undefined;
    const workspace: Pick<Workspace, 'prepare' | 'hessianVectorProduct'> = {
      prepare: () => Promise.resolve(this.prepared),
      hessianVectorProduct: (_task, { network }, options) =>
        (program ??= hessianVectorProduct(engine, network, options)),
    };
    this.#workspace = workspace as Workspace;
  }

  async trace(change: Partial<SpecOf<'hessian-trace'>> = {}, context: Partial<JobContext> = {}) {
    const spec = { kind: 'hessian-trace', ...this.#looks, probes: 16, ...change } as const;
    return await hessianTrace(spec, this.#context(context));
  }

  async eigenvalues(
    change: Partial<SpecOf<'hessian-eigenvalues'>> = {},
    context: Partial<JobContext> = {},
  ): Promise<JobOutput> {
    const kind = 'hessian-eigenvalues';
    const wanted = { count: 5, steps: 60, tolerance: 0.01 };
    const spec = { kind, ...this.#looks, ...wanted, ...change } as const;
    return await hessianEigenvalues(spec, this.#context(context));
  }

  /** Norm of the difference of H·v from PyTorch's, by the norm. */
  async distance(): Promise<number> {
    const { layout } = this.prepared;
    const spec = { kind: 'hessian-trace', ...this.#looks, probes: 2 } as const;
    const curvature = await Curvature.of(spec, this.#context({}));
    const at = (values: Readonly<Record<string, string>>): Float32Array =>
      curvature.atAlive(flatOf(layout, values));
    const made = await curvature.multiply(at(this.#given.vector));
    const theirs = at(this.#given.product);
    const squares = (of: (index: number) => number): number =>
      theirs.reduce((sum, _, index) => sum + of(index) ** 2, 0);
    const apart = squares((index) => (made[index] as number) - (theirs[index] as number));
    return Math.sqrt(apart / squares((index) => theirs[index] as number));
  }

  get #looks() {
    return { task: {} as Task, ...this.#reference.looks, seed: 1 };
  }

  #context(change: Partial<JobContext>): JobContext {
    return {
      ...undisturbed(),
      order: {
        key: 'k' as JobKey,
        spec: { kind: 'average' },
        inputs: Object.fromEntries([...this.#objects.keys()].map((name) => [name, [name as Digest]])),
        source: { kind: 'digits' },
      },
      workspace: this.#workspace,
      objects: {
        read: (digest) => ({ tensors: this.#objects.get(digest) ?? new Map<string, Tensor>(), metadata: {} }),
        put: () => ({ digest: '' as Digest, bytes: 0 }),
      },
      ...change,
    };
  }
}

function statistics(given: FlatnessCase): Map<string, Tensor> {
  return new Map(
    Object.entries(given.statistics).map(([name, text]): [string, Tensor] => {
      const data = floatsOf(text);
      return [name, { dtype: 'F32', shape: [data.length], data }];
    }),
  );
}
