import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Digest, JobKey } from './contract/ids.ts';
import type { JobOrder, JobResult, JobSpec, Task } from './contract/job.ts';
import { Recipe, Swa } from './contract/recipe.ts';
import { loadDataset } from './datasets/registry.ts';
import { splitTraining } from './datasets/split.ts';
import type { JobOutcome } from './executors/executor.ts';
import { LocalExecutor } from './executors/local.ts';
import { modelLayout } from './models/registry.ts';
import { ObjectStore } from './store/objects.ts';

// Worker processes on real data: the digits, LeNet-300-100, a few iterations.

const source = { kind: 'digits' };
const model = { kind: 'lenet' };
const folders: string[] = [];
const executors: LocalExecutor[] = [];
let task: Task;

beforeAll(async () => {
  const dataset = await loadDataset(source);
  const { digest } = splitTraining(dataset.train.labels, 0.1, 1);
  task = {
    dataset: source,
    datasetDigest: dataset.digest,
    split: { validation: 0.1, seed: 1, digest },
    model,
    pruneClassifier: true,
    precision: 'float32',
    backend: 'tensorflow-cpu',
    threads: 1,
  };
});

afterEach(async () => {
  await Promise.all(executors.splice(0).map((executor) => executor.close()));
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Library {
  readonly executor: LocalExecutor;
  readonly objects: ObjectStore;
}

function library(folder = mkdtempSync(join(tmpdir(), 'swamp-worker-'))): Library & { folder: string } {
  folders.push(folder);
  const entry = fileURLToPath(new URL('worker.ts', import.meta.url));
  const engine = inject('engine');
  const executor = new LocalExecutor({
    entry,
    engine,
    library: folder,
    workers: 1,
    threads: 1,
    app: '0.0.0',
  });
  executors.push(executor);
  return { executor, objects: new ObjectStore(folder), folder };
}

const recipe = Recipe.parse({
  optimizer: { momentum: 0.9, weightDecay: 5e-4 },
  learningRate: 0.05,
  batch: 128,
  epochs: 1,
});

const key = (digit: number): JobKey => digit.toString(16).repeat(64) as JobKey;

const order = (digit: number, spec: JobSpec, inputs: Record<string, Digest[]> = {}): JobOrder => ({
  key: key(digit),
  spec,
  inputs,
  source,
});

const ticket = (iterations = 20): JobSpec => ({
  kind: 'train-ticket',
  task,
  seed: 1,
  member: 0,
  initialisation: { kind: 'he-normal', fan: 'in' },
  iterations,
  recipe: { ...recipe, schedule: { kind: 'constant' } },
});

const particle = (): JobSpec => ({
  kind: 'train-particle',
  task,
  ...{ seed: 1, member: 0, round: 1, particle: 0 },
  recipe,
  swa: Swa.parse({ every: 10, learningRate: 0.02 }),
});

function resultOf(outcome: JobOutcome): JobResult {
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

async function run({ executor }: Library, job: JobOrder): Promise<JobResult> {
  return resultOf(await executor.run(job, () => undefined));
}

/** A ticket, the mask after it, and a particle under the mask. */
async function chain(given: Library): Promise<Record<string, Digest>> {
  const { solution } = (await run(given, order(1, ticket()))).outputs;
  if (!solution) throw new Error('no ticket');
  const layout = modelLayout(model, [28, 28, 1], 10, true);
  const prune: JobSpec = {
    kind: 'prune',
    ...{ model, shape: [28, 28, 1], classes: 10, pruneClassifier: true },
    criterion: { kind: 'magnitude' },
    alive: Math.round(layout.prunable / 2),
  };
  const { mask } = (await run(given, order(2, prune, { solution: [solution] }))).outputs;
  if (!mask) throw new Error('no mask');
  const trained = await run(given, order(3, particle(), { ticket: [solution], mask: [mask] }));
  return { ticket: solution, mask, particle: trained.outputs['solution'] as Digest };
}

describe('a worker', () => {
  test('gives the same object as another process does, and as itself a second time', async () => {
    const first = library();
    const second = library();
    const made = await chain(first);
    expect(await chain(second)).toEqual(made);
    expect(await chain(first)).toEqual(made);
    expect(Object.values(made).every((digest) => first.objects.verify(digest) === 'sound')).toBe(true);
    const { tensors } = first.objects.read(made['particle'] as Digest);
    expect(tensors.get('dense1/kernel')?.shape).toEqual([784, 300]);
  });

  test('stopped, writes a checkpoint that another worker goes on from, to the same bits', async () => {
    const undisturbed = library();
    const expected = await run(undisturbed, order(4, ticket(1200)));
    const first = library();
    const running = first.executor.run(order(4, ticket(1200)), () => first.executor.stop());
    expect(await running).toEqual({ kind: 'stopped' });
    expect(existsSync(first.objects.partialPath(key(4)))).toBe(true);
    const resumed = await run(library(first.folder), order(4, ticket(1200)));
    expect(resumed.outputs).toEqual(expected.outputs);
    expect(resumed.series).toEqual(expected.series);
    expect(resumed.steps).toBeLessThan(1200);
    // Removed behind the answer, so that a crash between the two leaves both.
    await expect.poll(() => existsSync(first.objects.partialPath(key(4)))).toBe(false);
  });

  test('reports a job that fails and works on', async () => {
    const given = library();
    const hot = { ...ticket(), recipe: { ...recipe, learningRate: 1e30 } } as JobSpec;
    const failed = await given.executor.run(order(5, hot), () => undefined);
    expect(failed).toMatchObject({
      kind: 'failed',
      failure: { name: 'SwampError', hint: 'Lower recipe.learningRate, or add recipe.warmup.' },
    });
    const stale = { ...ticket(), task: { ...task, datasetDigest: '0'.repeat(64) } } as JobSpec;
    const changed = await given.executor.run(order(6, stale), () => undefined);
    expect(changed).toMatchObject({ kind: 'failed', failure: { name: 'DataError' } });
    expect((await run(given, order(1, ticket(3)))).steps).toBe(3);
  });
});
