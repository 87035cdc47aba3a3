import type { ComparedArm, ComparedPair, Comparison, MeasuredComparison } from '../contract/compare.ts';
import { armSeeds, counterpart, roundsGoTogether } from './arms.ts';
import { differencesOf, type Level } from './differences.ts';

/** With more arms than this, only the pairs with a baseline are taken: their number grows with the square. */
const EVERY_PAIR_UP_TO = 8;

/** `all` for every pair of arms, however many. */
export const EVERY_PAIR = 'all';

/**
 * The arm others are compared with: plain IMP, else the first that is not dense, else the first.
 * `null` where there is nothing to compare.
 */
export function defaultBaseline({ arms }: MeasuredComparison): string | null {
  if (arms.length < 2) return null;
  const chosen =
    arms.find(({ kind }) => kind === 'imp') ?? arms.find(({ kind }) => kind !== 'dense') ?? arms[0];
  return chosen?.arm ?? null;
}

/** Paired differences of arms: the later of two in the list less the earlier, anything less the baseline. */
export function pairsOf(
  measured: MeasuredComparison,
  baseline: string | null,
  level: Level,
): { pairs: ComparedPair[]; unpaired: Comparison['statistics']['unpaired'] } {
  const byNumber = roundsGoTogether(measured.arms);
  const pairs: ComparedPair[] = [];
  const unpaired: Comparison['statistics']['unpaired'] = [];
  for (const [arm, other] of chosenPairs(measured.arms, baseline)) {
    const names = { arm: arm.arm, baseline: other.arm };
    const seeds = sharedSeeds(measured, arm, other);
    if (typeof seeds === 'string') {
      unpaired.push({ ...names, reason: seeds });
      continue;
    }
    const rounds = arm.rounds.flatMap((round) => {
      const against = counterpart(other, round, byNumber);
      if (!against) return [];
      const found = round.seeds.flatMap((a) => {
        const b = against.seeds.find(({ seed }) => seed === a.seed);
        return b && seeds.has(a.seed) ? [{ seed: a.seed, a, b }] : [];
      });
      return [{ round, otherRound: against.round, pairs: found }];
    });
    pairs.push({ ...names, ...differencesOf(rounds, level) });
  }
  return { pairs, unpaired };
}

function chosenPairs(arms: readonly ComparedArm[], baseline: string | null): [ComparedArm, ComparedArm][] {
  const first = arms.find(({ arm }) => arm === baseline);
  const every = arms.length <= EVERY_PAIR_UP_TO || baseline === EVERY_PAIR;
  const own = (arm: ComparedArm): ComparedArm | undefined => baselineOf(arms, baseline, arm);
  const pairs: [ComparedArm, ComparedArm][] = [];
  for (const [at, later] of arms.entries()) {
    for (const earlier of arms.slice(0, at)) {
      if (earlier === first || later === first) {
        pairs.push(later === first ? [earlier, later] : [later, earlier]);
      } else if (own(earlier) === later) pairs.push([earlier, later]);
      else if (every || own(later) === earlier) pairs.push([later, earlier]);
    }
  }
  return pairs;
}

/**
 * What an arm is compared with: the baseline, or where that is of another experiment, what stands for it in the arm's
 * own: the arm of the baseline's label, else the only one of its kind. Of several of the kind, none is a stand-in.
 */
export function baselineOf(
  arms: readonly ComparedArm[],
  baseline: string | null,
  arm: ComparedArm,
): ComparedArm | undefined {
  const first = arms.find((other) => other.arm === baseline);
  if (!first || arm.experiment === undefined) return first;
  const own = arms.filter((other) => inExperiment(other, arm.experiment));
  if (own.includes(first)) return first;
  const [only, ...others] = own.filter(({ kind }) => kind === first.kind);
  return own.find((other) => labelOf(other) === labelOf(first)) ?? (others.length === 0 ? only : undefined);
}

/** Name of an arm in its own experiment. */
function labelOf({ arm, label = arm }: ComparedArm): string {
  return label;
}

/** Whether an arm is one of an experiment's; without a name, of the only one. */
export function inExperiment(arm: ComparedArm, experiment: string | undefined): boolean {
  return (
    arm.experiment === experiment || (experiment !== undefined && (arm.alsoIn ?? []).includes(experiment))
  );
}

/** Seeds that both arms have on the same data and split, or why there are none. */
function sharedSeeds(
  { experiments = [] }: MeasuredComparison,
  a: ComparedArm,
  b: ComparedArm,
): Set<number> | string {
  const of = (arm: ComparedArm) => experiments.find(({ experiment }) => experiment === arm.experiment);
  const [one, two] = [of(a), of(b)];
  const others = new Set(armSeeds(b));
  const seeds = new Set(armSeeds(a).filter((seed) => others.has(seed)));
  if (seeds.size === 0) return 'they have no seed in common';
  if (!one || !two || one === two) return seeds;
  if (one.data !== two.data) return 'their data are not the same';
  const same = [...seeds].filter((seed) => one.splits[seed] === two.splits[seed]);
  return same.length > 0 ? new Set(same) : 'their splits are not the same';
}
