import type { ComparedArm, Comparison, Differences } from '../contract/compare.ts';
import { collapseSentences } from './collapse.ts';
import { isFrom, networks } from '../statistics/arms.ts';
import { mean } from '../contract/statistics.ts';
import { fixed, numberWord, percent, points, sparsityPercent } from './format.ts';
import { roundOf, seedsOf } from './select.ts';
import { confidenceText, isWithBaseline, signed } from './statistics.ts';

/** Differences below this many points are shown as 0.0, and called level. */
const levelBelow = 0.05;

/** Test accuracy of one arm against another in one round, in points. */
interface Difference {
  readonly round: number;
  readonly sparsity: number;
  readonly points: number;
}

/** Rounds in a row with the same leader. */
interface Stretch {
  /** 1: the first arm leads; −1: the second; 0: level. */
  readonly sign: -1 | 0 | 1;
  readonly rounds: readonly Difference[];
}

/** What the results say, in a few sentences. */
export function verdict(comparison: Comparison): string {
  return verdictSentences(comparison).join(' ');
}

export function verdictSentences(comparison: Comparison): string[] {
  const arms = comparison.arms.filter((arm) => arm.rounds.length > 0);
  if (arms.length === 0) return ['No round is finished yet.'];
  if (comparison.experiments) return acrossExperiments(comparison);
  const pair = contestants(arms);
  if (pair === null) return [...arms.map(alone), ...caveats(comparison, null)];
  const { contender, baseline, rivals } = pair;
  const compared = differences(contender, baseline);
  if (compared.length === 0) {
    return [`${contender.arm} and ${baseline.arm} have no finished round in common yet.`];
  }
  const from = leadStart(compared);
  const known = averageOf(comparison, contender, baseline);
  const sure = known?.interval
    ? [`${averagedOver(comparison)}, ${contender.arm} is ${standing(comparison, known, baseline.arm)}.`]
    : [];
  const lead = leadSentence(contender, baseline, compared);
  return [
    ...sure,
    sure.length > 0 ? `By the means of each round, ${lead}` : lead,
    ...rivalSentences(comparison, rivals, { contender, baseline, from }),
    ...averageSentence(comparison, contender, from),
    ...caveats(comparison, [contender, baseline]),
  ].filter((sentence) => sentence !== '');
}

/** Who is compared with whom: the best SWAMP with IMP where both are there, else what comes nearest. */
function contestants(
  arms: readonly ComparedArm[],
): { contender: ComparedArm; baseline: ComparedArm; rivals: ComparedArm[] } | null {
  const pruned = arms.filter((arm) => arm.kind !== 'dense');
  const swamps = pruned.filter((arm) => arm.kind === 'swamp');
  const others = pruned.filter((arm) => arm.kind !== 'swamp');
  const baseline =
    others.find((arm) => arm.kind === 'imp') ??
    others.find((arm) => networks(arm) === 1) ??
    others[0] ??
    swamps[0];
  if (baseline === undefined) return null;
  const candidates = (swamps.length > 0 ? swamps : others).filter((arm) => arm !== baseline);
  const average = (arm: ComparedArm): number => meanPoints(differences(arm, baseline));
  const finite = (value: number): number => (Number.isFinite(value) ? value : Number.NEGATIVE_INFINITY);
  const contender = [...candidates].sort((a, b) => finite(average(b)) - finite(average(a)))[0];
  if (contender === undefined) return null;
  return { contender, baseline, rivals: pruned.filter((arm) => arm !== contender && arm !== baseline) };
}

/** From where the contender leads to the end, if it leads on the whole: the range the other sentences speak of. */
function leadStart(compared: readonly Difference[]): number {
  if (meanPoints(compared) <= -levelBelow) return 0;
  const last = stretches(compared).at(-1);
  const first = last?.sign === 1 ? last.rounds[0] : undefined;
  return first?.sparsity ?? 0;
}

function leadSentence(a: ComparedArm, b: ComparedArm, compared: readonly Difference[]): string {
  const parts = stretches(compared);
  const won = compared.filter(({ points }) => points >= levelBelow).length;
  const lost = compared.filter(({ points }) => points <= -levelBelow).length;
  const overall = meanPoints(compared);
  const only = parts[0];
  if (parts.length === 1 && only) {
    const where = compared.length === 1 ? placeOf(only) : 'at every sparsity';
    if (only.sign === 0) return `${a.arm} and ${b.arm} are level ${where}.`;
    if (only.sign === 1) return `${a.arm} leads ${b.arm} ${where} ${byOf(only)}.`;
    return `${a.arm} does not lead: ${b.arm} is ahead ${where} ${byOf(only)}.`;
  }
  const opening =
    won === 0
      ? `${a.arm} does not lead: `
      : overall <= -levelBelow
        ? `${a.arm} does not lead overall, it is ${points(overall)} below ${b.arm} over all rounds: `
        : '';
  if (parts.length > 4) {
    const levels = compared.length - won - lost;
    const sides = [`${a.arm} leads in ${won} of ${compared.length} rounds`, `${b.arm} in ${lost}`];
    if (levels > 0) sides.push(`${levels} ${levels === 1 ? 'is' : 'are'} level`);
    const sum = opening === '' ? `; on average ${a.arm} is ${distance(overall, b.arm)}` : '';
    return `${opening}${sides.join(', ')}${sum}.`;
  }
  // What the contender wins comes first unless it loses on the whole.
  const first = opening === '' ? parts.find(({ sign }) => sign === 1) : parts.find(({ sign }) => sign === -1);
  const ordered = [...(first ? [first] : []), ...parts.filter((part) => part !== first)];
  const clauses = ordered.map((part, index) => {
    const place = parts.length === 2 && index === 1 && first ? oppositePlace(part, first) : placeOf(part);
    if (part.sign === 0) return `${place} ${index === 0 ? `${a.arm} and ${b.arm} are` : 'the two are'} level`;
    const [leader, follower] = part.sign === 1 ? [a, b] : [b, a];
    return index === 0
      ? `${leader.arm} leads ${follower.arm} ${place} ${byOf(part)}`
      : `${place} ${leader.arm} leads ${byOf(part)}`;
  });
  return `${opening}${clauses.join('; ')}.`;
}

/** `from 67.2 % to 98.2 % sparsity`, or `at 67.2 % sparsity`. */
function placeOf({ rounds }: Stretch): string {
  const first = rounds[0]?.sparsity ?? 0;
  const last = rounds.at(-1)?.sparsity ?? 0;
  if (rounds.length === 1) return `at ${sparsityPercent(first)} sparsity`;
  return `from ${sparsityPercent(first)} to ${sparsityPercent(last)} sparsity`;
}

/** Where there are two stretches, the second is simply below or above the first. */
function oppositePlace(part: Stretch, first: Stretch): string {
  const start = first.rounds[0]?.sparsity ?? 0;
  if ((part.rounds[0]?.sparsity ?? 0) < start) return `below ${sparsityPercent(start)}`;
  return `above ${sparsityPercent(first.rounds.at(-1)?.sparsity ?? 0)}`;
}

/** `by 0.8 points on average (largest 1.6 at 94.5 %)`. */
function byOf({ rounds }: Stretch): string {
  const average = meanPoints(rounds);
  if (rounds.length === 1) return `by ${points(average)}`;
  const largest = rounds.reduce((best, next) =>
    Math.abs(next.points) > Math.abs(best.points) ? next : best,
  );
  const most = fixed(Math.abs(largest.points), 1);
  const where =
    most === fixed(Math.abs(average), 1) ? '' : ` (largest ${most} at ${sparsityPercent(largest.sparsity)})`;
  return `by ${points(average)} on average${where}`;
}

/** `0.3 points above imp`, `level with imp`. */
function distance(difference: number, other: string): string {
  if (Math.abs(difference) < levelBelow) return `level with ${other}`;
  return `${points(difference)} ${difference > 0 ? 'above' : 'below'} ${other}`;
}

/** The arms that are left: a sentence each, or where they are many those that stand out. */
function rivalSentences(
  comparison: Comparison,
  rivals: readonly ComparedArm[],
  pair: { contender: ComparedArm; baseline: ComparedArm; from: number },
): string[] {
  if (rivals.length <= MOST) return rivals.map((rival) => againstSentence(comparison, rival, pair));
  const { baseline } = pair;
  const known = rivals
    .flatMap((rival) => {
      const found = averageOf(comparison, rival, baseline);
      return found && Number.isFinite(found.mean) ? [{ rival, points: found.mean }] : [];
    })
    .sort((a, b) => b.points - a.points);
  const told = (some: typeof known): string =>
    some
      .map(({ rival, points }) => {
        const several = networks(rival);
        const cost = several > 1 ? `, ${numberWord(several)} networks` : '';
        return `${rival.arm} (${signed(points / 100, 'accuracy')}${cost})`;
      })
      .join(', ');
  const sides = [
    { side: 'above', some: known.filter(({ points }) => points >= levelBelow).slice(0, FURTHEST) },
    {
      side: 'below',
      some: known
        .filter(({ points }) => points <= -levelBelow)
        .slice(-FURTHEST)
        .toReversed(),
    },
  ].filter(({ some }) => some.length > 0);
  if (sides.length === 0) return [];
  const clauses = sides.map(({ side, some }) => `furthest ${side} ${baseline.arm} ${told(some)}`);
  return [
    `Of ${rivals.length} other arms, in points and ${averagedOver(comparison).toLowerCase()}, ${clauses.join('; ')}.`,
  ];
}

/** Another arm: an ensemble against the contender (it costs more networks), anything else against the baseline. */
function againstSentence(
  comparison: Comparison,
  rival: ComparedArm,
  { contender, baseline, from }: { contender: ComparedArm; baseline: ComparedArm; from: number },
): string {
  const several = networks(rival);
  const other = several > 1 || rival.kind === 'swamp' ? contender : baseline;
  const which = several > 1 ? `, which runs ${numberWord(several)} networks,` : '';
  const known = averageOf(comparison, rival, other);
  if (known?.interval) return `${rival.arm}${which} is ${standing(comparison, known, other.arm)}.`;
  let compared = differences(rival, other, from);
  const start = compared.length > 0 ? from : 0;
  if (compared.length === 0) compared = differences(rival, other);
  if (compared.length === 0) return '';
  const range = start > 0 ? ` from ${sparsityPercent(start)} on` : '';
  return `${rival.arm}${which} is ${distance(meanPoints(compared), other.arm)} on average${range}.`;
}

/** What averaging the weights gains over the particles themselves. */
function averageSentence(comparison: Comparison, contender: ComparedArm, from: number): string[] {
  const gains = comparison.particles.find(({ arm }) => arm === contender.arm)?.overMean;
  if (contender.kind !== 'swamp' || !gains) return [];
  const opening = `The average of ${contender.arm}'s particles is`;
  const known = averaged(gains, 1);
  if (known?.interval) {
    return [`${opening} ${standing(comparison, known, 'the mean particle')}.`];
  }
  const rounds = gains.rounds.filter(({ sparsity }) => isFrom(sparsity, from));
  if (rounds.length === 0) return [];
  const gain = mean(rounds.map(({ test }) => 100 * test.mean.accuracy));
  const range = from > 0 ? ` from ${sparsityPercent(from)} on` : '';
  return [`${opening} ${distance(gain, 'the mean particle')}${range}.`];
}

/** A difference of test accuracy averaged over rounds, in points. */
interface Averaged {
  readonly mean: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly seeds: number;
}

function averaged({ average }: Differences, sign: 1 | -1): Averaged | null {
  if (!average) return null;
  const { mean, interval } = average.test;
  const ends = interval && [interval.low, interval.high].map(({ accuracy }) => sign * 100 * accuracy);
  return {
    mean: sign * 100 * mean.accuracy,
    interval: ends && { low: Math.min(...ends), high: Math.max(...ends) },
    seeds: average.seeds.length,
  };
}

/** Paired by seed, whichever way round the pair stands. */
function averageOf({ pairs }: Comparison, arm: ComparedArm, other: ComparedArm): Averaged | null {
  for (const pair of pairs) {
    if (pair.arm === arm.arm && pair.baseline === other.arm) return averaged(pair, 1);
    if (pair.arm === other.arm && pair.baseline === arm.arm) return averaged(pair, -1);
  }
  return null;
}

function averagedOver({ statistics }: Comparison): string {
  return `Averaged over the rounds from ${sparsityPercent(statistics.from)} sparsity on`;
}

/** `1.0 points above imp (95 % interval +0.61 to +1.43, three seeds)`, or that the interval does not tell. */
function standing(
  comparison: Pick<Comparison, 'statistics'>,
  { mean, interval, seeds }: Averaged,
  other: string,
): string {
  if (!interval) return `${distance(mean, other)} (one seed)`;
  const { low, high } = interval;
  const sign = (value: number): string => signed(value / 100, 'accuracy');
  const ends = `${confidenceText(comparison)} interval ${sign(low)} to ${sign(high)}, ${numberWord(seeds)} seeds`;
  return low <= 0 && high >= 0
    ? `level with ${other} within the interval (${sign(mean)} points, ${ends})`
    : `${distance(mean, other)} (${ends})`;
}

/** Most sentences about arms that are alike. */
const MOST = 6;
/** So many stand for many arms, at either end. */
const FURTHEST = 3;

/** The arms of several experiments, each against the baseline it can be compared with, the largest gain first. */
function acrossExperiments(comparison: Comparison): string[] {
  const known = comparison.pairs
    .filter((pair) => isWithBaseline(comparison, pair))
    .flatMap((pair) => {
      const found = averaged(pair, 1);
      return found ? [{ pair, found }] : [];
    })
    .sort((a, b) => b.found.mean - a.found.mean);
  const sentences = known.map(
    ({ pair, found }) => `${pair.arm} is ${standing(comparison, found, pair.baseline)}`,
  );
  const more = sentences.length - MOST;
  return [
    sentences.length > 0
      ? `${averagedOver(comparison)}, ${sentences.slice(0, MOST).join('; ')}${more > 0 ? `; ${more} more ${more === 1 ? 'is' : 'are'} in the table` : ''}.`
      : `No two arms have a round from ${sparsityPercent(comparison.statistics.from)} sparsity on, seed and data in common.`,
    ...caveats(comparison, null),
  ];
}

/** What the reader must know about the figures. */
function caveats(comparison: Comparison, pair: readonly [ComparedArm, ComparedArm] | null): string[] {
  const notes: string[] = [];
  const broken = comparison.arms.flatMap((arm) =>
    arm.rounds
      .filter((round) => !Number.isFinite(round.test.accuracy))
      .map((round) => `${arm.arm} at ${sparsityPercent(round.sparsity)}`),
  );
  if (broken.length > 0) notes.push(`Left out, as its accuracy is not a number: ${broken.join(', ')}.`);
  notes.push(...collapseSentences(comparison.arms));
  if (pair && pair[0].rounds.length !== pair[1].rounds.length) {
    const shared = pair[0].rounds.filter((round) => roundOf(pair[1], round.round)).length;
    notes.push(`Compared over the ${shared} ${shared === 1 ? 'round' : 'rounds'} both have.`);
  }
  if (!comparison.complete) notes.push('Rounds are still missing.');
  const seeds = seedsOf(comparison).length;
  if (seeds > 1) notes.push(`Means over ${numberWord(seeds)} seeds.`);
  else if (pair) notes.push('One seed: there is no interval, and a few tenths of a point may be chance.');
  return notes;
}

/** A comparison of one. */
function alone(arm: ComparedArm): string {
  const finite = arm.rounds.filter((round) => Number.isFinite(round.test.accuracy));
  const at = (round: (typeof finite)[number]): string =>
    `${percent(round.test.accuracy)} at ${sparsityPercent(round.sparsity)} sparsity`;
  const [first, last] = [finite[0], finite.at(-1)];
  if (!first || !last) return `${arm.arm} has no finite test accuracy.`;
  if (first === last) return `${arm.arm} reaches ${at(first)}; there is nothing to compare it with.`;
  const best = finite.reduce((a, b) => (b.test.accuracy > a.test.accuracy ? b : a));
  const peak = best === first || best === last ? '' : `, best ${at(best)}`;
  return `${arm.arm} goes from ${at(first)} to ${at(last)}${peak}; there is nothing to compare it with.`;
}

/** Rounds both have, in order, where both are finite. */
function differences(a: ComparedArm, b: ComparedArm, fromSparsity = 0): Difference[] {
  return [...a.rounds]
    .sort((x, y) => x.round - y.round)
    .filter((round) => isFrom(round.sparsity, fromSparsity))
    .flatMap((round) => {
      const other = roundOf(b, round.round);
      if (other === undefined) return [];
      const difference = 100 * (round.test.accuracy - other.test.accuracy);
      return Number.isFinite(difference)
        ? [{ round: round.round, sparsity: round.sparsity, points: difference }]
        : [];
    });
}

function meanPoints(compared: readonly Difference[]): number {
  return mean(compared.map((difference) => difference.points));
}

/** Group rounds by leader. A level round between two with the same leader counts to them. */
function stretches(compared: readonly Difference[]): Stretch[] {
  const signs = compared.map(({ points }): -1 | 0 | 1 =>
    Math.abs(points) < levelBelow ? 0 : points > 0 ? 1 : -1,
  );
  const settled = signs.map((sign, index) => {
    if (sign !== 0) return sign;
    const before = signs.slice(0, index).findLast((other) => other !== 0);
    const after = signs.slice(index + 1).find((other) => other !== 0);
    return before !== undefined && before === after ? before : 0;
  });
  const result: { sign: -1 | 0 | 1; rounds: Difference[] }[] = [];
  compared.forEach((difference, index) => {
    const sign = settled[index] ?? 0;
    const current = result.at(-1);
    if (current?.sign === sign) current.rounds.push(difference);
    else result.push({ sign, rounds: [difference] });
  });
  return result;
}
