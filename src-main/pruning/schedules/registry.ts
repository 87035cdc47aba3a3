import { choose, registry } from '../../contract/registry.ts';
import type { NamedSpec } from '../../contract/recipe.ts';
import { cubic } from './cubic.ts';
import { explicit } from './explicit.ts';
import { geometric } from './geometric.ts';
import type { SparsitySchedule } from './schedule.ts';

/** Every sparsity schedule by kind: a new one is a file in this folder and an entry here. */
export const schedules = registry<SparsitySchedule>(geometric, cubic, explicit);

/**
 * Prunable weights alive in rounds 0 … R, falling from `start`; a small network's counts may repeat or reach 0.
 * @param prunable P; @param start those alive in round 0, where a mask is given.
 * @throws ConfigError on an unknown kind or wrong options, or where a list is not sparser than that mask.
 */
export function aliveCounts(spec: NamedSpec, prunable: number, start = prunable): number[] {
  if (!Number.isSafeInteger(prunable) || prunable < 0)
    throw new RangeError(`${prunable} is not a number of prunable weights`);
  const { entry, options } = choose(schedules, spec, 'sparsity');
  return entry.aliveCounts(options, prunable, start);
}
