import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LibraryError } from '../contract/errors.ts';
import type { ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import {
  ALIVE,
  type JobFailure,
  type JobOrder,
  type JobResult,
  type JobSpec,
  type PlannedJob,
} from '../contract/job.ts';
import type { RunEvent } from '../contract/progress.ts';
import type { Executor, JobOutcome } from '../executors/executor.ts';
import { openLibrary, type Library } from '../store/library.ts';
import { cancelExperiment, planOf as planOfRun } from './care.ts';
import { runId } from './comparison.ts';
import { MeasuredTimings } from './eta.ts';
import { Orchestrator } from './orchestrator.ts';
import { planOf } from './plan.fixture.ts';
import type { Plan } from './plan.ts';
import { estimatePlans, type Prepared } from './studio.ts';

const experiment = 'test-12ab' as ExperimentId;
const metrics = { accuracy: 0.9, nll: 0.3, ece: 0.01 };

/** Does jobs without training: what it makes depends on the job's key alone, and inputs are read as workers read them. */
class FakeExecutor implements Executor {
  readonly size = 2;
  readonly ran: JobKey[] = [];
  /** Kinds of jobs that ran at once, whenever one began. */
  readonly together: string[][] = [];
  readonly #running = new Map<JobKey, string>();
  readonly #library: Library;
  /** What becomes of a job instead of its result. */
  instead: (order: JobOrder, attempt: number) => JobOutcome | null = () => null;

  constructor(library: Library) {
    this.#library = library;
  }

  async run(order: JobOrder): Promise<JobOutcome> {
    this.#running.set(order.key, order.spec.kind);
    this.together.push([...this.#running.values()]);
    // Longer than what the orchestrator does between two jobs.
    await new Promise((resolve) => setImmediate(resolve));
    this.#running.delete(order.key);
    this.ran.push(order.key);
    const instead = this.instead(order, this.ran.filter((key) => key === order.key).length);
    if (instead) return instead;
    try {
      for (const digest of Object.values(order.inputs).flat()) this.#library.objects.read(digest);
    } catch (error) {
      const { name, message, hint } = error as LibraryError;
      return { kind: 'failed', failure: { name, message, hint, stack: '' } };
    }
    return { kind: 'done', result: this.#result(order) };
  }

  #result({ key, spec }: JobOrder): JobResult {
    const outputs = {
      import: ['solution'],
      'train-ticket': ['solution'],
      'train-particle': ['solution'],
      'train-group': ['solution-0', 'mask'],
      average: ['solution'],
      prune: ['mask'],
      score: ['mask'],
      evaluate: ['predictions', 'statistics'],
      'evaluate-ensemble': [],
      soup: ['solution'],
      pool: ['solution', 'mask'],
      measure: [],
      connectivity: [],
      surface: [],
      'hessian-trace': [],
      'hessian-eigenvalues': [],
      overlap: [],
      size: [],
      latency: [],
      robustness: [],
      calibration: [],
    }[spec.kind];
    const put = (name: string) =>
      this.#library.objects.put(
        new Map([['x', { dtype: 'U8', shape: [64], data: new TextEncoder().encode(key) }]]),
        { name },
      ).digest;
    return {
      outputs: Object.fromEntries(outputs.map((name) => [name, put(name)])),
      evaluation: spec.kind.startsWith('evaluate') ? { test: metrics, validation: null } : null,
      series: ['prune', 'import', 'train-group', 'pool'].includes(spec.kind) ? { [ALIVE]: [0, 5] } : {},
      seconds: 0.01,
      sessionSeconds: 0,
      steps: 0,
      provenance: { tensorflow: '', device: '', host: '', app: '' },
    };
  }

  probe = () => Promise.reject(new Error('not here'));
  check = () => Promise.reject(new Error('not here'));
  use = () => Promise.reject(new Error('not here'));
  stop = () => undefined;
  close = () => Promise.resolve();
}

interface World {
  readonly library: Library;
  readonly plan: Plan;
  readonly executor: FakeExecutor;
  readonly events: RunEvent[];
  readonly run: (part?: Plan) => Promise<string>;
}

/** @param more jobs besides those of the arms, first in the plan and of its first run */
function world(more: readonly PlannedJob[] = []): World {
  const folder = mkdtempSync(join(tmpdir(), 'swamp-orchestrator-'));
  const library = openLibrary(folder, { create: true });
  onTestFinished(() => {
    library.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const arms = planOf({ arms: ['imp', { kind: 'swamp', particles: 2 }] });
  const links = more.map(({ key }, index) => ({ job: key, round: 0, role: 'analyse' as const, index }));
  const runs = arms.runs.map((run, at) => (at === 0 ? { ...run, links: [...run.links, ...links] } : run));
  const plan = { ...arms, jobs: [...more, ...arms.jobs], runs };
  library.store.createExperiment({
    id: experiment,
    name: 'test',
    config: {},
    resolved: {},
    runs: plan.runs.map(({ arm, slug, kind, spec, seed, rounds, ...run }) => ({
      ...{ arm, slug, kind, spec, seed, rounds },
      id: runId(experiment, { arm, slug, kind, spec, seed, rounds, ...run }),
    })),
    jobs: plan.jobs,
    runJobs: plan.runs.flatMap((run) => run.links.map((link) => ({ run: runId(experiment, run), ...link }))),
  });
  const executor = new FakeExecutor(library);
  const events: RunEvent[] = [];
  const run = async (part: Plan = plan): Promise<string> => {
    const { store, objects } = library;
    store.resumeExperiment(experiment);
    return await new Orchestrator({
      ...{ store, objects, executor, experiment, plan: part },
      source: { kind: 'digits' },
      files: {},
      timings: new MeasuredTimings(),
      device: 'CPU',
      emit: (event) => events.push(event),
    }).run();
  };
  return { library, plan, executor, events, run };
}

/** Where an output of a job lies. */
function fileOf({ library }: World, key: JobKey, output: string): string {
  const digest = library.store.result(key)?.outputs[output];
  if (!digest) throw new Error(`no ${output}`);
  return library.objects.path(digest);
}

/** A job of swamp(2) in round 0 that others build on. */
function jobOf({ plan }: World, role: string, round = 0): JobKey {
  const run = plan.runs.find(({ slug }) => slug === 'swamp-2');
  const link = run?.links.find((each) => each.role === role && each.round === round);
  if (!link) throw new Error(`no ${role}`);
  return link.job;
}

const repaired = (events: readonly RunEvent[]): JobKey[] =>
  events.flatMap((event) => (event.type === 'repaired' ? [event.key] : []));

describe('a stored result that cannot be used', () => {
  /** The experiment, with everything after round 0 still to do. */
  async function halfDone(): Promise<World> {
    const here = world();
    const next = jobOf(here, 'particle', 1);
    here.executor.instead = ({ key }) => (key === next ? failed('Boom') : null);
    expect(await here.run()).toBe('failed');
    here.executor.instead = () => null;
    here.executor.ran.length = 0;
    here.events.length = 0;
    return here;
  }

  test('a flipped bit: the job is computed again, then what needs it, and nothing else', async () => {
    const here = await halfDone();
    const mask = jobOf(here, 'prune');
    const path = fileOf(here, mask, 'mask');
    const before = readFileSync(path);
    const bytes = Buffer.from(before);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(await here.run()).toBe('done');
    expect(repaired(here.events)).toEqual([mask]);
    expect(here.executor.ran.filter((key) => key === mask)).toHaveLength(1);
    expect(readFileSync(path)).toEqual(before);
    expect(here.executor.ran).not.toContain(jobOf(here, 'particle'));
  });

  test('a chain of missing files is computed from where it begins', async () => {
    const here = await halfDone();
    const [average, mask] = [jobOf(here, 'average'), jobOf(here, 'prune')];
    for (const [key, output] of [
      [average, 'solution'],
      [mask, 'mask'],
    ] as const)
      rmSync(fileOf(here, key, output));
    expect(await here.run()).toBe('done');
    const at = (key: JobKey): number => here.executor.ran.indexOf(key);
    expect(at(average)).toBeGreaterThanOrEqual(0);
    expect(at(mask)).toBeGreaterThan(at(average));
    expect(here.library.store.experiment(experiment).state).toBe('done');
  });

  test('a file that vanishes while the experiment runs', async () => {
    const here = world();
    const mask = jobOf(here, 'prune');
    here.executor.instead = ({ spec, key }, attempt) => {
      const first = key === jobOf(here, 'particle', 1) && spec.kind === 'train-particle' && attempt === 1;
      if (first) rmSync(fileOf(here, mask, 'mask'));
      return null;
    };
    expect(await here.run()).toBe('done');
    expect(repaired(here.events)).toEqual([mask]);
  });

  test('one that is damaged every time fails its job; other arms go on', async () => {
    const here = world();
    const mask = jobOf(here, 'prune');
    here.executor.instead = ({ inputs }) => {
      const digest = here.library.store.result(mask)?.outputs['mask'];
      if (digest && inputs['mask']?.includes(digest)) writeFileSync(here.library.objects.path(digest), 'no');
      return null;
    };
    expect(await here.run()).toBe('failed');
    const states = here.library.store.runs({ experiment }).map(({ arm, state }) => [arm, state]);
    expect(states).toEqual([
      ['imp', 'done'],
      ['swamp(2)', 'failed'],
    ]);
    expect(here.executor.ran.filter((key) => key === mask).length).toBeLessThan(10);
  });
});

const failed = (name: string): JobOutcome => {
  const failure: JobFailure = { name, message: 'it broke', hint: '', stack: 'at line 1' };
  return { kind: 'failed', failure };
};

test('a library that cannot be written ends everything, and nothing counts as failed', async () => {
  const here = world();
  here.executor.instead = (_, attempt) => (attempt === 1 ? failed(LibraryError.name) : null);
  await expect(here.run()).rejects.toThrow(LibraryError);
  expect(here.library.store.experiment(experiment).counts).toMatchObject({ failed: 0, running: 0 });
  here.executor.instead = () => null;
  expect(await here.run()).toBe('done');
});

test('a worker that dies is told of each time, and given up after the third', async () => {
  const here = world();
  const doomed = jobOf(here, 'particle', 1);
  here.executor.instead = ({ key }) => (key === doomed ? { kind: 'lost', reason: 'it died' } : null);
  expect(await here.run()).toBe('failed');
  const lost = here.events.flatMap((event) => (event.type === 'lost' ? [event] : []));
  expect(lost.map(({ key, again }) => [key, again])).toEqual([
    [doomed, true],
    [doomed, true],
    [doomed, false],
  ]);
});

test('the part of a plan that one run needs is enough for it and leaves the rest', async () => {
  const here = world();
  const imp = `${experiment}/imp/1` as RunId;
  const part = planOfRun(here.plan, experiment, imp);
  expect(await here.run(part)).toBe('done');
  const { store } = here.library;
  expect(store.run(imp).state).toBe('done');
  expect(store.experiment(experiment).counts.waiting).toBe(here.plan.jobs.length - part.jobs.length);
  expect(part.jobs.length).toBeLessThan(here.plan.jobs.length);
});

test('results that retention released are no work to do', async () => {
  const here = world();
  await here.run();
  here.library.store.putSetting('retention.particles', 'none');
  here.library.store.putSetting('retention.predictions', 'none');
  expect(here.library.store.applyRetention().files).toBeGreaterThan(0);
  const prepared = { plan: here.plan, resolution: { workers: 1 } } as Prepared;
  const { diskBytes, trainings, trainingsStored } = estimatePlans(here.library, [
    { prepared, timings: null },
  ]);
  expect(diskBytes).toBe(0);
  expect(trainingsStored).toBe(trainings);
  here.executor.ran.length = 0;
  expect(await here.run()).toBe('done');
  expect(here.executor.ran).toEqual([]);
});

test('rounds that were stored before are told as such', async () => {
  const here = world();
  const told = (): (boolean | undefined)[] =>
    here.events.flatMap((event) => (event.type === 'round' ? [event.stored] : []));
  await here.run();
  const fresh = told();
  expect(fresh.length).toBeGreaterThan(0);
  expect(new Set(fresh)).toEqual(new Set([undefined]));
  here.events.length = 0;
  await here.run();
  expect(told()).toEqual(fresh.map(() => true));
});

test('released outputs that come out with other bits are told', async () => {
  const here = world();
  await here.run();
  const { store, objects } = here.library;
  store.putSetting('retention.particles', 'none');
  store.applyRetention();
  const particle = jobOf(here, 'particle');
  // Lost from outside, the average takes the released particles again.
  rmSync(fileOf(here, jobOf(here, 'average'), 'solution'));
  const solution = objects.put(new Map([['x', { dtype: 'U8', shape: [1], data: Uint8Array.of(7) }]])).digest;
  const again = store.result(particle);
  here.executor.instead = ({ key }) =>
    again && key === particle ? { kind: 'done', result: { ...again, outputs: { solution } } } : null;
  here.events.length = 0;
  expect(await here.run()).toBe('done');
  const warnings = here.events.flatMap((event) => (event.type === 'warning' ? [event] : []));
  expect(warnings).toMatchObject([{ where: { arm: 'swamp(2)', round: 0, index: 0, particles: 2 } }]);
  expect(warnings[0]?.message).toMatch(/other bits than the first time for: solution/);
});

test('a layer that a mask leaves nothing of is told, and whose mask it is', async () => {
  const { jobs } = planOf({ arms: ['dpf', 'lottery-pools'] });
  const made = (kind: string): JobSpec[] => jobs.flatMap(({ spec }) => (spec.kind === kind ? [spec] : []));
  const specs = [{ kind: 'import' } as unknown as JobSpec, ...made('train-group'), ...made('pool')];
  const masks = specs.map((spec, at): PlannedJob => ({
    key: `${at}`.repeat(64) as JobKey,
    spec,
    inputs: [],
  }));
  const { events, run } = world(masks);
  expect(await run()).toBe('done');
  const told = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  expect([...new Set(told)].toSorted()).toEqual([
    'the given mask leaves nothing of dense1/kernel',
    'the mask of this round leaves nothing of dense1/kernel',
    'the next mask leaves nothing of dense1/kernel',
  ]);
  expect(told.filter((message) => message.startsWith('the mask of this round'))).toHaveLength(6);
});

test('latency is measured with nothing beside it, after all else that can be done', async () => {
  const latency = (measurement: number): PlannedJob => ({
    key: `${measurement}`.repeat(64) as JobKey,
    spec: { kind: 'latency', batches: [1], warmUp: 1, repetitions: 1, measurement } as unknown as JobSpec,
    inputs: [],
  });
  const { executor, run } = world([latency(1), latency(2)]);
  expect(await run()).toBe('done');
  const beside = executor.together.filter((kinds) => kinds.includes('latency'));
  expect(beside).toEqual([['latency'], ['latency']]);
  expect(executor.together.slice(-2)).toEqual(beside);
  // What else there is does run side by side.
  expect(executor.together.some((kinds) => kinds.length === 2)).toBe(true);
});

test('cancelling drops the checkpoints of what it gives up and keeps results', async () => {
  const here = world();
  const { store, objects } = here.library;
  const given = jobOf(here, 'particle', 1);
  here.executor.instead = ({ key }) => {
    if (key !== given) return null;
    objects.writePartial(key, new Map());
    return failed('Boom');
  };
  await here.run();
  const done = store.experiment(experiment).counts.done;
  store.requeue([given]);
  expect(cancelExperiment(here.library, experiment)).toBeGreaterThan(0);
  expect(store.experiment(experiment)).toMatchObject({ state: 'cancelled', counts: { waiting: 0, done } });
  expect(objects.readPartial(given)).toBeNull();
  here.executor.instead = () => null;
  expect(await here.run()).toBe('done');
});
