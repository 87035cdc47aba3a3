import type { Comparison } from '../contract/compare.ts';
import { comparisonPicture, type PictureOptions } from './picture.ts';

export interface SvgOptions extends PictureOptions {
  /** In CSS pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** The comparison as a picture. */
export async function comparisonSvg(comparison: Comparison, options: SvgOptions = {}): Promise<string> {
  return await optionSvg(comparisonPicture(comparison, options), options);
}

/** An ECharts option as a picture. ECharts is large and only loaded here. */
export async function optionSvg(
  option: Readonly<Record<string, unknown>>,
  { width = 880, height = 480 }: Pick<SvgOptions, 'width' | 'height'> = {},
): Promise<string> {
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(option);
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}
