import { jaccard, jaccardByChance } from '../../../analysis/overlap.ts';
import type { JobKey } from '../../../contract/ids.ts';
import { ALIVE, type Series } from '../../../contract/job.ts';
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
  /** Masks of the same sparsity, drawn at random from all prunable weights; under a start mask from those that it leaves. */
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
  const begun = startOf(job, results, a, b);
  const groups = layersOf(unit).map(({ size }, layer) => ({
    size: begun?.[layer] ?? size,
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

/**
 * Weights by layer that the mask leaves which both began under; `null` where they began under none. No mask after it goes
 * beyond: what both have of it is no agreement. Under two different ones chance stays that of all weights.
 */
function startOf({ units }: OverlapJob, results: Results, a: number, b: number): readonly number[] | null {
  const [one, other] = [a, b].map(
    (at) => units[at]?.run.run.links.find(({ role }) => role === 'start-mask')?.job,
  );
  return one === undefined || one !== other ? null : (results(one)?.series[ALIVE] ?? null);
}

function number(series: Series, name: string, index: number): number {
  const value = series[name]?.[index];
  if (value === undefined) throw new Error(`an overlap without ${name} ${index}`);
  return value;
}

/** Pairs of masks of one round that say the same thing. */
export interface Family {
  readonly label: string;
  /** The same within a sentence. */
  readonly words: string;
  /** The arm that it is about, where it is one. */
  readonly colour: string | undefined;
  /** Whether there is one pair a seed, so that an interval over seeds can be taken. */
  readonly paired: boolean;
  readonly pairs: readonly Pair[];
}

/** Masks `a` and `b` of a job. */
interface Pair {
  readonly job: OverlapJob;
  readonly a: number;
  readonly b: number;
  /** Of the first. */
  readonly seed: number;
}

/** Pairs of masks in a round by what tells the two apart: arm, seed, or member. Pairs that differ in arm and seed are left. */
export function familiesOf(job: OverlapJob): Family[] {
  const families = new Map<string, Omit<Family, 'pairs'> & { pairs: Pair[] }>();
  for (const [b, second] of job.units.entries()) {
    for (const [a, first] of job.units.slice(0, b).entries()) {
      if (!sameSparsity(job, a, b)) continue;
      for (const { family, seed } of familiesOfTwo(first, second)) {
        const known = families.get(family.label) ?? { ...family, pairs: [] };
        known.pairs.push({ job, a, b, seed });
        families.set(family.label, known);
      }
    }
  }
  return [...families.values()].map((family) => {
    const seeds = family.pairs.map(({ seed }) => seed);
    return { ...family, paired: family.paired && new Set(seeds).size === seeds.length };
  });
}

/** The family of two masks; where one stands for a twin, also that within the twin's own arm. */
function familiesOfTwo(first: MaskUnit, second: MaskUnit): { family: Omit<Family, 'pairs'>; seed: number }[] {
  const pairs = [first, ...first.twins].flatMap((a) =>
    [second, ...second.twins]
      .filter((b) => (a === first && b === second) || a.arm.label === b.arm.label)
      .map((b) => [a, b] as const),
  );
  return pairs.flatMap(([a, b]) => {
    const family = familyOf(a, b);
    return family ? [{ family, seed: a.run.seed }] : [];
  });
}

function familyOf(a: MaskUnit, b: MaskUnit): Omit<Family, 'pairs'> | null {
  const { label, colour } = a.arm;
  if (a.run === b.run)
    return { label: `members of ${label}`, words: `the members of ${label}`, colour, paired: true };
  if (label !== b.arm.label) {
    if (a.run.seed !== b.run.seed) return null;
    const both = `${label} and ${b.arm.label}, same seed`;
    return { label: both, words: `${both},`, colour: undefined, paired: true };
  }
  const seeds = `${label} between seeds`;
  return a.member === b.member ? { label: seeds, words: seeds, colour, paired: false } : null;
}

/** Sparsity of a job's mask. */
export function sparsityOf({ units, rounds }: OverlapJob, at: number): number {
  return units[at]?.run.rounds[rounds[at] ?? NaN]?.sparsity ?? NaN;
}

/** Masks are compared at one sparsity alone: elsewhere what two have in common says how sparse they are. */
export function sameSparsity(job: OverlapJob, a: number, b: number): boolean {
  return asSparse(sparsityOf(job, a), sparsityOf(job, b));
}

/** Whether what is left agrees to 1 %. */
export function asSparse(one: number, other: number): boolean {
  return Math.abs(one - other) <= 0.01 * Math.max(1 - one, 1 - other);
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
