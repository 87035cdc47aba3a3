import { describe, expect, it } from 'vitest';
import type { ComparedArm } from '../contract/compare.ts';
import { collapseSentences, collapseText } from './collapse.ts';

/** An arm whose masks leave nothing of some layers, by round and seed. */
function arm(
  name: string,
  rounds: readonly (readonly [sparsity: number, seeds: Record<number, string[]>])[],
) {
  return {
    arm: name,
    rounds: rounds.map(([sparsity, seeds], round) => ({
      round,
      sparsity,
      seeds: Object.entries(seeds).map(([seed, collapsed]) => ({
        seed: Number(seed),
        ...(collapsed.length > 0 ? { collapsed } : {}),
      })),
    })),
  } as unknown as Pick<ComparedArm, 'arm' | 'rounds'>;
}

describe('layer collapse', () => {
  it('is not spoken of where there is none', () => {
    expect(collapseSentences([arm('imp', [[0.5, { 1: [] }]])])).toEqual([]);
  });

  it('is told arm by arm: layers, from which sparsity on, in which seeds', () => {
    const imp = arm('imp', [
      [0.5, { 1: [], 2: [] }],
      [0.9, { 1: [], 2: ['b'] }],
      [0.982, { 1: ['a'], 2: ['b', 'c'] }],
    ]);
    const random = arm('random', [
      [0.5, { 1: [] }],
      [0.9, { 1: ['a', 'b', 'c', 'd', 'e'] }],
    ]);
    expect(collapseSentences([imp, arm('swamp(4)', [[0.5, { 1: [] }]]), random])).toEqual([
      'Layer collapse: imp leaves nothing of b from 90.0 % sparsity on (seed 2); of a, c at 98.2 % sparsity (seeds 1, 2).',
      'Layer collapse: random leaves nothing of a, b, c and 2 more layers at 90.0 % sparsity (seed 1).',
    ]);
  });

  it('lasts only where it was looked at: masks that build on none before may be whole again', () => {
    const gmp = arm('gmp', [
      [0.5, { 1: ['a', 'b'] }],
      [0.9, { 1: ['b'], 2: ['b'] }],
      [0.95, { 1: ['b', 'a'], 2: ['b'] }],
      [0.982, { 1: ['b'], 2: [] }],
    ]);
    expect(collapseSentences([gmp])).toEqual([
      'Layer collapse: gmp leaves nothing of a at 50.0 % and 95.0 % sparsity (seed 1); of b at 4 sparsities from 50.0 % to 98.2 % (seeds 1, 2).',
    ]);
    const late = arm('imp', [
      [0.5, { 1: ['a'], 2: [] }],
      [0.9, { 1: ['a'], 2: ['a'] }],
      // Not evaluated yet with seed 2.
      [0.95, { 1: ['a'] }],
    ]);
    expect(collapseSentences([late])).toEqual([
      'Layer collapse: imp leaves nothing of a from between 50.0 % and 90.0 % sparsity on (seeds 1, 2).',
    ]);
  });

  it('names some places and counts the rest', () => {
    const sparsities = [0.5, 0.6, 0.7, 0.8, 0.9] as const;
    const random = arm(
      'random',
      sparsities.map((sparsity, at) => [sparsity, { 1: ['abcde'[at] ?? ''] }]),
    );
    expect(collapseSentences([random])).toEqual([
      'Layer collapse: random leaves nothing of a at 50.0 % sparsity (seed 1); of b at 60.0 % sparsity (seed 1); of c at 70.0 % sparsity (seed 1); of 2 more layers elsewhere.',
    ]);
  });

  it('of one run is told by rounds', () => {
    const rounds = (...collapsed: string[][]) =>
      collapsed.map((layers, round) => ({ round, sparsity: 1 - 0.5 ** round, collapsed: layers }));
    expect(collapseText(rounds([], []))).toBe('');
    expect(collapseText(rounds([], ['a'], ['a', 'b'], ['a']))).toBe(
      'Layer collapse: nothing is left of a from round 1 on (sparsity 50.0 %); of b in round 2 (sparsity 75.0 %).',
    );
    expect(collapseText(rounds([], ['a'], [], ['a']))).toBe(
      'Layer collapse: nothing is left of a in rounds 1 and 3 (sparsity 50.0 % to 87.5 %).',
    );
  });
});
