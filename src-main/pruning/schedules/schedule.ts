import type { Registered } from '../../contract/registry.ts';

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface SparsitySchedule<
  Options extends { kind: string } = { kind: string },
> extends Registered<Options> {
  /**
   * Prunable weights that are alive in rounds 0 … R.
   * @param prunable P, the number of prunable weights; the first count.
   */
  aliveCounts(options: Options, prunable: number): number[];
}
