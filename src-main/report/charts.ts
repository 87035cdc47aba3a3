import { mean } from '../contract/statistics.ts';
import type { ComparedArm, ComparedRound, ComparedSeed, Comparison } from '../contract/compare.ts';
import { networks } from '../statistics/arms.ts';
import {
  axisDigits,
  axisName,
  finite,
  horizontal,
  range,
  sparsityLabel,
  xAxisBase,
  type Scale,
  type XAxis,
} from './axes.ts';
import { bandWidth, type Band } from './bands.ts';
import { fixed } from './format.ts';
import { armSymbols, type Palette } from './palette.ts';
import {
  denseRound,
  hasParticles,
  metricStyle,
  particleValues,
  shownMean,
  type Metric,
  type Split,
} from './select.ts';

export interface ChartChoice {
  readonly metric?: Metric;
  readonly split?: Split;
  readonly x?: XAxis;
  readonly scale?: Scale;
  /** Default: the deviation. Nothing is drawn over a single seed. */
  readonly band?: Band;
  /** Labels of arms that are not drawn; axes fit what is. */
  readonly hidden?: ReadonlySet<string>;
}

/**
 * An ECharts option without functions, so that it can be written into a page. Series have the ids `line:A`,
 * `low:A`, `band:A`, `particles:A`, `mean:A`, `ensemble:A`, A being the arm's place in the comparison; point i of `line:A`
 * is round i of that arm.
 */
export interface ChartOption {
  readonly [key: string]: unknown;
  readonly xAxis: Readonly<Record<string, unknown>>;
  readonly yAxis: { readonly interval: number; readonly axisLabel: object; readonly [key: string]: unknown };
  readonly grid: { readonly right: number; readonly [key: string]: unknown };
  readonly series: readonly Readonly<Record<string, unknown>>[];
}

export const fontFamily =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif";

/** Which figures are drawn, every choice made. */
interface View {
  readonly metric: Metric;
  readonly split: Split;
  readonly band: Band;
  readonly confidence: number;
}

function viewOf({ statistics }: Comparison, choice: ChartChoice): View {
  const { metric = 'accuracy', split = 'test', band = 'deviation' } = choice;
  return { metric, split, band, confidence: statistics.confidence };
}

type Point = readonly [number, number | null];

/** Words for a horizontal axis in a title: `against sparsity`. */
export const against: Readonly<Record<XAxis, string>> = {
  remaining: 'against sparsity',
  inference: 'against inference cost',
  training: 'against training cost',
};

/** Every arm against what is left of the weights, or against cost. */
export function comparisonChart(
  comparison: Comparison,
  palette: Palette,
  choice: ChartChoice = {},
): ChartOption {
  const { x = 'remaining', scale = 'log' } = choice;
  const view = viewOf(comparison, choice);
  const { metric, split } = view;
  const axis = horizontal(comparison, x, palette);
  const dense = denseRound(comparison);
  const denseValue = dense ? finite(shownMean(dense, split, metric)) : null;
  const shownArms = comparison.arms
    .map((arm, index) => ({ arm, index }))
    .filter(({ arm }) => arm.kind !== 'dense' && !choice.hidden?.has(arm.arm));
  const values = [
    ...extremes(
      shownArms.map(({ arm }) => arm),
      view,
      false,
    ),
    ...(denseValue === null ? [] : [denseValue]),
  ];
  return {
    ...frame(palette, axisWords(metric, split), range(values), [
      ...shownArms.map(({ arm }) => arm.arm),
      'dense 00.00',
    ]),
    xAxis: { ...xAxisBase(palette, axisName(comparison, x, axis.unit)), ...axis[scale] },
    series: [
      ...shownArms.flatMap(({ arm, index }) => bandSeries(arm, index, palette, view, axis.of)),
      ...shownArms.map(({ arm, index }) => ({
        ...lineSeries(arm, index, palette, line(arm, split, metric, axis.of), axis[scale].inverse),
        lineStyle: { width: 2, type: networks(arm) > 1 ? 'dashed' : 'solid' },
      })),
      ...(denseValue === null ? [] : [denseLine(denseValue, metric, palette, axis[scale])]),
    ],
  };
}

/** The option with the texts of its axes, which need functions: a chart that is drawn at once. */
export function dressed(option: ChartOption, x: XAxis = 'remaining'): ChartOption {
  const { xAxis, yAxis } = option;
  const digits = axisDigits(yAxis.interval);
  return {
    ...option,
    xAxis:
      x === 'remaining'
        ? { ...xAxis, axisLabel: { ...(xAxis['axisLabel'] as object), formatter: sparsityLabel } }
        : xAxis,
    yAxis: {
      ...yAxis,
      axisLabel: { ...yAxis.axisLabel, formatter: (value: number) => fixed(value, digits) },
    },
  };
}

/** One arm: the average of its weights (or its ensemble) against its particles and their ensemble. */
export function particlesChart(
  comparison: Comparison,
  armName: string,
  palette: Palette,
  choice: Omit<ChartChoice, 'x'> = {},
): ChartOption {
  const { scale = 'log' } = choice;
  const view = viewOf(comparison, choice);
  const { metric, split } = view;
  const index = comparison.arms.findIndex((arm) => arm.arm === armName);
  const arm = comparison.arms[index];
  const axis = horizontal(comparison, 'remaining', palette);
  if (arm === undefined) return { ...frame(palette, '', range([]), []), xAxis: {}, series: [] };
  const { inverse } = axis[scale];
  const colour = palette.arms[index] ?? palette.text;
  const isEnsemble = networks(arm) > 1;
  /** Mean over seeds of something a seed has, by round. */
  const over = (value: (seed: ComparedSeed) => number | null): Point[] =>
    trimmed(
      arm.rounds.map((round) => {
        const found = round.seeds.map(value).filter((one): one is number => one !== null);
        return [axis.of(round), found.length === 0 ? null : finite(mean(found))];
      }),
    );
  const several = (seed: ComparedSeed): number[] | null => {
    const { particles } = particleValues(seed, split, metric);
    return particles.length > 1 ? particles : null;
  };
  const thin = (
    id: string,
    name: string,
    data: Point[],
    type: unknown,
  ): Readonly<Record<string, unknown>> => ({
    id: `${id}:${index}`,
    name,
    type: 'line',
    data,
    symbol: 'none',
    lineStyle: { width: 1.5, type, color: palette.quiet },
    itemStyle: { color: palette.quiet },
    ...endLabel(palette, palette.quiet, inverse, 400),
    z: 3,
  });
  const ensembles = isEnsemble ? [] : over((seed) => particleValues(seed, split, metric).ensemble);
  const words = isEnsemble
    ? ['members', 'mean member', 'ensemble']
    : ['particles', 'mean particle', 'average'];
  // All such charts of a comparison share their range: they stand side by side.
  const values = extremes(comparison.arms.filter(hasParticles), view, true);
  return {
    ...frame(palette, axisWords(metric, split), range(values), words),
    xAxis: { ...xAxisBase(palette, axisName(comparison, 'remaining', axis.unit)), ...axis[scale] },
    series: [
      ...bandSeries(arm, index, palette, view, axis.of),
      {
        id: `particles:${index}`,
        name: words[0],
        type: 'scatter',
        data: arm.rounds.flatMap((round) =>
          round.seeds
            .flatMap((seed) => several(seed) ?? [])
            .map((value): Point => [axis.of(round), finite(value)]),
        ),
        symbol: 'circle',
        symbolSize: 6,
        itemStyle: { color: colour, opacity: 0.4 },
        z: 2,
      },
      thin(
        'mean',
        words[1] ?? '',
        over((seed) => meanOf(several(seed))),
        [1, 3],
      ),
      ...(ensembles.length === 0 ? [] : [thin('ensemble', 'ensemble', ensembles, 'dashed')]),
      lineSeries(arm, index, palette, line(arm, split, metric, axis.of), inverse, words[2]),
    ],
  };
}

function meanOf(values: readonly number[] | null): number | null {
  return values === null ? null : mean(values);
}

/** Without missing values at the end, where the name of a line is to stand. */
function trimmed(data: Point[]): Point[] {
  return data.slice(0, data.findLastIndex(([, value]) => value !== null) + 1);
}

function line(
  arm: ComparedArm,
  split: Split,
  metric: Metric,
  xOf: (round: ComparedRound) => number,
): Point[] {
  return trimmed(arm.rounds.map((round) => [xOf(round), finite(shownMean(round, split, metric))]));
}

function lineSeries(
  arm: ComparedArm,
  index: number,
  palette: Palette,
  data: readonly Point[],
  inverse: boolean,
  name: string = arm.arm,
): Readonly<Record<string, unknown>> {
  const colour = palette.arms[index] ?? palette.text;
  return {
    id: `line:${index}`,
    name,
    type: 'line',
    data,
    symbol: armSymbols[index % armSymbols.length],
    symbolSize: 7,
    showAllSymbol: true,
    lineStyle: { width: 2 },
    itemStyle: { color: colour },
    ...endLabel(palette, colour, inverse),
    emphasis: { focus: 'none', scale: 1.3 },
    z: 4,
  };
}

/** The name right of a line's last point; names move apart where they would meet. */
export function endLabel(
  palette: Palette,
  colour: string,
  inverse: boolean,
  fontWeight = 600,
): Readonly<Record<string, unknown>> {
  return {
    endLabel: {
      show: true,
      // On a falling axis ECharts would put it left of the point, on the line.
      align: 'left',
      distance: inverse ? -8 : 8,
      formatter: '{a}',
      color: colour,
      fontSize: 12,
      fontWeight,
      lineHeight: 16,
      textBorderColor: palette.background,
      textBorderWidth: 3,
    },
    labelLayout: { moveOverlap: 'shiftY' },
  };
}

/** Mean ± deviation or interval over seeds: an invisible line at the lower edge and a filled one stacked on it. */
function bandSeries(
  arm: ComparedArm,
  index: number,
  palette: Palette,
  view: View,
  xOf: (round: ComparedRound) => number,
): Readonly<Record<string, unknown>>[] {
  const edges = arm.rounds.map((round) => {
    const centre = finite(shownMean(round, view.split, view.metric));
    const spread = finite(bandWidth(round, view));
    return {
      x: xOf(round),
      low: centre === null || spread === null ? null : finite(centre - spread),
      spread,
    };
  });
  if (edges.every(({ low }) => low === null)) return [];
  const common = {
    name: arm.arm,
    type: 'line',
    symbol: 'none',
    silent: true,
    stack: `band:${index}`,
    stackStrategy: 'all',
    lineStyle: { opacity: 0 },
    z: 1,
  };
  return [
    { ...common, id: `low:${index}`, data: edges.map(({ x, low }): Point => [x, low]) },
    {
      ...common,
      id: `band:${index}`,
      data: edges.map(({ x, low, spread }): Point => [
        x,
        low === null || spread === null ? null : finite(2 * spread),
      ]),
      areaStyle: { color: palette.arms[index], opacity: 0.16 },
    },
  ];
}

/** Across the whole chart: what pruning is measured against. */
function denseLine(
  value: number,
  metric: Metric,
  palette: Palette,
  ends: { readonly min: number; readonly max: number; readonly inverse: boolean },
): Readonly<Record<string, unknown>> {
  const style = metricStyle[metric];
  return {
    id: 'dense',
    name: `dense ${fixed(value, style.digits)}`,
    type: 'line',
    // From left to right on either axis: the label goes to the last.
    data: ends.inverse
      ? [
          [ends.max, value],
          [ends.min, value],
        ]
      : [
          [ends.min, value],
          [ends.max, value],
        ],
    ...endLabel(palette, palette.quiet, ends.inverse, 400),
    silent: true,
    symbolSize: 0,
    symbol: 'circle',
    itemStyle: { color: palette.quiet },
    lineStyle: { color: palette.quiet, type: [2, 4], width: 1 },
    z: 0,
  };
}

/** Pixels right of the chart for the names of the lines, in semi-bold 12 px. */
function nameRoom(names: readonly string[]): number {
  const longest = Math.max(0, ...names.map((name) => name.length));
  return Math.min(240, Math.max(64, 22 + 7.2 * longest));
}

function frame(
  palette: Palette,
  yName: string,
  y: { readonly min: number; readonly max: number; readonly interval: number },
  names: readonly string[],
): Omit<ChartOption, 'xAxis' | 'series'> & Pick<ChartOption, 'yAxis' | 'grid'> {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily, color: palette.text },
    // Kept although never seen: toggling an arm goes through it.
    legend: { show: false },
    grid: { left: 52, right: nameRoom(names), top: 34, bottom: 48, outerBoundsMode: 'none' },
    yAxis: {
      type: 'value',
      name: yName,
      nameLocation: 'end',
      nameGap: 14,
      nameTextStyle: { color: palette.quiet, fontSize: 12, align: 'left', padding: [0, 0, 0, -44] },
      ...y,
      axisLine: { show: false, onZero: false },
      axisTick: { show: false },
      axisLabel: { color: palette.quiet, fontSize: 11, showMinLabel: true, showMaxLabel: true },
      splitLine: { lineStyle: { color: palette.line, width: 1 } },
    },
  };
}

function axisWords(metric: Metric, split: Split): string {
  const style = metricStyle[metric];
  return `${split === 'test' ? 'Test' : 'Validation'} ${style.name},${style.unit}`;
}

/** Everything a chart may show of these arms: means with their bands, and particles and their ensembles. */
function extremes(arms: readonly ComparedArm[], view: View, withParticles: boolean): number[] {
  const { split, metric } = view;
  return arms
    .flatMap((arm) => arm.rounds)
    .flatMap((round) => {
      const centre = shownMean(round, split, metric);
      const spread = bandWidth(round, view) ?? 0;
      if (centre === null) return [];
      return [centre - spread, centre + spread, ...(withParticles ? particlesOf(round, split, metric) : [])];
    })
    .filter(Number.isFinite);
}

function particlesOf(round: ComparedRound, split: Split, metric: Metric): number[] {
  return round.seeds.flatMap((seed) => {
    const { particles, ensemble } = particleValues(seed, split, metric);
    return ensemble === null ? particles : [...particles, ensemble];
  });
}
