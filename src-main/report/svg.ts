import type { Comparison } from '../contract/compare.ts';
import { bandWords } from './bands.ts';
import { axisDigits } from './axes.ts';
import { against, comparisonChart, fontFamily, particlesChart, type ChartChoice } from './charts.ts';
import { fixed } from './format.ts';
import { paletteOf, type Theme } from './palette.ts';
import { denominatorSentence, metricStyle } from './select.ts';

export interface SvgOptions extends ChartChoice {
  readonly theme?: Theme;
  /** In CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Draw this arm's particles, average and ensemble instead of all arms. */
  readonly particlesOf?: string;
  /** `false` leaves out title and caption. */
  readonly title?: boolean;
}

/** The comparison as a picture. ECharts is large and only loaded here. */
export async function comparisonSvg(comparison: Comparison, options: SvgOptions = {}): Promise<string> {
  const {
    theme = 'light',
    width = 880,
    height = 480,
    title = true,
    particlesOf,
    metric = 'accuracy',
  } = options;
  const palette = paletteOf(comparison, theme);
  const option =
    particlesOf === undefined
      ? comparisonChart(comparison, palette, options)
      : particlesChart(comparison, particlesOf, palette, options);
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    const name = metricStyle[metric].name;
    const digits = axisDigits(option.yAxis.interval);
    const axisLabel = { ...option.yAxis.axisLabel, formatter: (value: number) => fixed(value, digits) };
    const what = particlesOf === undefined ? name : `${name} of ${particlesOf}`;
    chart.setOption({
      ...option,
      yAxis: { ...option.yAxis, axisLabel },
      backgroundColor: palette.background,
      ...(title
        ? {
            grid: { ...option.grid, top: 84, left: 64, right: option.grid.right + 12, bottom: 56 },
            title: {
              left: 20,
              top: 14,
              itemGap: 5,
              text: `${comparison.dataset} · ${comparison.model}: ${what} ${against[options.x ?? 'remaining']}`,
              subtext: `${denominatorSentence(comparison)}${` ${bandWords(comparison, options.band ?? 'deviation')}`.trimEnd()}`,
              textStyle: { color: palette.text, fontSize: 15, fontWeight: 600, fontFamily },
              subtextStyle: { color: palette.quiet, fontSize: 12, fontFamily },
            },
          }
        : {}),
    });
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}
