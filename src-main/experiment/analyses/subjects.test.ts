import { describe, expect, test } from 'vitest';
import { AnalysisEntry } from '../../contract/api/analyses.ts';
import { catalogAnalyses } from '../catalog.ts';
import { opened, type GivenExperiment } from './analysis.fixture.ts';

describe('the mask of a particle', () => {
  const POOLS: Readonly<Record<string, GivenExperiment>> = { 'test-0': { arms: ['imp', 'lottery-pools'] } };

  /** Kinds of jobs that make the masks which an analysis' jobs take. */
  function makersOf(kind: string, run: string, experiments = POOLS): (string | undefined)[] {
    const { plan } = opened({ kind }, [run], experiments);
    const spec = (key: string): string | undefined => plan.jobs.find((job) => job.key === key)?.spec.kind;
    return plan.jobs
      .filter(({ key }) => plan.own?.includes(key))
      .map(({ inputs }) => spec(inputs.find(({ name }) => name === 'mask')?.job ?? ''));
  }

  test('is that which it trained under, not that of a pool', () => {
    expect(makersOf('flatness', 'test-0/lottery-pools-2/1@2')).toEqual(['pool', 'pool']);
    expect(makersOf('flatness', 'test-0/lottery-pools-2/1@2:0')).toEqual(['prune', 'prune']);
    expect(makersOf('flatness', 'test-0/lottery-pools-2/1@0:0')).toEqual([undefined, undefined]);
    expect(makersOf('masks', 'test-0/lottery-pools-2/1')).toEqual(['pool']);
  });

  test('is the jobs of IMP, where that is what a pool was made of', () => {
    const keys = (run: string) => opened({ kind: 'flatness' }, [run], POOLS).plan.own;
    expect(keys('test-0/lottery-pools-2/1@2:0')).toEqual(keys('test-0/imp/1@2'));
  });

  test('is that of the round where its particles share it', () => {
    expect(makersOf('flatness', 'test-0/swamp-2/1@2:1', { 'test-0': {} })).toEqual(['prune', 'prune']);
    const rigl = { 'test-0': { arms: [{ kind: 'rigl-swamp', particles: 2 }] } };
    expect(makersOf('flatness', 'test-0/rigl-swamp-2/1@2:1', rigl)).toEqual(['train-group', 'train-group']);
  });
});

describe('a particle by itself', () => {
  const ENSEMBLE = {
    'test-0': { arms: ['imp', { kind: 'swamp', particles: 2 }, { kind: 'imp-ensemble', members: 2 }] },
  };
  const [swamp, ensemble] = ['test-0/swamp-2/1', 'test-0/imp-ensemble-2/1'];

  test.each([
    ['cost', [`${ensemble}@3:0`], 'cost looks at what a run stands for in a round, not at imp-ensemble(2) round 3 member 0 by itself'], // prettier-ignore
    ['cost', [`${swamp}@3:1`], 'not at swamp(2) round 3 particle 1 by itself'],
    ['particles', [`${swamp}@3:1`], 'particles looks at what a run stands for'],
    ['growth', [swamp, `${swamp}@3:1`], 'growth looks at what a run stands for'],
    ['masks', [`${swamp}@3:1`], 'masks looks at masks, and particles share theirs: it does not look at swamp(2) round 3 particle 1 by itself'], // prettier-ignore
    ['transfer', ['test-0/imp/1', `${swamp}@3:1`], 'particles share theirs'],
  ])('is refused by %s', (kind, runs, words) => {
    expect(() => opened({ kind }, runs, ENSEMBLE)).toThrow(words);
    expect(() => opened({ kind }, runs, ENSEMBLE)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^Name the round, test-0\/.*@3\.$/) as string }),
    );
  });

  test('is offered by the kinds that look at one', () => {
    const parts = new Map(catalogAnalyses().map((each) => [each.kind, AnalysisEntry.parse(each).parts]));
    expect(['cost', 'masks', 'flatness'].map((kind) => parts.get(kind))).toEqual([
      undefined,
      'members',
      'particles',
    ]);
  });

  test.each([
    ['flatness', [`${swamp}@3:1`]],
    ['robustness', [`${ensemble}@3:1`]],
    ['calibration', [`${swamp}@3:1`]],
    ['connectivity', [`${swamp}@3:1`, `${swamp}@3:0`]],
    ['surface', [`${swamp}@3:1`, `${swamp}@3:0`, `${swamp}@2`]],
    ['masks', [`${ensemble}@3:1`]],
    ['transfer', ['test-0/imp/1', `${ensemble}@3:1`]],
  ])('is looked at by %s', (kind, runs) => {
    expect(() => opened({ kind }, runs, ENSEMBLE)).not.toThrow();
  });
});
