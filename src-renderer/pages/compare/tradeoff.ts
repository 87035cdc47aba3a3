import type { ComparedArm, ComparedRound, Comparison } from '../../../src-main/contract/compare.ts';
import { axisDigits, range, tidy } from '../../../src-main/report/axes.ts';
import { fontFamily } from '../../../src-main/report/charts.ts';
import { front, type Placed } from '../../../src-main/report/figures/front.ts';
import { count, fixed, flopUnit, flops } from '../../../src-main/report/format.ts';
import { armSymbols, type Palette } from '../../../src-main/report/palette.ts';
import { metricStyle, shown, shownMean } from '../../../src-main/report/select.ts';
import { networks } from '../../../src-main/statistics/arms.ts';
import { weightsOf } from '../../../src-main/statistics/smallest.ts';
import type { Option } from '../../charts/echarts.ts';
import { tip, tooltipFrame } from '../../charts/tooltip.ts';
import { figure, roundWords, type View } from './tips.ts';

/** What a network costs. */
export type Cost = 'weights' | 'inference' | 'training';
export const costs: readonly Cost[] = ['weights', 'inference', 'training'];

export interface TradeChoice extends View {
  readonly cost: Cost;
  readonly hidden: ReadonlySet<string>;
}

/** What is paid, and what it gives. */
interface Point extends Placed {
  readonly arm: number;
  readonly index: number;
}

function costOf(comparison: Comparison, arm: ComparedArm, round: ComparedRound, cost: Cost): number {
  switch (cost) {
    case 'weights':
      return networks(arm) * Math.round(round.remaining * weightsOf(comparison, arm));
    case 'inference':
      return round.inferenceFlops;
    case 'training':
      return round.trainingFlops;
  }
}

/** Means over seeds of every arm and round that is drawn. */
function pointsOf(comparison: Comparison, { metric, split, cost, hidden }: TradeChoice): Point[] {
  return comparison.arms.flatMap((arm, at) =>
    hidden.has(arm.arm)
      ? []
      : arm.rounds.flatMap((round, index) => {
          const value = shownMean(round, split, metric);
          const paid = costOf(comparison, arm, round, cost);
          return value !== null && Number.isFinite(value) && paid > 0
            ? [{ arm: at, index, x: paid, y: value }]
            : [];
        }),
  );
}

const axisWords: Readonly<Record<Cost, (unit: string) => string>> = {
  weights: () => 'Weights left (ensembles in full)',
  inference: (unit) => `Inference, ${unit} an image (pruned weights are free, ensembles in full)`,
  training: (unit) => `Training up to the round, ${unit} (dense count)`,
};

/** Every arm and round by what it costs and what it gives; a line along those that no other beats. */
export function tradeoffOption(comparison: Comparison, palette: Palette, choice: TradeChoice): Option {
  const { metric, split, cost } = choice;
  const style = metricStyle[metric];
  const points = pointsOf(comparison, choice);
  const unit =
    cost === 'weights' ? { name: '', size: 1 } : flopUnit(Math.max(1, ...points.map(({ x }) => x)));
  const at = (value: number): number => tidy(value / unit.size);
  const ends = front(points, style.better === 'higher' ? 'more' : 'less');
  const paid = points.map(({ x }) => at(x));
  const y = range(points.map((p) => p.y));
  const digits = axisDigits(y.interval);
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily, color: palette.text },
    grid: { left: 52, right: 20, top: 34, bottom: 48, outerBoundsMode: 'none' },
    xAxis: {
      type: 'log',
      name: axisWords[cost](unit.name),
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: { color: palette.quiet, fontSize: 12 },
      ...(paid.length > 0
        ? { min: tidy(Math.min(...paid) * 0.85), max: tidy(Math.max(...paid) * 1.15) }
        : {}),
      axisLine: { show: true, onZero: false, lineStyle: { color: palette.line } },
      axisLabel: {
        ...marks(paid),
        color: palette.quiet,
        fontSize: 11,
        hideOverlap: true,
        formatter: (value: number) => (cost === 'weights' ? count(value) : String(tidy(value))),
      },
      axisTick: { ...marks(paid), length: 4, lineStyle: { color: palette.line } },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      ...y,
      name: `${split === 'test' ? 'Test' : 'Validation'} ${style.name},${style.unit}`,
      nameLocation: 'end',
      nameGap: 14,
      nameTextStyle: { color: palette.quiet, fontSize: 12, align: 'left', padding: [0, 0, 0, -44] },
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: palette.quiet, fontSize: 11, formatter: (value: number) => fixed(value, digits) },
      splitLine: { lineStyle: { color: palette.line } },
    },
    tooltip: {
      ...tooltipFrame,
      trigger: 'item',
      formatter: ({ data }: { readonly data?: { readonly point?: Point } }) =>
        data?.point ? pointTip(comparison, palette, data.point, choice) : '',
    },
    series: [
      {
        id: 'front',
        name: 'best for its cost',
        type: 'line',
        silent: true,
        symbol: 'none',
        data: ends.map((p) => [at(p.x), p.y]),
        lineStyle: { color: palette.quiet, width: 1, type: [2, 3] },
        z: 1,
      },
      ...comparison.arms.flatMap((arm, index) =>
        armSeries(
          points.filter((point) => point.arm === index),
          {
            name: arm.arm,
            index,
            colour: palette.arms[index] ?? palette.text,
            at,
            best: new Set(ends),
          },
        ),
      ),
    ],
  };
}

function armSeries(
  points: readonly Point[],
  arm: {
    readonly name: string;
    readonly index: number;
    readonly colour: string;
    readonly at: (cost: number) => number;
    readonly best: ReadonlySet<Point>;
  },
): Option[] {
  if (points.length === 0) return [];
  return [
    {
      id: `point:${arm.index}`,
      name: arm.name,
      type: 'scatter',
      symbol: armSymbols[arm.index % armSymbols.length],
      symbolSize: 8,
      itemStyle: { color: arm.colour },
      data: points.map((point) => ({
        value: [arm.at(point.x), point.y],
        point,
        itemStyle: { opacity: arm.best.has(point) ? 1 : 0.4 },
      })),
      emphasis: { focus: 'series', scale: 1.4, itemStyle: { opacity: 1 } },
      blur: { itemStyle: { opacity: 0.12 } },
      z: 3,
    },
  ];
}

/** 1, 2, 5, 10, … within the range of what is paid. */
function marks(values: readonly number[]): { customValues: number[] } | object {
  if (values.length === 0) return {};
  const [low, high] = [Math.min(...values) * 0.85, Math.max(...values) * 1.15];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of [1, 2, 5]) {
      const value = tidy(step * 10 ** power);
      if (value >= low && value <= high) found.push(value);
    }
  }
  return { customValues: found };
}

function pointTip(comparison: Comparison, palette: Palette, point: Point, view: View): HTMLElement | string {
  const arm = comparison.arms[point.arm];
  const round = arm?.rounds[point.index];
  if (!arm || !round) return '';
  const colour = palette.arms[point.arm];
  const { digits } = metricStyle[view.metric];
  return tip(roundWords(comparison, arm, round), [
    { label: arm.arm, value: figure(round, view), strong: true, ...(colour ? { colour } : {}) },
    ...(round.seeds.length > 1
      ? round.seeds.map((seed) => ({
          label: seed.run,
          value: fixed(shown(seed, view.split, view.metric) ?? NaN, digits),
        }))
      : []),
    { label: 'Inference', value: `${flops(round.inferenceFlops)} an image` },
    { label: 'Training so far', value: flops(round.trainingFlops) },
  ]);
}
