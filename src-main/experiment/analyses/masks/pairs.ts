import { jaccard, jaccardByChance } from '../../../analysis/overlap.ts';
import type { JobKey } from '../../../contract/ids.ts';
import type { Series } from '../../../contract/job.ts';
import { mean } from '../../../contract/statistics.ts';
import type { Results } from '../analysis.ts';
import { layersOf, type MaskUnit } from './units.ts';

/** A job of kind `overlap`, and whose masks it was given. */
export interface OverlapJob {
  readonly key: JobKey;
  readonly units: readonly MaskUnit[];
  readonly rounds: readonly number[];
}

/** How much two masks have in common, and what chance would give. */
export interface Overlap {
  readonly jaccard: number;
  /** Masks of the same sparsity, drawn at random from all prunable weights. */
  readonly sparsity: number;
  /** Masks of the same densities, drawn at random in every layer. */
  readonly layers: number;
  /** Each layer by itself, in layout order. */
  readonly byLayer: readonly { readonly jaccard: number; readonly chance: number }[];
}

/** Overlap of masks `a` and `b` of a job; `null` where it is not done. */
export function overlapOf(job: OverlapJob, results: Results, a: number, b: number): Overlap | null {
  const series = results(job.key)?.series;
  const [unit] = job.units;
  if (!series || !unit) return null;
  const k = job.rounds.length;
  const at = (name: string, index: number): number => number(series, name, index);
  const groups = layersOf(unit).map(({ size }, layer) => ({
    size,
    a: at('layers', layer * k * k + a * k + a),
    b: at('layers', layer * k * k + b * k + b),
    common: at('layers', layer * k * k + a * k + b),
  }));
  const whole = {
    size: groups.reduce((sum, { size }) => sum + size, 0),
    a: at('intersection', a * k + a),
    b: at('intersection', b * k + b),
  };
  return {
    jaccard: jaccard(at('intersection', a * k + b), at('union', a * k + b)),
    sparsity: jaccardByChance([whole]),
    layers: jaccardByChance(groups),
    byLayer: groups.map((group) => ({
      jaccard: jaccard(group.common, group.a + group.b - group.common),
      chance: jaccardByChance([group]),
    })),
  };
}

function number(series: Series, name: string, index: number): number {
  const value = series[name]?.[index];
  if (value === undefined) throw new Error(`an overlap without ${name} ${index}`);
  return value;
}

/** Pairs of masks of one round that say the same thing. */
export interface Family {
  readonly label: string;
  /** The arm that it is about, where it is one. */
  readonly colour: string | undefined;
  /** Whether there is one pair a seed, so that an interval over seeds can be taken. */
  readonly paired: boolean;
  readonly pairs: readonly { readonly job: OverlapJob; readonly a: number; readonly b: number }[];
}

/** Pairs of masks in a round by what tells the two apart: arm, seed, or member. Pairs that differ in arm and seed are left. */
export function familiesOf(job: OverlapJob): Family[] {
  const families = new Map<string, Omit<Family, 'pairs'> & { pairs: Family['pairs'][number][] }>();
  for (const [b, second] of job.units.entries()) {
    for (const [a, first] of job.units.slice(0, b).entries()) {
      const family = familyOf(first, second);
      if (family === null || !sameSparsity(job, a, b)) continue;
      const known = families.get(family.label) ?? { ...family, pairs: [] };
      known.pairs.push({ job, a, b });
      families.set(family.label, known);
    }
  }
  return [...families.values()].map((family) => {
    const seeds = family.pairs.map(({ a }) => job.units[a]?.run.seed);
    return { ...family, paired: family.paired && new Set(seeds).size === seeds.length };
  });
}

function familyOf(a: MaskUnit, b: MaskUnit): Omit<Family, 'pairs'> | null {
  if (a.run === b.run) return { label: `members of ${a.arm.label}`, colour: a.arm.colour, paired: true };
  if (a.arm.label !== b.arm.label) {
    if (a.run.seed !== b.run.seed) return null;
    return { label: `${a.arm.label} and ${b.arm.label}, same seed`, colour: undefined, paired: true };
  }
  return a.member === b.member
    ? { label: `${a.arm.label} between seeds`, colour: a.arm.colour, paired: false }
    : null;
}

/** Over rounds of one sparsity alone: elsewhere what two masks have in common says how sparse they are. */
function sameSparsity({ units, rounds }: OverlapJob, a: number, b: number): boolean {
  const left = [a, b].map((at) => {
    const { sparsity = NaN } = units[at]?.run.rounds[rounds[at] ?? NaN] ?? {};
    return 1 - sparsity;
  });
  const [one = NaN, other = NaN] = left;
  return Math.abs(one - other) <= 0.01 * Math.max(one, other);
}

/** A family's overlaps in one round: a value a pair; `null` where the job is not done. */
export function overlapsIn({ pairs }: Family, results: Results): Overlap[] | null {
  const found = pairs.map(({ job, a, b }) => overlapOf(job, results, a, b));
  return found.every((each) => each !== null) ? found : null;
}

/** Mean of what chance gives a family's pairs. */
export function meanOf(overlaps: readonly Overlap[], of: (overlap: Overlap) => number): number {
  return mean(overlaps.map(of));
}
