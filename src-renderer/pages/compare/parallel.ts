import type { Comparison } from '../../../src-main/contract/compare.ts';
import { fontFamily } from '../../../src-main/report/charts.ts';
import { fixed, flopUnit, sparsityPercent } from '../../../src-main/report/format.ts';
import type { Palette } from '../../../src-main/report/palette.ts';
import { metrics, metricStyle, type Split } from '../../../src-main/report/select.ts';
import type { Option } from '../../charts/echarts.ts';
import { tip, tooltipFrame } from '../../charts/tooltip.ts';
import type { RunResult } from './runs.ts';

/** One of the axes that runs cross. */
export interface Axis {
  readonly name: string;
  /** Names in order, of an axis that holds no numbers. */
  readonly names: readonly string[] | null;
  readonly of: (run: RunResult) => number | string | null;
  readonly text: (value: number) => string;
}

/** The settings that differ, the arm, and what came of it. Axes on which all runs agree are left out. */
export function parallelAxes(comparison: Comparison, runs: readonly RunResult[], split: Split): Axis[] {
  const all = [...settingAxes(comparison), ...ownAxes(runs), ...resultAxes(comparison, runs, split)];
  return all.filter((axis) => new Set(runs.map(axis.of).filter((value) => value !== null)).size > 1);
}

function settingAxes({ experiments = [] }: Comparison): Axis[] {
  const paths = Object.keys(experiments[0]?.settings ?? {}).filter(
    (path) => path !== 'arms' && path !== 'seeds',
  );
  return paths.map((path) => {
    const texts = new Map(experiments.map(({ experiment, settings }) => [experiment, settings[path] ?? '–']));
    const numbers = [...texts.values()].every((text) => text.trim() !== '' && Number.isFinite(Number(text)));
    return {
      name: path,
      names: numbers ? null : [...new Set(texts.values())],
      of: ({ experiment }) => {
        const text = texts.get(experiment) ?? null;
        return text !== null && numbers ? Number(text) : text;
      },
      text: String,
    };
  });
}

function ownAxes(runs: readonly RunResult[]): Axis[] {
  const names = (of: (run: RunResult) => string): string[] => [...new Set(runs.map(of))];
  return [
    { name: 'arm', names: names(({ arm }) => arm), of: ({ arm }) => arm, text: String },
    {
      name: 'seed',
      names: names(({ seed }) => String(seed)).sort((a, b) => Number(a) - Number(b)),
      of: ({ seed }) => String(seed),
      text: String,
    },
  ];
}

function resultAxes({ statistics, smallest }: Comparison, runs: readonly RunResult[], split: Split): Axis[] {
  const from = sparsityPercent(statistics.from);
  const unit = flopUnit(Math.max(1, ...runs.map(({ trainingFlops }) => trainingFlops)));
  return [
    ...metrics.map((metric): Axis => {
      const { name, unit: words, digits } = metricStyle[metric];
      return {
        name: `${split} ${name},${words}\nmean from ${from}`,
        names: null,
        of: (run) => run.average(metric, split),
        text: (value) => fixed(value, digits),
      };
    }),
    {
      name: `smallest within ${smallest.within}\nsparsity, %`,
      names: null,
      of: (run) => (run.smallest ? 100 * run.smallest.sparsity : null),
      text: (value) => fixed(value, 1),
    },
    {
      name: `training\n${unit.name}`,
      names: null,
      of: (run) => run.trainingFlops / unit.size,
      text: (value) => String(Number(value.toPrecision(3))),
    },
  ];
}

/** Runs as lines across axes. Series are arms, as in the other pictures. */
export function parallelOption(
  comparison: Comparison,
  palette: Palette,
  { runs, axes, hidden }: { runs: readonly RunResult[]; axes: readonly Axis[]; hidden: ReadonlySet<string> },
): Option {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily, color: palette.text },
    parallel: {
      left: 60,
      right: 90,
      top: 52,
      bottom: 22,
      parallelAxisDefault: { nameLocation: 'start', nameGap: 14 },
    },
    parallelAxis: axes.map((axis, dim) => axisOption(axis, dim, runs, palette)),
    tooltip: {
      ...tooltipFrame,
      trigger: 'item',
      formatter: ({ data }: { readonly data?: { readonly result?: RunResult } }) =>
        data?.result ? runTip(data.result, axes) : '',
    },
    series: comparison.arms.flatMap((arm, index) => {
      const own = runs.filter((run) => run.index === index);
      if (own.length === 0 || hidden.has(arm.arm)) return [];
      return [
        {
          id: `runs:${index}`,
          name: arm.arm,
          type: 'parallel',
          data: own.map((result) => ({
            // ECharts' word for nothing there.
            value: axes.map((axis) => axis.of(result) ?? '-'),
            result,
          })),
          lineStyle: { color: palette.arms[index], width: 1.5, opacity: 0.7 },
          inactiveOpacity: 0.06,
          activeOpacity: 0.95,
          emphasis: { lineStyle: { width: 3, opacity: 1 } },
        },
      ];
    }),
  };
}

function axisOption(axis: Axis, dim: number, runs: readonly RunResult[], palette: Palette): Option {
  const values = runs.map(axis.of).filter((value): value is number => typeof value === 'number');
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.06 * (high - low);
  return {
    dim,
    name: axis.name,
    nameLocation: 'end',
    nameGap: 12,
    nameTextStyle: { color: palette.quiet, fontSize: 11, lineHeight: 14 },
    axisLine: { lineStyle: { color: palette.line, width: 1 } },
    axisTick: { lineStyle: { color: palette.line } },
    axisLabel: {
      color: palette.text,
      fontSize: 11,
      textBorderColor: palette.background,
      textBorderWidth: 3,
      ...(axis.names
        ? {}
        : { formatter: (value: number) => axis.text(value), showMinLabel: false, showMaxLabel: false }),
    },
    areaSelectStyle: {
      width: 16,
      borderWidth: 1,
      borderColor: palette.quiet,
      color: palette.quiet,
      opacity: 0.18,
    },
    ...(axis.names
      ? { type: 'category', data: axis.names, boundaryGap: true }
      : { type: 'value', min: low - margin, max: high + margin, scale: true, splitNumber: 4 }),
  };
}

function runTip(result: RunResult, axes: readonly Axis[]): HTMLElement {
  return tip(
    result.run,
    axes.map((axis) => {
      const value = axis.of(result);
      return {
        label: axis.name.replace('\n', ', '),
        value: value === null ? '–' : typeof value === 'number' ? axis.text(value) : value,
      };
    }),
  );
}
