import type { Comparison } from '../../../src-main/contract/compare.ts';
import {
  comparisonChart,
  dressed,
  particlesChart,
  type ChartChoice,
  type ChartOption,
} from '../../../src-main/report/charts.ts';
import type { Palette } from '../../../src-main/report/palette.ts';
import { tooltipFrame } from '../../charts/tooltip.ts';
import type { Option } from '../../charts/echarts.ts';
import { pointOf, roundTip } from './tips.ts';

/** What of a comparison is drawn, every choice made. */
export interface Drawn extends Required<Omit<ChartChoice, 'hidden'>> {
  readonly hidden: ReadonlySet<string>;
  /** Arms that stand back, because others were chosen among the runs. */
  readonly faded: ReadonlySet<string>;
}

interface Hovered {
  readonly seriesId?: string;
  readonly dataIndex: number;
}

/** Every arm, as a report draws it, with what the pointer is told. */
export function mainOption(comparison: Comparison, palette: Palette, drawn: Drawn): Option {
  const option = dressed(comparisonChart(comparison, palette, drawn), drawn.x);
  return interactive(comparison, palette, drawn, option, drawn.x !== 'remaining');
}

/** The average of an arm against its particles. */
export function particlesOption(comparison: Comparison, arm: string, palette: Palette, drawn: Drawn): Option {
  const option = dressed(particlesChart(comparison, arm, palette, drawn));
  return interactive(comparison, palette, { ...drawn, faded: new Set() }, option, true);
}

function interactive(
  comparison: Comparison,
  palette: Palette,
  drawn: Drawn,
  option: ChartOption,
  /** What is told is told of one arm. */
  only: boolean,
): Option {
  const { metric, split, hidden, x } = drawn;
  return {
    ...option,
    tooltip: {
      ...tooltipFrame,
      trigger: x === 'remaining' ? 'axis' : 'item',
      axisPointer: { type: 'line', lineStyle: { color: palette.quiet, width: 1, type: [2, 3] } },
      formatter: (given: Hovered | readonly Hovered[]) => {
        const all = Array.isArray(given) ? (given as readonly Hovered[]) : [given as Hovered];
        for (const { seriesId = '', dataIndex } of all) {
          const at = pointOf(seriesId, dataIndex);
          const words =
            at && roundTip(comparison, { view: { metric, split }, palette, hidden }, { ...at, only });
          if (words) return words;
        }
        return '';
      },
    },
    series: option.series.map((series) => lively(series, drawn.faded)),
  };
}

/** A line that stands out under the pointer while the others stand back. */
function lively(series: Option, faded: ReadonlySet<string>): Option {
  const [kind] = String(series['id']).split(':');
  const away = faded.has(String(series['name'])) && kind !== 'dense';
  const style = (name: string): object => series[name] ?? {};
  switch (kind) {
    case 'line':
      return {
        ...series,
        triggerLineEvent: true,
        emphasis: { focus: 'series', scale: 1.3, lineStyle: { width: 3 } },
        blur: { lineStyle: { opacity: 0.25 }, itemStyle: { opacity: 0.25 }, endLabel: { opacity: 0.4 } },
        ...(away
          ? {
              lineStyle: { ...style('lineStyle'), opacity: 0.15 },
              itemStyle: { ...style('itemStyle'), opacity: 0.15 },
              endLabel: { ...style('endLabel'), opacity: 0.3 },
            }
          : {}),
      };
    case 'band':
      return {
        ...series,
        blur: { areaStyle: { opacity: 0.04 } },
        ...(away ? { areaStyle: { ...style('areaStyle'), opacity: 0.03 } } : {}),
      };
    default:
      return series;
  }
}
