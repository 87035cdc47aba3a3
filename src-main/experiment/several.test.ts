import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExperimentId } from '../contract/ids.ts';
import type { JobResult } from '../contract/job.ts';
import { withStatistics } from '../statistics/complete.ts';
import { openLibrary } from '../store/library.ts';
import { experiment } from '../store/testing.ts';
import { compareExperiment } from './comparison.ts';
import { parseConfig } from './config.ts';
import { findExperiments } from './find.ts';
import { planExperiment } from './plan.ts';
import { resolvedOf, type StoredResolution } from './resolve.ts';
import { joinExperiments, type Part } from './several.ts';

/** Finished jobs whose figures depend on their keys alone. */
function resultOf(key: string): JobResult {
  const accuracy = 0.5 + Number.parseInt(key.slice(0, 6), 16) / 2 ** 26;
  const metrics = { accuracy, nll: 2 - accuracy, ece: accuracy / 10 };
  return {
    outputs: {},
    evaluation: { test: metrics, validation: metrics },
    series: { alive: [1000, 100] },
    seconds: 1,
    sessionSeconds: 1,
    steps: 1,
    provenance: { tensorflow: '2.21.0', device: 'CPU', host: 'here', app: '0.1.0' },
  };
}

function partOf(id: string, change: Record<string, unknown> = {}, data = 'd'): Part {
  const config = parseConfig({
    name: id.replace(/-.*/, ''),
    dataset: { kind: 'digits' },
    model: { kind: 'lenet', hidden: [30] },
    recipe: { epochs: 10 },
    sparsity: { kind: 'geometric', fraction: 0.6, rounds: 3 },
    arms: ['imp', { kind: 'swamp', particles: 2 }],
    seeds: [1, 2],
    ...change,
  });
  const split = (seed: number) => ({ digest: `${seed}`.repeat(64), training: 7200, validation: 800 });
  const resolution: StoredResolution = {
    dataset: { title: data, digest: data.repeat(64), shape: [28, 28, 1], classes: 10, test: 2000 },
    splits: Object.fromEntries(config.seeds.map((seed) => [seed, split(seed)])),
    precision: 'float32',
    backend: 'tensorflow-cpu',
    threads: 1,
    workers: 1,
  };
  const plan = planExperiment({ config, resolved: resolvedOf(resolution) });
  const measured = compareExperiment({
    experiment: id as ExperimentId,
    name: config.name,
    dataset: data,
    model: config.model,
    plan,
    result: resultOf,
  });
  return { id: id as ExperimentId, prepared: { config, resolution, plan }, measured };
}

describe('findExperiments', () => {
  it('finds one by its beginning, and those of a sweep', () => {
    const dir = mkdtempSync(join(tmpdir(), 'swamp-several-'));
    const library = openLibrary(dir, { create: true });
    try {
      const add = (id: string, sweep: string | null): void => {
        library.store.createExperiment({ ...experiment(id, [], {}), sweep });
      };
      add('width-16-aaaa', 'width-0001');
      add('width-32-bbbb', 'width-0001');
      add('demo-cccc', null);
      const named = (text: string) => findExperiments(library.store, text).experiments;
      expect(named('demo')).toEqual(['demo-cccc']);
      expect(named('width-0001')).toEqual(['width-16-aaaa', 'width-32-bbbb']);
      expect(named('width-00')).toEqual(['width-16-aaaa', 'width-32-bbbb']);
      expect(() => named('width')).toThrow(/more than one experiment/);
      expect(() => named('')).toThrow(/more than one experiment/);
      expect(() => named('nothing')).toThrow(/no experiment is called/);
      add('other-dddd', 'rates-0001');
      add('other-eeee', 'rates-0002');
      expect(named('rates-0002')).toEqual(['other-eeee']);
      expect(() => named('rates')).toThrow(
        expect.objectContaining({
          message: 'more than one sweep begins with "rates"',
          hint: 'Give more of it: rates-0001, rates-0002.',
        }),
      );
      library.store.trashExperiments(['other-dddd' as ExperimentId]);
      expect(named('rates')).toEqual(['other-eeee']);
      const taken = ['other-dddd', 'rates-0001', 'other', 'rates'].map((id) => library.store.isTaken(id));
      expect(taken).toEqual([true, true, false, false]);
    } finally {
      library.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

const names = (...parts: Part[]): string[] => joinExperiments(parts).arms.map(({ arm }) => arm);

describe('comparing several experiments', () => {
  const one = partOf('one-1111');

  it('tells arms of one name apart by the settings that differ', () => {
    const two = partOf('two-2222', { recipe: { epochs: 20 }, workers: 2 });
    expect(names(one, two)).toEqual([
      'imp epochs=10',
      'swamp(2) epochs=10',
      'imp epochs=20',
      'swamp(2) epochs=20',
    ]);
    const joined = joinExperiments([one, two]);
    expect(joined.experiment).toBe('one-1111 two-2222');
    expect(joined.experiments?.map(({ settings }) => settings)).toEqual([
      { 'recipe.epochs': '10' },
      { 'recipe.epochs': '20' },
    ]);
    expect(joined.denominator.weights).toBe(784 * 30);
  });

  it('uses the whole name of a setting only where its end is not enough', () => {
    const two = partOf('two-2222', { recipe: { epochs: 20 }, ticket: { epochs: 3 } });
    const first = partOf('one-1111', { ticket: { epochs: 1 } });
    expect(names(first, two)[0]).toBe('imp recipe.epochs=10 ticket.epochs=1');
  });

  it('uses the names of experiments that differ in much, and their ids where they have one name', () => {
    const much = { recipe: { epochs: 20, batch: 64, learningRate: 0.3 } };
    expect(names(one, partOf('two-2222', much))).toContain('imp two');
    expect(names(one, partOf('one-2222', much))).toContain('imp one-2222');
    expect(names(one, partOf('one-2222', { seeds: [1, 2, 3] }))).toContain('swamp(2) one-2222');
  });

  it('shows arms that are the same runs once', () => {
    const two = partOf('two-2222', { arms: ['imp', { kind: 'swamp', particles: 4 }] });
    const joined = joinExperiments([one, two]);
    expect(joined.arms.map(({ arm, alsoIn }) => [arm, alsoIn])).toEqual([
      ['imp', ['two-2222']],
      ['swamp(2)', undefined],
      ['swamp(4)', undefined],
    ]);
    const { smallest } = withStatistics(joined);
    expect(smallest.arms.map(({ dense }) => dense?.arm)).toEqual(['imp', 'imp', 'imp']);
  });

  it('goes by sparsity where the number of weights differs', () => {
    const two = partOf('two-2222', {
      model: { kind: 'lenet', hidden: [60] },
      sparsity: { kind: 'explicit', sparsities: [0.3, 0.6, 0.84, 0.936] },
    });
    const comparison = withStatistics(joinExperiments([one, two]));
    expect(comparison.denominator.weights).toBe(0);
    const pair = comparison.pairs.find(
      ({ arm, baseline }) => arm.startsWith('imp') && baseline.startsWith('imp'),
    );
    // Round 1 of the second has 30 %, which the first never has.
    expect(pair?.rounds.map(({ round, otherRound }) => [round, otherRound])).toEqual([
      [0, 0],
      [2, 1],
      [3, 2],
      [4, 3],
    ]);
  });

  it('pairs no arms of different data', () => {
    const two = partOf('two-2222', {}, 'e');
    const { pairs, statistics, smallest } = withStatistics(joinExperiments([one, two]));
    expect(pairs.map(({ arm, baseline }) => `${arm} − ${baseline}`)).toEqual([
      'swamp(2) one − imp one',
      'swamp(2) two − imp two',
    ]);
    expect(statistics.unpaired).toHaveLength(4);
    expect(statistics.unpaired[0]?.reason).toMatch(/data/);
    expect(smallest.arms.map(({ arm, dense }) => [arm, dense?.arm])).toContainEqual([
      'swamp(2) two',
      'imp two',
    ]);
  });
});
