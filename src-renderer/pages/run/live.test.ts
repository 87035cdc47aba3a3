import { describe, expect, test } from 'vitest';
import type { ShownExperiment, ShownJob, ShownRun } from '../../../src-main/contract/api/details.ts';
import type { JobKey, RunId } from '../../../src-main/contract/ids.ts';
import type { RunEvent } from '../../../src-main/contract/progress.ts';
import { memoryOf, quiet, take, throughput, type Live } from './live.ts';
import { cellOf, focusOf, judgementsOf, stripsBy } from './rounds.ts';

const key = (text: string): JobKey => text as JobKey;
const where = { arm: 'swamp(2)', seed: 1, round: 0, rounds: 2, index: 0 };
const planned: RunEvent = {
  type: 'planned',
  experiment: 'e' as never,
  jobs: 4,
  stored: 0,
  trainings: 2,
  trainingsStored: 0,
  device: 'CPU',
};
const started = (job: string): RunEvent => ({
  type: 'started',
  key: key(job),
  kind: 'train-particle',
  where,
});
const progress = (job: string, iteration: number, stepMs = 10): RunEvent => ({
  type: 'progress',
  where,
  progress: { key: key(job), iteration, iterations: 100, loss: 1 / iteration, accuracy: 0.5, stepMs },
});

function told(...events: RunEvent[]): Live {
  const live = quiet();
  for (const event of events) take(live, event);
  return live;
}

function job(name: string, more: Partial<ShownJob> = {}): ShownJob {
  return {
    key: key(name),
    kind: 'train-particle',
    role: 'particle',
    index: 0,
    state: 'waiting',
    attempts: 0,
    seconds: null,
    iterations: 100,
    iterationsPerEpoch: 10,
    particles: 1,
    failure: null,
    test: null,
    validation: null,
    ...more,
  };
}

describe('what is told', () => {
  test('jobs come, go on and end', () => {
    const live = told(
      planned,
      started('a'),
      progress('a', 10),
      progress('a', 20),
      started('b'),
      progress('b', 5, 30),
    );
    expect(live.phase).toBe('running');
    expect(live.jobs.get(key('a'))).toMatchObject({ iteration: 20, iterations: 100, stepMs: 10 });
    expect(live.jobs.get(key('a'))?.points).toHaveLength(2);
    expect(throughput(live)).toEqual({ stepMs: 20, stepsPerSecond: 100 + 1000 / 30 });
    const stale = live.stale;
    take(live, { type: 'finished', key: key('a'), kind: 'train-particle', where, seconds: 1 });
    expect(live.jobs.has(key('a'))).toBe(false);
    expect(live.settled.get(key('a'))).toBe('done');
    expect(live.stale).toBe(stale + 1);
  });

  test('a job that begins again after its worker died draws no line backwards', () => {
    const live = told(planned, started('a'), progress('a', 50), progress('a', 60));
    take(live, { type: 'lost', key: key('a'), where, reason: 'signal SIGKILL', again: true });
    expect(live.warnings).toHaveLength(1);
    expect(live.settled.get(key('a'))).toBe('waiting');
    take(live, started('a'));
    take(live, progress('a', 30));
    const at = live.jobs.get(key('a'))?.points.map(({ iteration }) => iteration);
    expect(at).toEqual([30]);
  });

  test('long curves are thinned, their beginning and end stay', () => {
    const live = told(planned, started('a'));
    for (let iteration = 1; iteration <= 5000; iteration++) take(live, progress('a', iteration));
    const points = live.jobs.get(key('a'))?.points ?? [];
    expect(points.length).toBeLessThanOrEqual(400);
    expect(points[0]?.iteration).toBe(1);
    expect(points[points.length - 1]?.iteration).toBe(5000);
    const gaps = points.slice(1).map((point, index) => point.iteration - (points[index]?.iteration ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(40);
  });

  test('a training that was under way before begins where it began, and goes on', () => {
    const points = [5, 10].map((iteration) => ({ iteration, loss: 1, accuracy: null }));
    const live = told(planned, started('a'), { type: 'curve', key: key('a'), where, points });
    take(live, progress('a', 15));
    const curve = live.jobs.get(key('a'))?.points ?? [];
    expect(curve.map(({ iteration }) => iteration)).toEqual([5, 10, 15]);
  });

  test('memory is that of the workers that have told of it', () => {
    const live = told(planned, started('a'), started('b'), started('c'));
    expect(memoryOf(live)).toBeNull();
    for (const [job, memoryBytes] of [
      ['a', 300e6],
      ['b', 200e6],
    ] as const)
      take(live, {
        type: 'progress',
        where,
        progress: { key: key(job), iteration: 1, iterations: 10, memoryBytes },
      });
    expect(memoryOf(live)).toEqual({ workers: 2, bytes: 500e6 });
  });

  test('after the end nothing is under way, and a new plan forgets the old end', () => {
    const live = told(planned, started('a'), { type: 'stopping' }, { type: 'ended', state: 'paused' });
    expect(live).toMatchObject({ phase: 'ended', end: 'paused', eta: null });
    expect(live.jobs.size).toBe(0);
    take(live, { type: 'queued', ahead: 2 });
    expect(live).toMatchObject({ phase: 'queued', ahead: 2, end: null });
    take(live, planned);
    expect(live).toMatchObject({ phase: 'running', ahead: 0, device: 'CPU' });
  });

  test('progress of a job whose start was not heard counts', () => {
    expect(told(planned, progress('x', 3)).jobs.get(key('x'))).toMatchObject({ iteration: 3, where });
  });
});

describe('the strip', () => {
  const round = {
    round: 0,
    sparsity: 0,
    state: 'waiting' as const,
    test: null,
    validation: null,
    jobs: [job('a'), job('b', { index: 1 }), job('avg', { role: 'average', iterations: 0 })],
  };
  const run: ShownRun = {
    run: 'e/swamp-2/1' as RunId,
    arm: 'swamp(2)',
    kind: 'swamp',
    seed: 1,
    state: 'running',
    tags: [],
    note: '',
    rounds: [round, { ...round, round: 1, sparsity: 0.2, jobs: [job('c')] }],
  };

  test('a round runs as soon as one of its jobs does, with its share', () => {
    expect(cellOf(round, told(planned))).toMatchObject({ state: 'waiting', share: 0 });
    const live = told(planned, started('a'), progress('a', 50));
    expect(cellOf(round, live)).toMatchObject({ state: 'running', share: 0.25 });
    take(live, { type: 'failed', key: key('a'), where, message: 'no', hint: '', stack: '' });
    expect(cellOf(round, live)).toMatchObject({ state: 'failed', share: 0 });
  });

  test('what is stored counts where nothing was told', () => {
    const done = { ...round, jobs: round.jobs.map((each) => ({ ...each, state: 'done' as const })) };
    expect(cellOf(done, quiet())).toMatchObject({ state: 'done', share: 1 });
  });

  test('only strips of jobs that something was told of are made anew', () => {
    const other = { ...run, run: 'e/imp/1' as RunId, rounds: [{ ...round, jobs: [job('x')] }] };
    const strips = stripsBy({ runs: [run, other] });
    const [before, after] = [strips(quiet()), strips(told(planned, started('a'), progress('a', 50)))];
    expect(after[0]?.cells[0]).toMatchObject({ state: 'running', share: 0.25 });
    expect(after[0]?.cells[1]).toBe(before[0]?.cells[1]);
    expect(after[1]).toBe(before[1]);
  });

  test('the look falls on what runs, else on the last that is done', () => {
    const shown = { runs: [run] } as unknown as ShownExperiment;
    const strips = stripsBy(shown);
    expect(focusOf(strips(told(planned, started('c'))))).toEqual({ run: run.run, round: 1 });
    expect(focusOf(strips(quiet()))).toEqual({ run: run.run, round: 0 });
    expect(focusOf([])).toBeNull();
  });

  test('a round is judged by what the arm stands for, its particles and their ensemble', () => {
    const metrics = (accuracy: number): { accuracy: number; nll: number; ece: number } => ({
      accuracy,
      nll: 1,
      ece: 0,
    });
    const judged = {
      ...round,
      test: metrics(0.9),
      jobs: [
        job('e1', { role: 'evaluate-particle', index: 1, test: metrics(0.7) }),
        job('e0', { role: 'evaluate-particle', index: 0, test: metrics(0.8) }),
        job('en', { role: 'ensemble', test: metrics(0.91) }),
      ],
    };
    const [first] = judgementsOf({ ...run, rounds: [judged] });
    expect(first?.stands?.test?.accuracy).toBe(0.9);
    expect(first?.particles.map(({ test }) => test?.accuracy)).toEqual([0.8, 0.7]);
    expect(first?.ensemble?.test?.accuracy).toBe(0.91);
  });
});
