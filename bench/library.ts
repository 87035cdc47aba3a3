import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Digest, ExperimentId, JobKey } from '../src-main/contract/ids.ts';
import type { JobResult, PlannedJob, Series } from '../src-main/contract/job.ts';
import type { Evaluation } from '../src-main/contract/metrics.ts';
import { compareSeed, runId } from '../src-main/experiment/comparison.ts';
import { parseConfig } from '../src-main/experiment/config.ts';
import type { StoredResolution } from '../src-main/experiment/resolve.ts';
import { prepareStored, storedForm, type Prepared } from '../src-main/experiment/studio.ts';
import { summariseRun } from '../src-main/experiment/summary.ts';
import { prunableOf } from '../src-main/pruning/mask.ts';
import { Database } from '../src-main/store/database.ts';
import { openLibrary } from '../src-main/store/library.ts';
import { ObjectStore } from '../src-main/store/objects.ts';
import { Store } from '../src-main/store/store.ts';

// A library as somebody has it after years: thousands of experiments of all states, tagged, noted, some in the trash.
// Everything goes in through the store's own code; only that nothing waits for the disk.

export interface LibraryOptions {
  /** Runs, as many as make whole experiments. */
  readonly runs: number;
  /** Points of all series together. */
  readonly points: number;
  readonly folder: string;
  readonly onProgress?: (share: number) => void;
}

export interface MadeLibrary {
  readonly experiments: number;
  readonly runs: number;
  readonly jobs: number;
  readonly points: number;
}

const SEEDS = [1, 2, 3];
const ARMS = ['imp', { kind: 'swamp', particles: 2 }];
const RUNS_EACH = SEEDS.length * ARMS.length;
const ROUNDS = 3;
/** Trainings of an experiment: in each round one of IMP and two of SWAMP. */
const TRAININGS_EACH = SEEDS.length * (ROUNDS + 1) * 3;
const SERIES = ['iteration', 'loss', 'accuracy', 'learningRate'];
/** One experiment in so many is only half done. */
const HALF_DONE = 11;
/** Share of the trainings that are. */
const FINISHED = 0.95;
/** Experiments that go in together. */
const AT_A_TIME = 50;

const DATA = [
  { kind: 'digits', title: 'Handwritten digits (8,000 training images, 28×28)', shape: [28, 28, 1] },
  { kind: 'idx', title: 'Fashion-MNIST (60,000 training images, 28×28)', shape: [28, 28, 1] },
  { kind: 'cifar10', title: 'CIFAR-10 (50,000 training images, 32×32)', shape: [32, 32, 3] },
  { kind: 'cifar100', title: 'CIFAR-100 (50,000 training images, 32×32)', shape: [32, 32, 3] },
] as const;
const WORDS = ['baseline', 'paper', 'wide', 'retry', 'ablation', 'thesis', 'longer warm-up', 'do not delete'];

/** Figures that look like some and are the same each time. */
function noise(...parts: readonly number[]): number {
  let hash = 2166136261;
  for (const part of parts) hash = Math.imul(hash ^ part, 16777619);
  return ((hash >>> 0) % 100_003) / 100_003;
}

/** Makes the library, in a folder that is not there yet. */
export function makeLibrary({ runs, points, folder, onProgress }: LibraryOptions): MadeLibrary {
  openLibrary(folder, { create: true }).close();
  const db = new Database(join(folder, 'swamp.db'));
  const objects = new ObjectStore(folder);
  const store = new Store(db, objects);
  // A crash would cost the library that is being made, and nothing else.
  db.pragma('synchronous = OFF');
  const experiments = Math.max(1, Math.round(runs / RUNS_EACH));
  const length = Math.max(2, Math.ceil(points / FINISHED / experiments / TRAININGS_EACH / SERIES.length));
  const weights = { dtype: 'F32' as const, shape: [1], data: Float32Array.of(1) };
  const object = objects.put(new Map([['x', weights]])).digest;
  const made = { experiments, runs: experiments * RUNS_EACH, jobs: 0, points: 0 };
  for (let first = 0; first < experiments; first += AT_A_TIME) {
    db.transaction(() => {
      for (let number = first; number < Math.min(experiments, first + AT_A_TIME); number++) {
        const one = new OneExperiment({ store, object, length }, number);
        one.store();
        made.jobs += one.jobs;
        made.points += one.points;
      }
    });
    onProgress?.(Math.min(1, (first + AT_A_TIME) / experiments));
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;');
  db.close();
  return made;
}

interface World {
  readonly store: Store;
  /** Stands for every output. */
  readonly object: Digest;
  /** Points of each series. */
  readonly length: number;
}

class OneExperiment {
  jobs = 0;
  points = 0;
  readonly #world: World;
  readonly #number: number;
  readonly #prepared: Prepared;
  readonly #id: ExperimentId;
  readonly #evaluations = new Map<JobKey, Evaluation>();

  constructor(world: World, number: number) {
    this.#world = world;
    this.#number = number;
    const { config, resolution } = settingsOf(number);
    this.#prepared = prepareStored(config, resolution);
    this.#id = `${config.name}-${number.toString(16).padStart(4, '0')}` as ExperimentId;
  }

  store(): void {
    const { store } = this.#world;
    const { config, plan } = this.#prepared;
    const number = this.#number;
    const sweep = number % 5 < 3 ? null : `sweep-${Math.floor(number / 20)}`;
    store.createExperiment({
      id: this.#id,
      name: config.name,
      sweep,
      ...storedForm(this.#id, this.#prepared),
    });
    this.jobs = plan.jobs.length;
    // Most are done; some were stopped half-way, some failed there.
    const end = number % HALF_DONE === 0 ? Math.floor(plan.jobs.length / 2) : plan.jobs.length;
    for (const job of plan.jobs.slice(0, end)) this.#finish(job);
    const next = plan.jobs[end];
    if (next && number % 22 === 0) {
      store.startJob(next.key, 'bench');
      store.failJob(next.key, { name: 'Error', message: 'it failed', hint: '', stack: '' });
    }
    if (next) store.setExperimentWish(this.#id, number % 33 === 0 ? 'paused' : 'stopped');
    this.#summarise();
    this.#label();
  }

  #finish(job: PlannedJob): void {
    const { store } = this.#world;
    const result = this.#resultOf(job);
    if (result.evaluation) this.#evaluations.set(job.key, result.evaluation);
    store.startJob(job.key, 'bench');
    store.finishJob(job.key, result);
  }

  #resultOf({ key, spec }: PlannedJob): JobResult {
    const at = parseInt(key.slice(0, 7), 16);
    const { object } = this.#world;
    const common = {
      evaluation: null,
      series: {},
      seconds: 1 + noise(at),
      sessionSeconds: 1,
      steps: 0,
      provenance: { tensorflow: '2.18.0', device: 'CPU', host: 'bench', app: '0.1.0' },
    };
    switch (spec.kind) {
      case 'train-ticket':
      case 'import':
      case 'average':
      case 'soup':
        return { ...common, outputs: { solution: object } };
      case 'train-particle':
        return {
          ...common,
          outputs: { solution: object },
          series: this.#curve(at),
          steps: this.#world.length,
        };
      case 'train-group':
        return {
          ...common,
          outputs: { 'solution-0': object, mask: object },
          series: this.#curve(at),
          steps: this.#world.length,
        };
      case 'prune':
      case 'score':
      case 'pool': {
        const alive = prunableOf(this.#prepared.plan.layout).map(({ size }) => Math.round(size * 0.5));
        return { ...common, outputs: { mask: object, solution: object }, series: { alive } };
      }
      case 'measure':
      case 'connectivity':
      case 'surface':
      case 'hessian-trace':
      case 'hessian-eigenvalues':
      case 'overlap':
      case 'size':
      case 'latency':
      case 'robustness':
      case 'calibration':
        return { ...common, outputs: {} };
      case 'evaluate':
      case 'evaluate-ensemble': {
        const accuracy = 0.5 + 0.4 * noise(at, 1);
        const metrics = { accuracy, nll: 2 * (1 - accuracy), ece: 0.1 * noise(at, 2) };
        const validation = { ...metrics, accuracy: accuracy - 0.02 * noise(at, 3) };
        return { ...common, outputs: { predictions: object }, evaluation: { test: metrics, validation } };
      }
    }
  }

  #curve(at: number): Series {
    const { length } = this.#world;
    this.points += length * SERIES.length;
    const along = (of: (step: number) => number): number[] => Array.from({ length }, (_, step) => of(step));
    return {
      iteration: along((step) => 10 * (step + 1)),
      loss: along((step) => 2 / (1 + step) + 0.1 * noise(at, step)),
      accuracy: along((step) => 1 - 0.9 / (1 + step) - 0.02 * noise(at, step, 1)),
      learningRate: along((step) => 0.1 * (1 - step / length)),
    };
  }

  #summarise(): void {
    const { store } = this.#world;
    const { plan } = this.#prepared;
    const sources = {
      experiment: this.#id,
      result: (key: JobKey) => ({ evaluation: this.#evaluations.get(key) ?? null }) as JobResult,
    };
    for (const run of plan.runs) {
      const summary = summariseRun(plan, run, (round) => compareSeed(sources, run, round));
      if (summary) store.updateRunSummary(runId(this.#id, run), summary);
    }
  }

  #label(): void {
    const { store } = this.#world;
    const number = this.#number;
    const word = WORDS[number % WORDS.length] ?? '';
    if (number % 4 === 0) store.tag(this.#id, [word.replaceAll(' ', '-')]);
    if (number % 9 === 0) store.tag(this.#id, ['star']);
    if (number % 17 === 0) store.tag(this.#id, ['archived']);
    if (number % 6 === 0) store.note(this.#id, `${word}: see experiment ${number % 100}`);
    if (number % 40 === 39) store.trashExperiments([this.#id]);
  }
}

/** Settings of which no two experiments have the same. */
function settingsOf(number: number): Pick<Prepared, 'config' | 'resolution'> {
  const data = DATA[number % DATA.length] ?? DATA[0];
  const names = ['lenet-digits', 'fashion', 'cifar-small', 'cifar100-wide'];
  const config = parseConfig({
    name: names[number % names.length],
    dataset: data.kind === 'digits' ? { kind: 'digits' } : { kind: data.kind, path: '/data' },
    model: { kind: 'lenet', hidden: [20 + (number % 7) * 10, 10] },
    recipe: { epochs: 2, batch: 100, optimizer: { weightDecay: (number + 1) * 1e-8 } },
    sparsity: { kind: 'geometric', fraction: 0.5, rounds: ROUNDS },
    arms: ARMS,
    seeds: SEEDS,
  });
  const resolution: StoredResolution = {
    dataset: {
      title: data.title,
      digest: String(number % DATA.length).repeat(64),
      shape: [...data.shape],
      classes: 10,
      test: 2000,
    },
    splits: Object.fromEntries(
      SEEDS.map((seed) => [seed, { digest: String(seed).repeat(64), training: 7200, validation: 800 }]),
    ),
    precision: 'float32',
    backend: 'tensorflow-cpu',
    threads: 1,
    workers: 2,
  };
  return { config, resolution };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '10000' },
      points: { type: 'string', default: '10000000' },
      out: { type: 'string' },
      replace: { type: 'boolean', default: false },
    },
  });
  if (values.out === undefined) throw new Error('--out DIR says where the library is to be made');
  const folder = resolve(values.out);
  if (values.replace) rmSync(folder, { recursive: true, force: true });
  const start = performance.now();
  const made = makeLibrary({
    runs: Number(values.runs),
    points: Number(values.points),
    folder,
    onProgress: (share) => process.stderr.write(`\r${Math.round(100 * share)} %`),
  });
  const seconds = Math.round((performance.now() - start) / 1000);
  process.stderr.write('\n');
  process.stdout.write(`${JSON.stringify({ folder, ...made, seconds })}\n`);
}
