import type { EngineBuild, Task } from '../contract/job.ts';
import { layOut, type Layout } from '../contract/parameters.ts';
import type { NamedSpec, Recipe } from '../contract/recipe.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { loadDataset } from '../datasets/registry.ts';
import { splitTraining, type Split } from '../datasets/split.ts';
import type { Program } from '../engine/program.ts';
import type { Engine } from '../engine/engine.ts';
import { loadTensorFlow } from '../engine/tensorflow.ts';
import { loadWasm } from '../engine/wasm/load.ts';
import { DataError, EngineError } from '../contract/errors.ts';
import type { ModelDescription } from '../models/layers.ts';
import { describeModel, openModel } from '../models/registry.ts';
import {
  hessianVectorProduct,
  lossGradient,
  type DerivativeOptions,
  type ProductOptions,
} from './derivatives.ts';
import { CorruptedImages } from './corrupted.ts';
import { flowStep } from './flow.ts';
import {
  gradientStep,
  lossOptions,
  predictionStep,
  statisticsStep,
  stepOptions,
  trainingStep,
  type NetworkTask,
  type StepOptions,
} from './programs.ts';

/** A task made ready: data in memory, layout known. */
export interface Prepared {
  readonly dataset: Dataset;
  readonly split: Split;
  readonly description: ModelDescription;
  readonly layout: Layout;
  readonly network: NetworkTask;
}

/**
 * What a worker keeps between jobs: the engine, the data set, the recorded programs. Jobs of one experiment
 * differ in weights, masks, orders and rates, none of which is recorded, so the second job starts at once.
 */
export class Workspace {
  readonly #build: EngineBuild;
  #engine: Engine | null = null;
  #dataset: { readonly source: string; readonly dataset: Dataset } | null = null;
  #corrupted: { readonly dataset: Dataset; readonly images: CorruptedImages } | null = null;
  /** One set of programs, of the task they were recorded for. */
  #programs: { readonly task: string; readonly byName: Map<string, Program> } | null = null;

  constructor(engine: EngineBuild) {
    this.#build = engine;
  }

  /** Loaded when first asked for. */
  get engine(): Engine {
    this.#engine ??= loadTensorFlow(this.#build);
    return this.#engine;
  }

  /** Version and device, without loading anything for it. */
  get provenance(): { readonly tensorflow: string; readonly device: string } {
    const { version, device } = this.#engine ?? { version: '', device: '' };
    return { tensorflow: version, device };
  }

  /** Before the engine is asked for: what cannot be loaded at that moment is loaded now. */
  async begin(): Promise<void> {
    // Loading it takes a moment and no time of its own; TensorFlow takes a second and waits until it is needed.
    if (this.#build.variant === 'wasm') this.#engine ??= await loadWasm(this.#build);
  }

  /** @throws DataError where the files are not those the task was planned with. */
  async prepare(task: Task, source: NamedSpec): Promise<Prepared> {
    await this.begin();
    const dataset = await this.dataset(source);
    if (dataset.digest !== task.datasetDigest) {
      throw new DataError(
        `The data of ${dataset.title} changed since the experiment was planned (digest ${dataset.digest.slice(0, 12)}, planned ${task.datasetDigest.slice(0, 12)}).`,
        'Put the old files back, or start a new experiment on the new ones.',
      );
    }
    const { model: spec, split, pruneClassifier, prunable } = task;
    const classes = dataset.classes.length;
    const description = describeModel(spec, dataset.shape, classes);
    const layout = layOut(description.parameters, pruneClassifier, prunable);
    const { normalisation } = dataset;
    return {
      dataset,
      split: splitTraining(dataset.train.labels, split.validation, split.seed),
      description,
      layout,
      network: { model: openModel(spec), description, layout, classes, normalisation },
    };
  }

  trainingStep(
    task: Task,
    { network }: Prepared,
    recipe: Recipe,
    { feedback = false }: Pick<StepOptions, 'feedback'> = {},
  ): Program {
    const options = { ...stepOptions(recipe), ...(feedback ? { feedback } : {}) };
    return this.#program(task, `train ${JSON.stringify(options)}`, () =>
      trainingStep(this.engine, network, options),
    );
  }

  gradientStep(task: Task, { network }: Prepared, recipe: Recipe): Program {
    const options = lossOptions(recipe);
    return this.#program(task, `batch gradient ${JSON.stringify(options)}`, () =>
      gradientStep(this.engine, network, options),
    );
  }

  statisticsStep(task: Task, { network }: Prepared): Program {
    return this.#program(task, 'statistics', () => statisticsStep(this.engine, network));
  }

  predictionStep(task: Task, { network }: Prepared): Program {
    return this.#program(task, 'predict', () => predictionStep(this.engine, network));
  }

  lossGradient(task: Task, { network }: Prepared, options: DerivativeOptions): Program {
    return this.#program(task, `gradient ${JSON.stringify([options.temperature])}`, () =>
      lossGradient(this.engine, network, options),
    );
  }

  hessianVectorProduct(task: Task, { network }: Prepared, options: ProductOptions): Program {
    const { temperature, statistics } = options;
    return this.#program(task, `product ${JSON.stringify([temperature, statistics])}`, () =>
      hessianVectorProduct(this.engine, network, options),
    );
  }

  flowStep(task: Task, { network, dataset }: Prepared): Program {
    return this.#program(task, 'flow', () => flowStep(this.engine, network, dataset.shape));
  }

  #program(task: Task, name: string, make: () => Program): Program {
    if (task.backend === 'tensorflow-cuda' && this.engine.device !== 'GPU') {
      throw new EngineError(
        'The experiment was planned for a GPU, but TensorFlow finds none.',
        '`swamp doctor` says what is missing; --set engine=cpu starts a new experiment without one.',
      );
    }
    if ((task.backend === 'wasm') !== (this.#build.variant === 'wasm'))
      throw new EngineError(
        `The experiment was planned for ${task.backend}, this worker computes with ${this.#build.tensorflow}.`,
        'Resume it on its own engine, or start a new one here.',
      );
    const { datasetDigest, model, pruneClassifier, prunable } = task;
    const key = JSON.stringify([datasetDigest, model, pruneClassifier, prunable]);
    if (this.#programs?.task !== key) {
      for (const program of this.#programs?.byName.values() ?? []) program.dispose();
      this.#programs = { task: key, byName: new Map() };
    }
    const { byName } = this.#programs;
    let program = byName.get(name);
    if (!program) {
      program = make();
      byName.set(name, program);
    }
    return program;
  }

  /** Corrupted test images of the data set, kept as long as that is. */
  async corrupted(source: NamedSpec): Promise<CorruptedImages> {
    const dataset = await this.dataset(source);
    if (this.#corrupted?.dataset !== dataset)
      this.#corrupted = { dataset, images: new CorruptedImages(source, dataset) };
    return this.#corrupted.images;
  }

  /** The data set, loaded once while the source is the same. */
  async dataset(source: NamedSpec): Promise<Dataset> {
    const key = JSON.stringify(source);
    if (this.#dataset?.source !== key) this.#dataset = { source: key, dataset: await loadDataset(source) };
    return this.#dataset.dataset;
  }
}
