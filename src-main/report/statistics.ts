import type {
  Comparison,
  ComparedPair,
  Difference,
  Differences,
  SmallNetwork,
  SmallestOfArm,
  Spread,
} from '../contract/compare.ts';
import { isEnsemble } from '../statistics/arms.ts';
import { baselineOf } from '../statistics/pairs.ts';
import { count, fixed, flops, missing, sparsityDigits, sparsityPercent } from './format.ts';
import { plain, type Grid } from './grid.ts';
import { metricStyle, type Metric, type Split } from './select.ts';
import { legible, roundColumns } from './table.ts';

/** With more arms than this, a table shows the pairs with a baseline only. */
const SHOW_EVERY_PAIR_UP_TO = 4;

/** `test accuracy, in percentage points`. */
function what(metric: Metric, split: Split): string {
  const unit = metric === 'nll' ? 'nats' : 'percentage points';
  return `${split} ${metricStyle[metric].name}, in ${unit}`;
}

/** A difference with its sign: `+1.00`, `−0.72`. */
export function signed(value: number, metric: Metric): string {
  const { factor, digits } = metricStyle[metric];
  const text = fixed(Math.abs(value * factor), digits);
  return Number(text) === 0 ? text : `${value > 0 ? '+' : '−'}${text}`;
}

/** `95 %` */
export function confidenceText({ statistics }: Pick<Comparison, 'statistics'>): string {
  return `${Number((100 * statistics.confidence).toPrecision(6))} %`;
}

/** `+0.61 to +1.43`; missing with one seed. */
function intervalText({ interval }: Spread, metric: Metric): string {
  return interval
    ? `${signed(interval.low[metric], metric)} to ${signed(interval.high[metric], metric)}`
    : missing;
}

/** Pairs that people are shown: every one of few arms or where asked for, else those with a baseline. */
function shownPairs(comparison: Comparison, every = false): ComparedPair[] {
  const { arms, pairs, statistics } = comparison;
  if (every || statistics.everyPair || arms.length <= SHOW_EVERY_PAIR_UP_TO) return pairs;
  return pairs.filter((pair) => isWithBaseline(comparison, pair));
}

/** With the baseline, or what stands for it in the arm's own experiment. */
export function isWithBaseline({ arms, statistics }: Comparison, pair: ComparedPair): boolean {
  if (pair.baseline === statistics.baseline) return true;
  const arm = arms.find((each) => each.arm === pair.arm);
  return arm !== undefined && baselineOf(arms, statistics.baseline, arm)?.arm === pair.baseline;
}

/** Something that is compared seed by seed. */
export interface ComparedThing {
  readonly name: string;
  /** The arm it is about. */
  readonly arm: string;
  readonly differences: Differences;
}

/** Names and values of everything that is compared seed by seed. */
export function comparedThings(comparison: Comparison, every = false): ComparedThing[] {
  const pairs = shownPairs(comparison, every).map((pair) => ({
    name: `${pair.arm} − ${pair.baseline}`,
    arm: pair.arm,
    differences: pair,
  }));
  const own = comparison.particles.flatMap(({ arm, overMean, overBest, ensembleOver }) => {
    const ensemble = comparison.arms.some((other) => other.arm === arm && isEnsemble(other));
    const [stands, one] = ensemble ? ['ensemble', 'member'] : ['average', 'particle'];
    return [
      { name: `${arm}: ${stands} − mean ${one}`, arm, differences: overMean },
      ...(overBest ? [{ name: `${arm}: ${stands} − best ${one}`, arm, differences: overBest }] : []),
      ...(ensembleOver ? [{ name: `${arm}: ensemble − average`, arm, differences: ensembleOver }] : []),
    ];
  });
  return [...pairs, ...own];
}

/** Differences averaged over the rounds from a sparsity on, a row each; `null` where no such round is finished. */
export function averagedDifferences(
  comparison: Comparison,
  metric: Metric = 'accuracy',
  split: Split = 'test',
): Grid | null {
  const rows = comparedThings(comparison).flatMap(({ name, differences: { average } }) => {
    const spread = average?.[split];
    return average && spread ? [{ name, average, spread }] : [];
  });
  if (rows.length === 0) return null;
  const several = rows.some(({ average }) => average.seeds.length > 1);
  const best = rows.some(({ name }) => name.includes('− best '));
  const leftOut = [...new Set(rows.flatMap(({ average }) => average.leftOut))].sort((a, b) => a - b);
  return {
    caption: [
      `Differences of ${what(metric, split)}, averaged over the rounds from ${sparsityPercent(comparison.statistics.from)} sparsity on.`,
      intervalCaption(comparison, several),
      ...(best ? ['The best particle or member is chosen by validation accuracy.'] : []),
      ...(leftOut.length > 0
        ? [`Left out, as they lack a round or it is not finite: ${seedWords(leftOut)}.`]
        : []),
      ...unpairedCaption(comparison),
    ],
    leading: ['difference'],
    heads: several ? ['mean', 'deviation', `${confidenceText(comparison)} interval`, 'seeds'] : ['mean'],
    rows: rows.map(({ name, average, spread }) => ({
      leading: [name],
      cells: [
        plain(signed(spread.mean[metric], metric)),
        ...(several
          ? [
              plain(spread.deviation ? magnitude(spread.deviation[metric], metric) : missing),
              plain(intervalText(spread, metric)),
              plain(String(average.seeds.length)),
            ]
          : []),
      ],
    })),
    named: true,
  };
}

function seedWords(seeds: readonly number[]): string {
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
}

function magnitude(value: number, metric: Metric): string {
  const { factor, digits } = metricStyle[metric];
  return fixed(value * factor, digits);
}

function intervalCaption(comparison: Comparison, several: boolean): string {
  return several
    ? `Paired by seed: mean, standard deviation (n−1) and ${confidenceText(comparison)} interval of the mean by Student's t. An interval that contains 0 tells no difference.`
    : 'One seed: there is no interval, and a few tenths of a point may be chance.';
}

function unpairedCaption({ statistics: { unpaired } }: Comparison): string[] {
  const byReason = Map.groupBy(unpaired, ({ reason }) => reason);
  return [...byReason].map(
    ([reason, those]) =>
      `Not compared, as ${reason}: ${those.map(({ arm, baseline }) => `${arm} with ${baseline}`).join('; ')}.`,
  );
}

/** Differences from the baseline round by round, a column an arm; `null` where there is no pair with it. */
export function differencesByRound(
  comparison: Comparison,
  metric: Metric = 'accuracy',
  split: Split = 'test',
): Grid | null {
  const { baseline } = comparison.statistics;
  const pairs = comparison.pairs.filter((pair) => isWithBaseline(comparison, pair) && pair.rounds.length > 0);
  if (pairs.length === 0) return null;
  const several = pairs.some(({ rounds }) => rounds.some(({ seeds }) => seeds.length > 1));
  const rounds = roundColumns(comparison);
  const one = pairs.every((pair) => pair.baseline === baseline);
  return legible(comparison, {
    caption: [
      `Differences of ${what(metric, split)}, round by round${one ? `, from ${baseline ?? ''}` : ''}.`,
      intervalCaption(comparison, several),
    ],
    leading: rounds.leading,
    heads: pairs.map((pair) => (one ? pair.arm : `${pair.arm} − ${pair.baseline}`)),
    rows: rounds.rows.flatMap((row) => {
      const cells = pairs.map((pair) => {
        const arm = comparison.arms.find((each) => each.arm === pair.arm);
        const own = arm && row.of(arm);
        return cellText(own && pair.rounds.find(({ round }) => round === own.round), metric, split);
      });
      if (cells.every((text) => text === missing)) return [];
      return [{ leading: rounds.leadingOf(row), cells: cells.map(plain) }];
    }),
  });
}

/** `+1.02 [+0.61, +1.43]` */
function cellText(difference: Difference | undefined, metric: Metric, split: Split): string {
  const spread = difference?.[split];
  if (!spread) return missing;
  const mean = signed(spread.mean[metric], metric);
  const { interval } = spread;
  return interval
    ? `${mean} [${signed(interval.low[metric], metric)}, ${signed(interval.high[metric], metric)}]`
    : mean;
}

/** The smallest network of each arm that is about as good as the dense one; `null` where none can be chosen. */
export function smallestTable({ smallest }: Comparison): Grid | null {
  if (smallest.refused !== null || smallest.arms.length === 0) return null;
  const seeds = new Set(smallest.arms.flatMap((arm) => arm.seeds.map(({ seed }) => seed)));
  const references = [...new Set(smallest.arms.flatMap(({ dense }) => dense?.arm ?? []))];
  const several = seeds.size > 1;
  return {
    caption: [
      `The sparsest round within ${pointWords(smallest.within)} of the dense network's validation accuracy${several ? ', by means over seeds' : ''}; the test accuracy had no part in the choice.`,
      `Dense is round 0 of ${references.length > 1 ? 'an arm of the same experiment: ' : ''}${references.join(', ')}.`,
      ...smallest.arms.flatMap(failedSentence),
      'Ensembles count all their networks.',
    ],
    leading: ['arm'],
    heads: [
      'round',
      'sparsity %',
      'weights left',
      'inference',
      'dense validation %',
      'validation %',
      'test %',
      ...(several ? ['round by seed'] : []),
      'to export',
    ],
    rows: smallest.arms.map((arm) => ({
      leading: [arm.arm],
      cells: smallCells(arm, several).map(plain),
    })),
    named: true,
  };
}

function pointWords(within: number): string {
  return `${within} ${within === 1 ? 'point' : 'points'}`;
}

function failedSentence({ arm, overSeeds }: SmallestOfArm): string[] {
  const failed = overSeeds?.failedBefore ?? [];
  if (!overSeeds || failed.length === 0) return [];
  const rounds = `${failed.length === 1 ? 'round' : 'rounds'} ${failed.join(', ')}`;
  return [`${arm} was further below in ${rounds}.`];
}

function smallCells({ dense, overSeeds: found, seeds }: SmallestOfArm, several: boolean): string[] {
  const bySeed = seeds.map(({ seed, network }) => `${seed}: ${network ? network.round : missing}`);
  const figures = found
    ? [
        String(found.round),
        fixed(100 * found.sparsity, sparsityDigits(found.sparsity)),
        count(found.weights),
        flops(found.inferenceFlops),
        dense ? fixed(100 * dense.validation.accuracy, 2) : missing,
        fixed(100 * found.validation.accuracy, 2),
        fixed(100 * found.test.accuracy, 2),
      ]
    : Array.from({ length: 7 }, () => missing);
  return [...figures, ...(several ? [bySeed.join(', ')] : []), found ? exportWords(found) : missing];
}

/** What `swamp export` takes. */
function exportWords({ run, round, networks }: SmallNetwork): string {
  const member = networks > 1 ? ` --member 0 … ${networks - 1}` : '';
  return `${run} --round ${round}${member}`;
}

/** Why no smallest network is shown. */
export function refusedSentence({ smallest }: Comparison): string[] {
  return smallest.refused === null
    ? []
    : [`No smallest network within ${pointWords(smallest.within)} of dense is chosen: ${smallest.refused}.`];
}

/** Why no averaged differences are shown, where there is something to compare. */
export function notAveragedSentence(comparison: Comparison): string[] {
  const { arms, statistics } = comparison;
  if (arms.length < 2 || comparison.pairs.length === 0) return [];
  if (comparedThings(comparison).some(({ differences }) => differences.average !== null)) return [];
  return [
    `No two arms have a round from ${sparsityPercent(statistics.from)} sparsity on, so that no differences are averaged (--from sets where they begin).`,
  ];
}

/** The settings that differ between experiments, a row an experiment; `null` where one is compared. */
export function settingsTable({ experiments }: Comparison): Grid | null {
  if (!experiments) return null;
  const paths = Object.keys(experiments[0]?.settings ?? {});
  return {
    caption: [
      paths.length > 0
        ? 'Settings that differ.'
        : 'No setting differs; what is left is the engine or the data.',
    ],
    leading: ['experiment'],
    heads: paths,
    rows: experiments.map(({ experiment, settings }) => ({
      leading: [experiment],
      cells: paths.map((path) => plain(settings[path] ?? missing)),
    })),
    named: true,
  };
}
