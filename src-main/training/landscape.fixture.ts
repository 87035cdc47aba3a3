import type { Tensor } from '../checkpoint/tensor.ts';
import type { Digest, JobKey } from '../contract/ids.ts';
import type { Looks, Series, SpecOf, Task } from '../contract/job.ts';
import type { Engine } from '../engine/engine.ts';
import type { Program } from '../engine/program.ts';
import { describeModel, modelLayout, openModel } from '../models/registry.ts';
import { connectivity } from './connectivity.ts';
import type { JobContext, JobOutput } from './context.ts';
import { undisturbed } from './fixtures.ts';
import { flatOf } from './group.fixture.ts';
import { weightTensors } from './flat.ts';
import { measure } from './measure.ts';
import { predictionStep, statisticsStep, type NetworkTask } from './programs.ts';
import { surface } from './surface.ts';
import type { Prepared, Workspace } from './workspace.ts';

/** What landscape_reference.py computed with PyTorch; see there. */
export interface LandscapeReference {
  readonly torch: string;
  readonly seed: number;
  /** Largest relative difference of PyTorch's float32 losses from those of its float64. */
  readonly float64: number;
  readonly width: number;
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly looks: Omit<Looks, 'task'>;
  readonly grid: { readonly size: number; readonly margin: number };
  readonly train: { readonly images: string; readonly labels: string };
  readonly test: { readonly images: string; readonly labels: string };
  readonly solutions: readonly Readonly<Record<string, string>>[];
  readonly line: Readonly<Record<string, readonly number[]>>;
  readonly barrier: Readonly<Record<string, number>>;
  readonly surface: Readonly<Record<(typeof VALUES)[number] | 'x' | 'y', readonly number[]>> & {
    /** x, y and distance: of the solutions, then of the mean of the first three. */
    readonly places: readonly (readonly [number, number, number])[];
  };
  readonly measured: Readonly<Record<string, readonly number[]>>;
}

export const VALUES = ['trainLoss', 'trainError', 'testLoss', 'testError'] as const;

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/** Jobs that look at solutions, without a library and a worker. */
export class Looking {
  readonly prepared: Prepared;
  /** Flat weights of the reference's solutions. */
  readonly solutions: readonly Float32Array[];
  readonly #reference: LandscapeReference;
  readonly #workspace: Workspace;

  constructor(engine: Engine, reference: LandscapeReference) {
    const { width, shape, classes, mean, deviation } = reference;
    const model = { kind: 'resnet', depth: 8, width };
    const layout = modelLayout(model, shape, classes, false);
    const network: NetworkTask = {
      model: openModel(model),
      description: describeModel(model, shape, classes),
      layout,
      classes,
      normalisation: { mean, deviation },
    };
    const set = ({ images, labels }: { images: string; labels: string }) => ({
      count: bytesOf(labels).length,
      images: bytesOf(images),
      labels: bytesOf(labels),
    });
    const train = set(reference.train);
    this.#reference = reference;
    this.prepared = {
      dataset: {
        title: 'test',
        shape,
        classes: Array.from({ length: classes }, String),
        train,
        test: set(reference.test),
        normalisation: { mean, deviation },
        digest: '' as Digest,
        division: '',
      },
      split: {
        train: Int32Array.from(train.labels.keys()),
        validation: new Int32Array(0),
        digest: '' as Digest,
      },
      description: network.description,
      layout,
      network,
    };
    this.solutions = reference.solutions.map((each) => flatOf(layout, each));
    const made = new Map<string, Program>();
    const once = (name: string, make: () => Program): Program => {
      const program = made.get(name) ?? make();
      made.set(name, program);
      return program;
    };
    const workspace: Pick<Workspace, 'prepare' | 'predictionStep' | 'statisticsStep'> = {
      prepare: () => Promise.resolve(this.prepared),
      predictionStep: () => once('predict', () => predictionStep(engine, network)),
      statisticsStep: () => once('statistics', () => statisticsStep(engine, network)),
    };
    this.#workspace = workspace as Workspace;
  }

  /** Context of a job on weights; digests are their places in the list. */
  #context(
    inputs: Readonly<Record<string, readonly Float32Array[]>>,
    change: Partial<JobContext>,
  ): JobContext {
    const all = Object.values(inputs).flat();
    const { layout } = this.prepared;
    return {
      ...undisturbed(),
      order: {
        key: 'k' as JobKey,
        spec: { kind: 'average' },
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([name, weights]) => [
            name,
            weights.map((each) => String(all.indexOf(each)) as Digest),
          ]),
        ),
        source: { kind: 'digits' },
      },
      workspace: this.#workspace,
      objects: {
        read: (digest): { tensors: Map<string, Tensor>; metadata: Record<string, string> } => ({
          tensors: weightTensors(layout, all[Number(digest)] ?? new Float32Array(0)),
          metadata: {},
        }),
        put: () => ({ digest: '' as Digest, bytes: 0 }),
      },
      ...change,
    };
  }

  get #looks() {
    return { task: {} as Task, ...this.#reference.looks };
  }

  async line(
    solutions: readonly Float32Array[],
    change: Partial<SpecOf<'connectivity'>>,
    context: Partial<JobContext> = {},
  ): Promise<JobOutput> {
    const spec = { kind: 'connectivity', ...this.#looks, points: 9, ...change } as const;
    return await connectivity(spec, this.#context({ solution: solutions }, context));
  }

  async surface(
    solutions: readonly Float32Array[],
    points: readonly Float32Array[],
    change: Partial<SpecOf<'surface'>> = {},
    context: Partial<JobContext> = {},
  ): Promise<JobOutput> {
    const { grid } = this.#reference;
    const rows = { from: 0, to: grid.size };
    const spec = { kind: 'surface', ...this.#looks, ...grid, rows, ...change } as const;
    return await surface(spec, this.#context({ solution: solutions, point: points }, context));
  }

  async measure(weights: Float32Array, change: Partial<SpecOf<'measure'>> = {}): Promise<JobOutput> {
    const spec = { kind: 'measure', ...this.#looks, ...change } as const;
    return await measure(spec, this.#context({ solution: [weights] }, {}));
  }
}

/** The largest difference of losses, by the loss; and of errors. NaN where a series is missing or of another length. */
export function furthest(
  ours: Series,
  theirs: Readonly<Record<string, unknown>>,
): { readonly loss: number; readonly error: number } {
  const differences = (names: readonly string[], by: (theirs: number) => number): number =>
    Math.max(
      ...names.flatMap((name) => {
        const wanted = theirs[name] as readonly number[];
        const given = ours[name] ?? [];
        if (given.length !== wanted.length) return [NaN];
        return wanted.map((value, at) => Math.abs((given[at] ?? NaN) - value) / by(value));
      }),
    );
  return {
    loss: differences(['trainLoss', 'testLoss'], (value) => value),
    error: differences(['trainError', 'testError'], () => 1),
  };
}
