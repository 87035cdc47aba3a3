import { fontFamily } from '../../src-main/report/charts.ts';
import type { Palette } from '../../src-main/report/palette.ts';
import type { Option } from './echarts.ts';
import { tip, tooltipFrame } from './tooltip.ts';

/** A line of a chart that knows no comparison: a training curve, throughput. */
export interface Line {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  readonly x: readonly number[];
  /** `null` where there is no finite value. */
  readonly y: readonly (number | null)[];
  readonly dash?: 'solid' | 'dashed' | 'dotted';
  readonly width?: number;
  readonly opacity?: number;
  /** Name at the end of the line. Default: yes. */
  readonly named?: boolean;
}

export interface LinesChoice {
  readonly palette: Palette;
  readonly lines: readonly Line[];
  readonly xName: string;
  readonly yName: string;
  readonly yScale?: 'linear' | 'log';
  /** Range of the vertical axis; default: what the values need. */
  readonly yMin?: number;
  readonly yMax?: number;
  /** Range of the horizontal axis: a chart that fills up keeps its width. */
  readonly xMax?: number;
  readonly xFormat?: (value: number) => string;
  readonly yFormat?: (value: number) => string;
}

/** Text that a value is read by, without knowing its axis: five significant digits. */
function readable(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(5))) : '–';
}

interface Hovered {
  readonly seriesName: string;
  readonly color: unknown;
  readonly value: readonly [number, number | null];
}

/** Lines over a common horizontal axis, named at their ends, all of them told under the pointer. */
export function linesOption(choice: LinesChoice): Option {
  const { palette, lines, xFormat = readable, yFormat = readable, yScale = 'linear' } = choice;
  const longest = Math.max(0, ...lines.filter((line) => line.named !== false).map(({ name }) => name.length));
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily, color: palette.text },
    legend: { show: false },
    grid: {
      left: 52,
      right: longest === 0 ? 16 : Math.min(240, Math.max(56, 22 + 7.2 * longest)),
      top: 30,
      bottom: 42,
      outerBoundsMode: 'none',
    },
    xAxis: {
      type: 'value',
      name: choice.xName,
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: palette.quiet, fontSize: 12 },
      min: 'dataMin',
      max: choice.xMax ?? 'dataMax',
      axisLine: { show: true, onZero: false, lineStyle: { color: palette.line } },
      axisTick: { length: 4, lineStyle: { color: palette.line } },
      axisLabel: { color: palette.quiet, fontSize: 11, hideOverlap: true, formatter: xFormat },
      splitLine: { show: false },
    },
    yAxis: {
      ...(yScale === 'log' ? { type: 'log', logBase: logBaseOf(lines) } : { type: 'value' }),
      name: choice.yName,
      nameLocation: 'end',
      nameGap: 12,
      nameTextStyle: { color: palette.quiet, fontSize: 12, align: 'left', padding: [0, 0, 0, -44] },
      scale: true,
      ...(choice.yMin === undefined ? {} : { min: choice.yMin }),
      ...(choice.yMax === undefined ? {} : { max: choice.yMax }),
      axisLine: { show: false, onZero: false },
      axisTick: { show: false },
      axisLabel: { color: palette.quiet, fontSize: 11, hideOverlap: true, formatter: yFormat },
      splitLine: { lineStyle: { color: palette.line, width: 1 } },
      splitNumber: 5,
    },
    tooltip: {
      ...tooltipFrame,
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: palette.quiet, width: 1, type: [2, 3] } },
      formatter: (hovered: readonly Hovered[]) =>
        tip(
          `${choice.xName} ${xFormat(hovered[0]?.value[0] ?? 0)}`,
          hovered.slice(0, 24).map(({ seriesName, color, value: [, y] }) => ({
            label: seriesName,
            value: y === null ? '–' : yFormat(y),
            colour: String(color),
          })),
        ),
    },
    series: lines.map((line) => lineOf(line, palette)),
  };
}

/** The axis ends at powers of this: of ten, values of one decade would be a flat line in the middle of two. */
function logBaseOf(lines: readonly Line[]): number {
  let least = Infinity;
  let most = 0;
  for (const { y } of lines)
    for (const value of y)
      if (value !== null && value > 0) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
  return most / least < 64 ? 2 : 10;
}

function lineOf(line: Line, palette: Palette): Option {
  const { id, name, colour, x, y, dash = 'solid', width = 1.5, opacity = 1, named = true } = line;
  return {
    id,
    name,
    type: 'line',
    data: x.map((at, index) => [at, y[index] ?? null]),
    symbol: 'circle',
    symbolSize: 5,
    showSymbol: x.length === 1,
    lineStyle: { width, type: dash, color: colour, opacity },
    itemStyle: { color: colour, opacity },
    emphasis: { focus: 'series', lineStyle: { width: width + 1, opacity: 1 } },
    blur: { lineStyle: { opacity: 0.2 * opacity } },
    endLabel: {
      show: named,
      distance: 8,
      formatter: '{a}',
      color: colour,
      fontSize: 12,
      fontWeight: 600,
      textBorderColor: palette.background,
      textBorderWidth: 3,
    },
    labelLayout: { moveOverlap: 'shiftY' },
  };
}
