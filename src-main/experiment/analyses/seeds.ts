import { ConfigError } from '../../contract/errors.ts';
import type { Claim, Unit } from '../../contract/figures.ts';
import { isFrom } from '../../statistics/arms.ts';
import { intervalOf } from '../../statistics/interval.ts';
import { canonical } from '../keys.ts';
import type { AnalysisContext, SubjectRun } from './analysis.ts';
import { percent } from './axes.ts';
import { settingsOf } from './settings.ts';

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

/**
 * Runs by arm, in the order in which the arms come first; arms of one label in different settings are told apart by their
 * experiments. A run that two experiments share counts once.
 */
export function byArm(runs: readonly SubjectRun[]): ArmRuns[] {
  const groups: SubjectRun[][] = [];
  for (const run of runs) {
    const alike = groups.filter(([first]) => first && armOf(first) === armOf(run));
    const known = alike.flat().find(({ seed }) => seed === run.seed);
    if (known && sameWork(known, run)) continue;
    const group = alike.find((each) => each.every(({ seed }) => seed !== run.seed));
    if (group) group.push(run);
    else groups.push([run]);
  }
  return groups.map((group) => {
    const arm = group[0]?.arm ?? '';
    const alone = groups.every((other) => other === group || other[0]?.arm !== arm);
    const experiments = [...new Set(group.map(({ experiment }) => experiment))].join(', ');
    return {
      label: alone ? arm : `${arm} of ${experiments}`,
      arm,
      runs: group.toSorted((a, b) => a.seed - b.seed),
    };
  });
}

/**
 * Differences paired by seed are those of runs that learn from the same images.
 * @throws ConfigError where runs of one seed hold out others
 */
export function requireOneSplit(runs: readonly SubjectRun[]): void {
  for (const run of runs) {
    const other = runs.find(
      ({ seed, task }) => seed === run.seed && task.split.digest !== run.task.split.digest,
    );
    if (!other) continue;
    throw new ConfigError(
      `${run.id} and ${other.id} hold out different images for validation, so seed ${run.seed} is no pair`,
      'Name runs of one `split.validation`.',
    );
  }
}

/** What makes runs the same but for the seed. */
function armOf(run: SubjectRun): string {
  return canonical([settingsOf(run), run.run.spec]);
}

/** Whether two runs are the same jobs, as where an experiment was forked. */
function sameWork(a: SubjectRun, b: SubjectRun): boolean {
  const last = a.rounds.length - 1;
  return a.rounds.length === b.rounds.length && a.evaluation(last) === b.evaluation(last);
}

/** Rounds of a run that are looked at: those named, or all of its own. */
export function roundsOf({ subjects }: AnalysisContext, run: SubjectRun): number[] {
  const own = subjects.filter((subject) => subject.run === run);
  if (own.some(({ round }) => round === undefined)) return run.rounds.map(({ round }) => round);
  return [...new Set(own.flatMap(({ round }) => round ?? []))].sort((a, b) => a - b);
}

/** A note where claims are about what is as sparse or sparser, and nothing is. @param of whose claims, where others may have some */
export function notSparse(sparsities: readonly number[], from: number, of?: string): string[] {
  if (sparsities.some((sparsity) => isFrom(sparsity, from))) return [];
  return [
    `No claims${of === undefined ? '' : ` about ${of}`}: no network that is looked at is ${percent(from)} sparse or sparser.`,
  ];
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
