import type { Registered } from '../../contract/registry.ts';

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface SparsitySchedule<
  Options extends { kind: string } = { kind: string },
> extends Registered<Options> {
  /**
   * Prunable weights that are alive in rounds 0 … R.
   * @param prunable P, the number of prunable weights: what sparsity is a share of.
   * @param start Those alive in round 0, the first count: P, or fewer under a mask that was given.
   * @throws ConfigError where a round would not be sparser than a mask that was given.
   */
  aliveCounts(options: Options, prunable: number, start: number): number[];
}
