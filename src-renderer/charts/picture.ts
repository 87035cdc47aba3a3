import type { Option } from './echarts.ts';
import { echarts } from './echarts.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Dots a CSS pixel of a PNG: 880 pixels wide it is sharp over a column of a paper. */
const PNG_RATIO = 3;

/** A chart as an SVG document. */
export async function svgPicture(option: Option, { width, height }: Size): Promise<string> {
  await import('./svg-renderer.ts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ ...option, animation: false });
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}

export async function pngPicture(option: Option, { width, height }: Size): Promise<Blob> {
  const chart = echarts.init(document.createElement('div'), null, {
    renderer: 'canvas',
    devicePixelRatio: PNG_RATIO,
    width,
    height,
  });
  try {
    chart.setOption({ ...option, animation: false });
    const canvas = chart.renderToCanvas({ pixelRatio: PNG_RATIO });
    return await new Promise((resolve, reject) =>
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be drawn.'))),
        'image/png',
      ),
    );
  } finally {
    chart.dispose();
  }
}
