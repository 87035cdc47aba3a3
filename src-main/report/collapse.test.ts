import { describe, expect, it } from 'vitest';
import type { ComparedArm } from '../contract/compare.ts';
import { collapseSentences } from './collapse.ts';

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
      'Layer collapse: imp leaves nothing of b, a, c from 90.0 % sparsity on (seeds 1, 2).',
      'Layer collapse: random leaves nothing of a, b, c and 2 more layers from 90.0 % sparsity on (seed 1).',
    ]);
  });
});
