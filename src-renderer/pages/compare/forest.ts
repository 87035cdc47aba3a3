import type { Comparison, Spread } from '../../../src-main/contract/compare.ts';
import { fontFamily } from '../../../src-main/report/charts.ts';
import type { Palette } from '../../../src-main/report/palette.ts';
import { metricStyle } from '../../../src-main/report/select.ts';
import { comparedThings, confidenceText, signed } from '../../../src-main/report/statistics.ts';
import type { Option } from '../../charts/echarts.ts';
import { tip, tooltipFrame } from '../../charts/tooltip.ts';
import type { View } from './tips.ts';

/** A row of the forest: a difference averaged over rounds. */
interface Row {
  readonly name: string;
  readonly arm: string;
  readonly colour: string;
  readonly spread: Spread;
  readonly seeds: readonly { readonly seed: number; readonly value: number }[];
}

function rowsOf(comparison: Comparison, palette: Palette, { metric, split }: View): Row[] {
  const { factor } = metricStyle[metric];
  return comparedThings(comparison).flatMap(({ name, arm, differences: { average } }) => {
    const spread = average?.[split];
    if (!average || !spread) return [];
    const index = comparison.arms.findIndex((each) => each.arm === arm);
    const seeds = average.seeds.flatMap((each) => {
      const found = each[split];
      return found ? [{ seed: each.seed, value: factor * found[metric] }] : [];
    });
    return [{ name, arm, colour: palette.arms[index] ?? palette.text, spread, seeds }];
  });
}

/** Pixels that the picture needs for its rows. */
export function forestHeight(comparison: Comparison, view: View): number {
  const rows = comparedThings(comparison).filter(({ differences }) => differences.average?.[view.split]);
  return 64 + 26 * Math.max(1, rows.length);
}

/** Differences averaged over rounds: mean, interval, and each seed as a faint dot. `null` where there are none. */
export function forestOption(comparison: Comparison, palette: Palette, view: View): Option | null {
  const rows = rowsOf(comparison, palette, view);
  if (rows.length === 0) return null;
  const { metric } = view;
  const { factor, better } = metricStyle[metric];
  const longest = Math.max(...rows.map(({ name }) => name.length));
  const unit = metric === 'nll' ? 'nats' : 'points';
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily, color: palette.text },
    grid: { left: Math.min(340, 16 + 6.9 * longest), right: 24, top: 8, bottom: 44, outerBoundsMode: 'none' },
    xAxis: {
      type: 'value',
      name: `Difference of ${metricStyle[metric].name}, ${unit} (${better} is better)`,
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: palette.quiet, fontSize: 12 },
      axisLine: { show: true, lineStyle: { color: palette.line } },
      axisLabel: { color: palette.quiet, fontSize: 11 },
      splitLine: { lineStyle: { color: palette.line } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map(({ name }) => name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: palette.text, fontSize: 12, interval: 0, width: 332, overflow: 'truncate' },
    },
    tooltip: {
      ...tooltipFrame,
      trigger: 'axis',
      axisPointer: { type: 'none' },
      formatter: (given: readonly { readonly dataIndex: number }[]) => {
        const row = rows[given[0]?.dataIndex ?? -1];
        return row ? rowTip(comparison, row, view) : '';
      },
    },
    series: [
      {
        id: 'zero',
        type: 'line',
        silent: true,
        symbol: 'none',
        data: rows.map((_, index) => [0, index]),
        lineStyle: { color: palette.quiet, width: 1 },
        tooltip: { show: false },
        // Over the whole height, also of a single row.
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          label: { show: false },
          lineStyle: { color: palette.quiet, type: 'solid', width: 1 },
          data: [{ xAxis: 0 }],
        },
        z: 1,
      },
      {
        id: 'interval',
        name: `${confidenceText(comparison)} interval`,
        type: 'custom',
        silent: true,
        data: rows.map(({ spread: { interval } }, index) => [
          factor * (interval?.low[metric] ?? NaN),
          factor * (interval?.high[metric] ?? NaN),
          index,
        ]),
        encode: { x: [0, 1], y: 2 },
        renderItem: (_: unknown, api: CustomApi) => whisker(api, rows),
        z: 3,
      },
      {
        id: 'seeds',
        name: 'seeds',
        type: 'scatter',
        silent: true,
        symbol: 'circle',
        symbolSize: 5,
        data: rows.flatMap(({ seeds, colour }, index) =>
          seeds.length < 2
            ? []
            : seeds.map(({ value }) => ({
                value: [value, index],
                itemStyle: { color: colour, opacity: 0.35 },
              })),
        ),
        z: 2,
      },
      {
        id: 'mean',
        name: 'mean',
        type: 'scatter',
        symbol: 'rect',
        symbolSize: 9,
        data: rows.map(({ spread, colour }, index) => ({
          value: [factor * spread.mean[metric], index],
          itemStyle: { color: colour },
        })),
        z: 4,
      },
    ],
  };
}

/** What ECharts gives a series that draws itself. */
interface CustomApi {
  value(dimension: number): number;
  coord(data: readonly number[]): number[];
}

/** A line with short ends. */
function whisker(api: CustomApi, rows: readonly Row[]): unknown {
  const index = api.value(2);
  const [low, high] = [api.coord([api.value(0), index]), api.coord([api.value(1), index])];
  const [x1 = NaN, y = NaN] = low;
  const [x2 = NaN] = high;
  if (![x1, x2, y].every(Number.isFinite)) return null;
  const style = { stroke: rows[index]?.colour ?? 'currentColor', lineWidth: 1.5 };
  const line = (shape: object): object => ({ type: 'line', shape, style });
  return {
    type: 'group',
    children: [
      line({ x1, y1: y, x2, y2: y }),
      line({ x1, y1: y - 4, x2: x1, y2: y + 4 }),
      line({ x1: x2, y1: y - 4, x2, y2: y + 4 }),
    ],
  };
}

function rowTip(comparison: Comparison, { name, spread, seeds }: Row, { metric }: View): HTMLElement {
  const { factor } = metricStyle[metric];
  const { mean, interval } = spread;
  return tip(
    name,
    [
      { label: 'Mean', value: signed(mean[metric], metric), strong: true },
      ...(interval
        ? [
            {
              label: `${confidenceText(comparison)} interval`,
              value: `${signed(interval.low[metric], metric)} to ${signed(interval.high[metric], metric)}`,
            },
          ]
        : []),
      ...seeds.map(({ seed, value }) => ({ label: `Seed ${seed}`, value: signed(value / factor, metric) })),
    ],
    interval ? '' : 'One seed: there is no interval.',
  );
}
