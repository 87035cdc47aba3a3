import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Digest, ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { JobInput, JobResult, JobSpec, PlannedJob } from '../contract/job.ts';
import type { JobRole } from '../contract/states.ts';
import { openLibrary, type Library } from './library.ts';
import type { ObjectStore } from './objects.ts';
import type { NewExperiment, RunJob } from './rows.ts';
import { TransitionError } from './states.ts';
import type { Store } from './store.ts';
import { keyOf, putNumber, resultOf } from './testing.ts';

let folder: string;
let library: Library;
let store: Store;
let objects: ObjectStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retention-'));
  library = openLibrary(join(folder, 'library'), { create: true });
  ({ store, objects } = library);
});
afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

const a = 'a-1' as ExperimentId;
const b = 'b-1' as ExperimentId;

/** Names tell the kind: `p0r1` a particle, `eX` the evaluation of X, `m…` a mask, `g…` a group of
 * particles that share one, `avg…` an average, `ens…` an ensemble. */
function made(name: string): { kind: JobSpec['kind']; outputs: string[] } {
  if (name === 'ticket') return { kind: 'train-ticket', outputs: ['solution'] };
  if (name.startsWith('avg')) return { kind: 'average', outputs: ['solution'] };
  if (name.startsWith('ens')) return { kind: 'evaluate-ensemble', outputs: [] };
  if (name.startsWith('e')) return { kind: 'evaluate', outputs: ['predictions', 'statistics'] };
  if (name.startsWith('m')) return { kind: 'prune', outputs: ['mask'] };
  if (name.startsWith('g')) return { kind: 'train-group', outputs: ['solution-0', 'solution-1', 'mask'] };
  return { kind: 'train-particle', outputs: ['solution'] };
}

function planned(name: string, ...inputs: string[]): PlannedJob {
  const { kind } = made(name);
  return {
    key: keyOf(name),
    spec: { kind } as JobSpec,
    inputs: inputs.map((input): JobInput => {
      const [output = ''] = made(input).outputs;
      return { name: output, job: keyOf(input), output };
    }),
  };
}

interface Links {
  readonly jobs: PlannedJob[];
  readonly links: [name: string, round: number, role: JobRole][];
  readonly rounds: number;
}

/** Two rounds of SWAMP with so many particles, as the plan has them. */
function swamp(particles: number): Links {
  const jobs = [planned('ticket')];
  const links: Links['links'] = [['ticket', 0, 'ticket']];
  const put = (role: JobRole, round: number, name: string, ...inputs: string[]): void => {
    jobs.push(planned(name, ...inputs));
    links.push([name, round, role]);
  };
  for (const round of [0, 1]) {
    const of = `r${round}`;
    // With other particles the average is another, and so are all that build on its mask.
    const from = round === 0 ? of : `${of}of${particles}`;
    const names = Array.from({ length: particles }, (_, index) => `p${index}${from}`);
    for (const name of names) {
      put('particle', round, name, 'ticket', ...(round > 0 ? [`m0of${particles}`] : []));
      put('evaluate-particle', round, `e${name}`, name);
    }
    put('average', round, `avg${of}of${particles}`, ...names);
    put('evaluate', round, `eavg${of}of${particles}`, `avg${of}of${particles}`);
    put('ensemble', round, `ens${of}of${particles}`, ...names.map((name) => `e${name}`));
    if (round === 0) put('prune', round, `m0of${particles}`, `avg${of}of${particles}`);
  }
  return { jobs, links, rounds: 2 };
}

/** One particle a round, which is itself the network. */
function imp(): Links {
  return {
    jobs: [
      planned('ticket'),
      planned('i0', 'ticket'),
      planned('ei0', 'i0'),
      planned('m', 'i0'),
      planned('i1', 'ticket', 'm'),
      planned('ei1', 'i1'),
    ],
    links: [
      ['ticket', 0, 'ticket'],
      ['i0', 0, 'particle'],
      ['ei0', 0, 'evaluate'],
      ['m', 0, 'prune'],
      ['i1', 1, 'particle'],
      ['ei1', 1, 'evaluate'],
    ],
    rounds: 2,
  };
}

function experimentOf(id: ExperimentId, runs: Record<string, Links>): NewExperiment {
  const runId = (slug: string): RunId => `${id}/${slug}/1` as RunId;
  return {
    id,
    name: 'test',
    config: null,
    resolved: null,
    jobs: [
      ...new Map(
        Object.values(runs)
          .flatMap(({ jobs }) => jobs)
          .map((job) => [job.key, job]),
      ).values(),
    ],
    runs: Object.entries(runs).map(([slug, { rounds }]) => ({
      ...{ id: runId(slug), arm: slug, slug, kind: slug, spec: null, seed: 1, rounds },
    })),
    runJobs: Object.entries(runs).flatMap(([slug, { links }]) =>
      links.map(([name, round, role], index): RunJob => ({
        ...{ run: runId(slug), job: keyOf(name), round, role, index },
      })),
    ),
  };
}

/** A different object for each output of each job. */
function resultFor(name: string): JobResult {
  // Small enough for a float32 to hold halves of.
  const number = parseInt(keyOf(name).slice(0, 5), 16);
  const outputs: Record<string, Digest> = {};
  for (const [index, output] of made(name).outputs.entries())
    outputs[output] = putNumber(objects, number + index / 2);
  return { ...resultOf('' as Digest), outputs };
}

/** Does what an orchestrator would: every job that the plan needs, in order. @returns how many, by name. */
function work({ jobs }: NewExperiment, names: readonly string[]): string[] {
  const byKey = new Map<JobKey, string>(names.map((name) => [keyOf(name), name]));
  const settled = store.settledKeys(jobs);
  const done: string[] = [];
  for (const { key, inputs } of jobs) {
    if (settled.has(key)) continue;
    const name = byKey.get(key) ?? '';
    for (const { job, output } of inputs)
      expect(objects.has(store.result(job)?.outputs[output] ?? ('' as Digest)), `${output} for ${name}`).toBe(
        true,
      );
    store.startJob(key, 'worker');
    expect(store.finishJob(key, resultFor(name)).differences).toEqual([]);
    done.push(name);
  }
  return done;
}

const namesOf = (...runs: Links[]): string[] => runs.flatMap(({ links }) => links.map(([name]) => name));

/** Which outputs are on disk, as `job` or, where it has several, `job.output`. */
function kept(names: readonly string[]): string[] {
  return [...new Set(names)].flatMap((name) => {
    const outputs = Object.entries(store.result(keyOf(name))?.outputs ?? {});
    return outputs
      .filter(([, digest]) => objects.has(digest))
      .map(([output]) => (outputs.length > 1 ? `${name}.${output}` : name));
  });
}

function gone(names: readonly string[]): string[] {
  const here = new Set(kept(names));
  return [...new Set(names)].filter(
    (name) => made(name).outputs.length > 0 && ![...here].some((one) => one.split('.')[0] === name),
  );
}

describe('what is released', () => {
  const names = namesOf(imp(), swamp(2));
  const plan = experimentOf(a, { imp: imp(), swamp: swamp(2) });
  beforeEach(() => {
    store.createExperiment(plan);
    work(plan, names);
    expect(store.experiment(a).state).toBe('done');
  });

  test('nothing, unless it is set', () => {
    expect(store.applyRetention()).toEqual({ files: 0, bytes: 0 });
    expect(store.collect().bytes).toBe(0);
  });

  test('particles that were averaged; never what an arm stands for, masks, tickets, statistics', () => {
    store.putSetting('retention.particles', 'none');
    expect(store.applyRetention().files).toBe(4);
    expect(gone(names)).toEqual(['p0r0', 'p1r0', 'p0r1of2', 'p1r1of2']);
    expect(store.applyRetention().files).toBe(0);
    expect(store.usage()).toMatchObject({ experiments: [{ bytes: store.usage().total }] });
  });

  test('of particles that share a mask, the solutions that were averaged; never the mask', () => {
    const group = (of: string, averaged: boolean): Links => ({
      jobs: [
        planned('ticket'),
        planned(of, 'ticket'),
        ...(averaged ? [planned(`avg${of}`, of), planned(`eavg${of}`, `avg${of}`)] : [planned(`e${of}`, of)]),
      ],
      links: [
        ['ticket', 0, 'ticket'],
        [of, 0, 'particle'],
        [of, 0, 'mask'],
        ...(averaged ? ([[`avg${of}`, 0, 'average']] satisfies Links['links']) : []),
        [`e${averaged ? 'avg' : ''}${of}`, 0, 'evaluate'],
      ],
      rounds: 1,
    });
    const runs = { several: group('g1', true), one: group('g2', false) };
    const groups = experimentOf(b, runs);
    store.createExperiment(groups);
    work(groups, namesOf(...Object.values(runs)));
    store.putSetting('retention.particles', 'none');
    store.applyRetention();
    expect(kept(['g1', 'g2'])).toEqual(['g1.mask', 'g2.mask', 'g2.solution-0', 'g2.solution-1']);
  });

  test('those of earlier rounds only', () => {
    store.putSetting('retention.particles', 'last');
    store.applyRetention();
    expect(gone(names)).toEqual(['p0r0', 'p1r0']);
  });

  test('predictions, while batch-norm statistics stay', () => {
    store.putSetting('retention.predictions', 'none');
    store.applyRetention();
    expect(gone(names)).toEqual([]);
    expect(kept(names).filter((name) => name.includes('.'))).toEqual(
      [...new Set(names)]
        .filter((name) => made(name).kind === 'evaluate')
        .map((name) => `${name}.statistics`),
    );
  });

  test('not while a run that has them is unfinished, or jobs are running', () => {
    const other = experimentOf(b, { swamp: swamp(3) });
    store.createExperiment(other);
    store.putSetting('retention.particles', 'none');
    store.applyRetention();
    expect(gone(names)).toEqual(['p0r1of2', 'p1r1of2']);
    store.startJob(keyOf('p2r0'), 'worker');
    expect(store.applyRetention().files).toBe(0);
  });

  test('not a particle that is itself the network of another run', () => {
    const alone: Links = {
      jobs: [planned('ticket'), planned('p0r0', 'ticket'), planned('ep0r0', 'p0r0')],
      links: [
        ['p0r0', 0, 'particle'],
        ['ep0r0', 0, 'evaluate'],
      ],
      rounds: 1,
    };
    store.createExperiment(experimentOf(b, { swamp1: alone }));
    store.putSetting('retention.particles', 'none');
    store.applyRetention();
    expect(gone(names)).toEqual(['p1r0', 'p0r1of2', 'p1r1of2']);
  });
});

describe('an experiment with released particles', () => {
  const plan = experimentOf(a, { swamp: swamp(2) });
  const names = namesOf(swamp(2));
  const wider = experimentOf(b, { swamp: swamp(3) });
  const widerNames = namesOf(swamp(3));
  const p0 = keyOf('p0r0');
  beforeEach(() => {
    store.createExperiment(plan);
    work(plan, names);
    store.putSetting('retention.particles', 'none');
    store.putSetting('retention.predictions', 'none');
    store.applyRetention();
  });

  test('is done with all its figures, and resuming trains nothing', () => {
    expect(store.experiment(a).state).toBe('done');
    expect(store.result(p0)).toEqual(resultFor('p0r0'));
    store.applyRetention();
    expect(store.resumeExperiment(a)).toEqual([]);
    expect(work(plan, names)).toEqual([]);
    expect(() => store.startJob(keyOf('ticket'), 'worker')).toThrow(TransitionError);
  });

  test('a new one trains again what it takes, and nothing else; the old one stays done meanwhile', () => {
    store.createExperiment(wider);
    const before = store.result(p0);
    expect(store.settledKeys(wider.jobs)).toEqual(new Set([keyOf('ticket')]));
    store.startJob(p0, 'worker');
    expect(store.jobs([p0])).toMatchObject([{ state: 'done', again: 'running' }]);
    expect(() => store.startJob(p0, 'worker')).toThrow(TransitionError);
    expect([store.experiment(a).state, store.experiment(b).state]).toEqual(['done', 'running']);
    expect(store.run(`${b}/swamp/1` as RunId).state).toBe('running');
    expect(store.result(p0)).toEqual(before);
    store.releaseJob(p0);
    expect(store.experiment(b).state).toBe('waiting');
    expect(store.attempts(p0).map(({ outcome }) => outcome)).toEqual(['done', 'stopped']);
    const done = work(wider, widerNames);
    // The two particles again, for the average; their evaluations again, for the ensemble.
    expect(done.filter((name) => names.includes(name))).toEqual(['p0r0', 'ep0r0', 'p1r0', 'ep1r0']);
    expect(done).toHaveLength(wider.jobs.length - 1);
    expect(store.jobs([p0])).toMatchObject([{ state: 'done', again: null, attempts: 3 }]);
    expect([store.experiment(a).state, store.experiment(b).state]).toEqual(['done', 'done']);
    store.applyRetention();
    expect(work(plan, names)).toEqual([]);
    expect(work(wider, widerNames)).toEqual([]);
  });

  test('a failure of such a job shows where it is waited for, and is tried again', () => {
    store.createExperiment(wider);
    store.startJob(p0, 'worker');
    store.failJob(p0, { name: 'Error', message: 'it broke', hint: '', stack: '' });
    expect([store.experiment(a).state, store.experiment(b).state]).toEqual(['done', 'failed']);
    expect(store.jobs([p0])).toMatchObject([
      { state: 'done', again: 'failed', failure: { message: 'it broke' } },
    ]);
    expect(store.resumeExperiment(b)).toEqual([]);
    expect(store.experiment(b).state).toBe('waiting');
    expect(store.jobs([p0])).toMatchObject([{ again: null, failure: null }]);
    work(wider, widerNames);
    expect(store.experiment(b).state).toBe('done');
  });

  test('a host that dies over such a job leaves it done', () => {
    store.createExperiment(wider);
    store.startJob(p0, 'worker');
    expect(store.recover()).toEqual({ jobs: [p0], experiments: [b] });
    expect(store.jobs([p0])).toMatchObject([{ state: 'done', again: null }]);
    expect(store.attempts(p0).at(-1)?.outcome).toBe('interrupted');
  });

  test('other bits, from another machine, replace the old and are told', () => {
    store.createExperiment(wider);
    const old = store.result(p0)?.outputs['solution'];
    store.startJob(p0, 'worker');
    const other = putNumber(objects, 0.25);
    expect(store.finishJob(p0, { ...resultFor('p0r0'), outputs: { solution: other } })).toEqual({
      stored: true,
      differences: [{ output: 'solution', kept: old, offered: other }],
    });
    expect(store.result(p0)).toEqual({ ...resultFor('p0r0'), outputs: { solution: other } });
  });

  test('what is lost beside what was released is still made again', () => {
    objects.remove(store.result(keyOf('avgr0of2'))?.outputs['solution'] ?? ('' as Digest));
    expect(store.resumeExperiment(a)).toEqual([keyOf('avgr0of2')]);
    expect(work(plan, names)).toEqual(['p0r0', 'p1r0', 'avgr0of2']);
  });
});
