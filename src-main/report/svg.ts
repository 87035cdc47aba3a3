import type { Comparison } from '../contract/compare.ts';
import { comparisonPicture, type PictureOptions } from './picture.ts';

export interface SvgOptions extends PictureOptions {
  /** In CSS pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** The comparison as a picture. ECharts is large and only loaded here. */
export async function comparisonSvg(comparison: Comparison, options: SvgOptions = {}): Promise<string> {
  const { width = 880, height = 480 } = options;
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(comparisonPicture(comparison, options));
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}
