import { canonical } from '../keys.ts';
import type { Claim, Unit } from '../../contract/figures.ts';
import { intervalOf } from '../../statistics/interval.ts';
import type { SubjectRun } from './analysis.ts';

// What analyses of several seeds have in common.

/** Runs that differ in nothing but their seeds. */
export interface ArmRuns {
  /** Tells it from the other arms looked at. */
  readonly label: string;
  /** The arm's own label, which its colour goes by. */
  readonly arm: string;
  /** By seed. */
  readonly runs: readonly SubjectRun[];
}

/** Runs by arm, in the order in which the arms come first; arms of one label in different settings are told apart. */
export function byArm(runs: readonly SubjectRun[]): ArmRuns[] {
  const groups = [...Map.groupBy(runs, settingsOf).values()];
  const named = groups.map((group) => ({ arm: group[0]?.arm ?? '', group }));
  return named.map(({ arm, group }) => {
    const alone = named.filter((other) => other.arm === arm).length === 1;
    const experiments = [...new Set(group.map(({ experiment }) => experiment))].join(', ');
    return {
      label: alone ? arm : `${arm} of ${experiments}`,
      arm,
      runs: group.toSorted((a, b) => a.seed - b.seed),
    };
  });
}

/** What makes runs the same but for the seed. A seed that is there twice is a group of its own. */
function settingsOf(run: SubjectRun, _at: number): string {
  const { name: _name, seeds: _seeds, arms: _arms, ...settings } = run.config;
  return `${canonical(settings)} ${canonical(run.run.spec)}`;
}

/** `3 seeds`, `one seed` */
export function seedsText(n: number): string {
  return n === 1 ? 'one seed' : `${n} seeds`;
}

/** `95 % interval over 3 seeds`; what there is to say of one. */
export function intervalText(n: number): string {
  if (n === 0) return 'no seed';
  return n === 1 ? 'one seed: no interval' : `95 % interval over ${n} seeds`;
}

/** A point of means over seeds. */
export function pointOf(
  x: number,
  values: readonly number[],
  name: string,
): { x: number; y: number | null; low?: number | null; high?: number | null; name: string } {
  const { mean, low, high } = intervalOf(values);
  return { x, y: mean, ...(low === null ? {} : { low, high }), name };
}

/** What the intervals of figures are: by the number of seeds that the arms have. */
export function barsText(counts: readonly number[]): string | undefined {
  const most = Math.max(0, ...counts);
  const least = Math.min(...counts);
  if (most < 2) return undefined;
  return `95 % interval over ${least === most ? most : `${least} to ${most}`} seeds by Student’s t`;
}

/**
 * A claim that something is above 0, held against one value a seed.
 * @param text for example `swamp(4) is better than imp from 78 % sparsity on`
 */
export function claimOver(text: string, unit: Unit, values: readonly number[]): Claim {
  const { mean, low, high, n } = intervalOf(values);
  return {
    text,
    verdict: low !== null && low > 0 ? 'shown' : high !== null && high < 0 ? 'refuted' : 'open',
    unit,
    value: mean,
    low,
    high,
    interval: intervalText(n),
  };
}
